"""The web store's files: one downloaded twice, a broken row, a history of points."""

import csv

from joren.ingest.formats.futureshop import ORDER_HEADERS


def _rows(client, name: str, encoding: str = "cp932") -> list[dict[str, str]]:
    text = (client.folder / "web" / name).read_bytes().decode(encoding)
    return list(csv.DictReader(text.splitlines()))


def test_a_row_is_a_line_and_repeats_the_order(client):
    rows = _rows(client, "orders-2025.csv")
    assert list(rows[0]) == list(ORDER_HEADERS)
    orders: dict[str, list[dict[str, str]]] = {}
    for row in rows[:-1]:
        orders.setdefault(row["受注コード"], []).append(row)
    for lines in orders.values():
        assert len({line["請求合計金額"] for line in lines}) == 1
        goods = sum(int(line["販売単価"]) * int(line["購入数量"]) for line in lines)
        assert goods == int(lines[0]["商品合計金額"])
    assert max(len(lines) for lines in orders.values()) > 1


def test_the_last_file_was_downloaded_twice(client):
    web = client.folder / "web"
    assert (web / "orders-2026.csv").read_bytes() == (web / "orders-2026 (1).csv").read_bytes()


def test_the_broken_row_names_no_member_and_no_quantity(client):
    row = _rows(client, "orders-2025.csv")[-1]
    assert row["注文日時"] == "2026/02/30 11:05:00"
    assert row["購入数量"] == "#REF!" and row["会員ID"] == ""


def test_the_point_history_speaks_the_stores_words(client):
    rows = _rows(client, "points.csv")
    assert {row["区分"] for row in rows} <= {"付与", "利用", "失効", "取消", "調整", "移行"}
    assert all(row["有効期限"] == "" or len(row["有効期限"]) == 10 for row in rows)
    assert all(row["元履歴番号"] for row in rows if row["区分"] == "取消")


def test_members_keep_what_cp932_cannot_write(client):
    members = (client.folder / "web" / "members.csv").read_bytes()
    assert members.startswith(b"\xef\xbb\xbf")
    assert "\U000e0100" in members.decode("utf-8-sig")
