"""Whole sources of cart exports, as a client's parameters name them."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from joren import ingest
from joren.engine import connect
from joren.errors import InputError
from joren.ingest.inputs import table_inputs
from joren.params import Params

HEADER = (
    "Name,Email,Financial Status,Created at,Subtotal,Shipping,Total,Discount Amount,"
    "Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Cancelled at,Billing Name,"
    "Billing Phone\n"
)


def _order(name: str, contact: str = "a@example.jp,090-1111-0001", at: str = "2026-03-01") -> str:
    mail, phone = contact.split(",")
    cells = "100,0,100,0,1,せっけん,100,S-1,,佐藤 花子"
    return f"{name},{mail},paid,{at} 09:00:00 +0900,{cells},{phone}\n"


def _shop(**entries) -> dict:
    return {"shop": {"format": "shopify", "orders": "o*.csv"} | entries}


def test_guests_with_the_same_contact_are_one_from_their_earliest_order(read, rows):
    text = (
        HEADER + _order("#3", at="2026-03-03") + _order("#1") + _order("#2")
        + _order("#4", "b@example.jp,000-0000-0000") + _order("#5", "B@EXAMPLE.jp,")
        + _order("#6", at="2026-02-01").replace("佐藤 花子", "佐藤　花子").replace("a@", "A@")
    )  # fmt: skip
    found = read({"o.csv": text}, _shop())
    orders = {row["order_id"]: row["source_id"] for row in rows(found.tables["orders"])}
    assert orders == dict.fromkeys(("#1", "#2", "#3", "#6"), "guest:#6") | dict.fromkeys(
        ("#4", "#5"), "guest:#4"
    )
    assert [row["source_id"] for row in rows(found.tables["customers"])] == ["guest:#4", "guest:#6"]


def test_a_later_file_with_fewer_lines_supersedes_the_earlier_one(read, rows):
    second = ",,,,,,,,2,タオル,50,S-2,,,\n"
    first = HEADER + _order("#1") + "#1" + second + _order("#2")
    found = read({"o1.csv": first, "o2.csv": HEADER + _order("#1")}, _shop())
    lines = rows(found.tables["order_lines"])
    assert [(row["order_id"], row["line_no"], row["product_id"]) for row in lines] == [
        ("#1", 1, "S-1"), ("#2", 1, "S-1"),
    ]  # fmt: skip
    by_file = {(r["table_name"], r["file"]): r for r in rows(found.coverage)}
    assert by_file["orders", "o1.csv"]["rows_read"] == 3
    assert by_file["orders", "o1.csv"]["rows_folded"] == 1
    assert by_file["orders", "o1.csv"]["rows_duplicate"] == 1
    assert by_file["order_lines", "o1.csv"]["rows_duplicate"] == 2


def test_the_clients_columns_words_and_left_out_tables_come_before_the_formats(read, rows):
    text = HEADER.replace("\n", ",本当の合計\n") + _order("#1").replace("paid", "保留").replace(
        "\n", ",77\n"
    )
    entry = {"path": "o.csv", "columns": {"amount": "本当の合計"}, "status": {"保留": "pending"}}
    found = read({"o.csv": text}, _shop(orders=entry, without=["order_lines"]))
    (order,) = rows(found.tables["orders"])
    assert (order["amount"], order["status"]) == (77, "pending")
    assert found.tables["order_lines"].count().execute() == 0


def test_members_mapped_by_hand_stand_beside_the_carts_orders(read, rows):
    files = {"o.csv": HEADER + _order("#1"), "m.csv": "会員番号,氏名\nM1,佐藤 花子\n"}
    members = {"path": "m.csv", "columns": {"source_id": "会員番号", "full_name": "氏名"}}
    found = read(files, _shop(customers=members))
    assert [row["source_id"] for row in rows(found.tables["customers"])] == ["M1", "guest:#1"]


def test_words_of_any_fixed_list_may_be_the_clients(read, rows):
    text = "entry_id,source_id,occurred_at,kind,points\n1,C,2026-01-01,付与,5\n"
    points = {"path": "p.csv", "words": {"kind": {"付与": "grant"}}}
    source = {"pos": {"format": "csv", "point_entries": points, "customers": "c.csv"}}
    found = read({"p.csv": text, "c.csv": "source_id\nC\n"}, source)
    assert [row["kind"] for row in rows(found.tables["point_entries"])] == ["grant"]


@pytest.mark.parametrize(
    ("files", "sources", "message"),
    [
        ({"o.csv": "a,b\n1,2\n"}, _shop(), r"this is no export of Shopify.*joren new CLIENT"),
        (
            {"o.csv": HEADER + _order("#1")},
            {"shop": {"format": "shopify", "subscriptions": "o.csv", "orders": "o.csv"}},
            "which holds no subscriptions",
        ),
        (
            {"o.csv": HEADER + _order("#1")},
            _shop(orders={"path": "o.csv", "columns": {"amount": "Totel"}}),
            "The nearest header is 'Total'",
        ),
        ({"o.csv": HEADER}, {"shop": {"format": "shopify", "path": "."}}, "names its files"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_remedy(tmp_path, params, files, sources, message):
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(Exception, match=f"(?s){message}"):
        ingest.check_headers(params(sources), tmp_path)


def test_card_numbers_are_refused_even_in_columns_nobody_reads(read):
    numbers = ["4111111111111111", "5500005555555559", "4012888888881881"]
    text = HEADER.replace("\n", ",クレジットカード番号\n")
    rows = [_order(f"#{n}").replace("\n", f",{card}\n") for n, card in enumerate(numbers)]
    with pytest.raises(InputError, match="'クレジットカード番号' looks like payment-card numbers"):
        read({"o.csv": text + "".join(rows)}, _shop())
    masked = [row.replace(row[-17:-5], "************") for row in rows]
    assert read({"o.csv": text + "".join(masked)}, _shop()).tables["orders"].count().execute() == 3


def test_the_report_names_format_headers_totals_gaps_and_filler_phones(read):
    text = HEADER.replace("\n", ",備考\n") + "".join(
        _order(f"#{n}-{k}", f"m{n}@example.jp,000-0000-0000", f"2026-03-{n:02}").replace(
            "\n", ",x\n"
        )
        for n in (*range(1, 12), 28)
        for k in range(1, 4)
    )
    found = read({"o.csv": text.replace("100,S-1", "90,S-1", 1)}, _shop())
    report = ingest.coverage_report(found, "en")
    assert [one.unknown for one in found.sightings] == [("備考",)]
    assert "not recognised  備考" in report
    (lines,) = [one for one in found.compared_totals if one.check == "lines"]
    assert (lines.orders, lines.failing) == (36, 1)
    assert "shop    #1-1" in report
    assert "2026-03-12  2026-03-27    16" in report
    assert "shop              12       12" in report


def test_sources_look_cheap_before_a_run(tmp_path, params):
    (tmp_path / "o.csv").write_text(HEADER)
    (entry,) = table_inputs(params(_shop(orders="o.csv")), tmp_path)
    assert (entry.cart, entry.table) == ("shopify", "orders")


BASE = (
    HEADER + "".join(_order(f"#{n}") + f"#{n},,,,,,,,1,髙橋,5,S,,,\n" for n in range(4))
).encode()


@pytest.fixture(scope="module")
def engine():
    return connect()


@settings(max_examples=10, deadline=None)
@given(
    damage=st.lists(
        st.tuples(st.integers(0, len(BASE)), st.binary(max_size=3), st.integers(0, 3)),
        min_size=1,
        max_size=5,
    ),
    end=st.integers(0, len(BASE)),
)
def test_any_damage_is_quarantine_or_a_clear_refusal_and_counts_reconcile(engine, damage, end):
    content = bytearray(BASE)
    for place, inserted, removed in damage:
        content[place : place + removed] = inserted
    if end < len(BASE) // 8:
        del content[-end:]
    made = Params(client="t", title={"ja": "t", "en": "t"}, sources=_shop())
    with TemporaryDirectory() as folder:
        (Path(folder) / "o.csv").write_bytes(content)
        try:
            ingest.check_headers(made, Path(folder))
            ingested = ingest.read_sources(engine, made, Path(folder))
        except InputError:
            return
    coverage = ingested.coverage
    accepted = sum(table.count().execute() for table in ingested.tables.values())
    assert coverage.rows_in.sum().execute() == accepted + ingested.quarantine.count().execute()
    ingest.coverage_report(ingested, "ja")
