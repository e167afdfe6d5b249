from __future__ import annotations


def test_personal_cells_show_their_shape_only(read, rows):
    text = "source_id,full_name,phone,email,address,birth_date\n"
    text += "M-001,山田 Taro,090-1234-5678,taro@example.com,東京都港区1-2-3,1980/02/30\n"
    (row,) = rows(read({"customers.csv": text}).quarantine)

    assert row["reason"] == "unreadable:birth_date"
    assert row["raw"] == (
        "source_id=a-999 | full_name=ああ aaaa | phone=999-9999-9999 | "
        "email=aaaa@aaaaaaa.aaa | address=あああああ9-9-9 | birth_date=9999/99/99"
    )


def test_dates_amounts_and_order_ids_stay_readable(read, rows):
    text = 'order_id,source_id,ordered_at,amount,store\nA-1,C1,2026/02/30,"1,234円",新宿店\n'
    (row,) = rows(read({"orders.csv": text}).quarantine)
    assert row["raw"] == (
        "order_id=A-1 | source_id=a9 | ordered_at=2026/02/30 | amount=1,234円 | store=あああ"
    )
    assert (row["file"], row["row_number"]) == ("orders.csv", 2)


def test_a_name_that_slipped_into_the_amount_is_masked(read, rows):
    text = "order_id,source_id,ordered_at,amount\nA,C,2026-02-03,山田太郎\n"
    (row,) = rows(read({"orders.csv": text}).quarantine)
    assert "amount=ああああ" in row["raw"]


def test_a_line_that_is_no_row_shows_its_shape(read, rows):
    text = "order_id,source_id,ordered_at,amount\nA,山田 090-1234\n"
    (row,) = rows(read({"orders.csv": text}).quarantine)
    assert row["raw"] == "a,ああ 999-9999"


def test_lines_of_two_folders_with_one_source_column_keep_apart(read, rows):
    text = "source,order_id,source_id,ordered_at,amount\npos,A,C,2026-02-30,1\n"
    sources = {n: {"format": "tables", "path": n} for n in ("a", "b")}
    ingested = read(
        {"a/orders.csv": text, "b/orders.csv": text + "pos,B,C,2026-02-30,1\n"}, sources
    )
    found = [(r["source"], r["file"], r["row_number"]) for r in rows(ingested.quarantine)]
    assert found == [
        ("pos", "a/orders.csv", 2), ("pos", "b/orders.csv", 2), ("pos", "b/orders.csv", 3),
    ]  # fmt: skip
