"""The mall's downloads: overlapping, phones in three cells, coupons apart."""

import csv

from joren.simulate.exports.mall import OVERLAP_DAYS


def _rows(client, month: str) -> list[dict[str, str]]:
    text = (client.folder / "mall" / f"rakuten-{month}.csv").read_bytes().decode("cp932")
    return list(csv.DictReader(text.splitlines()))


def test_a_download_reaches_back_into_the_month_before(client):
    assert OVERLAP_DAYS == 2
    overlap = 0
    for before, month in (("2025-04", "2025-05"), ("2025-07", "2025-08"), ("2025-10", "2025-11")):
        early = [
            row for row in _rows(client, month) if row["注文日"] < f"{month}-01".replace("-", "/")
        ]
        known = {row["注文番号"] for row in _rows(client, before)}
        assert {row["注文番号"] for row in early} <= known
        overlap += len(early)
    assert overlap > 0


def test_what_is_billed_is_what_is_left_to_pay(client):
    for row in _rows(client, "2025-11"):
        figures = {name: int(row[name]) for name in (
            "請求金額", "商品合計金額", "送料合計", "代引料合計", "ポイント利用額",
            "店舗発行クーポン利用額", "楽天発行クーポン利用額", "クーポン利用総額",
        )}  # fmt: skip
        coupons = figures["店舗発行クーポン利用額"] + figures["楽天発行クーポン利用額"]
        assert figures["クーポン利用総額"] == coupons
        assert figures["請求金額"] == (
            figures["商品合計金額"] + figures["送料合計"] + figures["代引料合計"] - coupons
            - figures["ポイント利用額"]
        )  # fmt: skip
        assert figures["請求金額"] >= 0


def test_phones_and_postal_codes_are_split(client):
    row = _rows(client, "2025-11")[0]
    assert [len(row[f"注文者電話番号{n}"]) for n in (1, 2, 3)] == [3, 4, 4]
    assert [len(row[f"注文者郵便番号{n}"]) for n in (1, 2)] == [3, 4]
