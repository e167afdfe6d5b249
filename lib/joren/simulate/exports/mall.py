"""The shop in the mall: 楽天 order downloads, one a month, each reaching back some days."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from joren.ingest.formats.rakuten import FORMAT
from joren.simulate.exports.files import (
    Sheet,
    Written,
    calendar_months,
    moment,
    text_or_none,
    write_sheet,
)
from joren.simulate.spool import Spool

OVERLAP_DAYS = 2  # of each download with the one before
_HEADERS = next(kind.headers for kind in FORMAT.kinds if kind.name == "orders")
# the mall knows no returned orders: goods that come back end as a cancellation
_STATUS = "CASE status WHEN 'valid' THEN 700 WHEN 'pending' THEN 100 ELSE 900 END"


def _part(text: str, number: int) -> str:
    return text_or_none(f"split_part({text}, '-', {number})")


_BUYER = {
    "郵便番号1": _part("postal_code", 1), "郵便番号2": _part("postal_code", 2),
    "住所都道府県": "prefecture", "住所郡市区": "city", "住所それ以降の住所": "street",
    "姓": "family_name", "名": "given_name", "姓カナ": "family_kana", "名カナ": "given_kana",
    **{f"電話番号{n}": _part("phone", n) for n in (1, 2, 3)},
}  # fmt: skip
_CELLS = {
    "注文番号": "order_id",
    "ステータス": _STATUS,
    "注文日時": moment("ordered_at"),
    "注文日": moment("ordered_at", "%Y/%m/%d"),
    "注文時間": moment("ordered_at", "%H:%M:%S"),
    "支払方法名": "'クレジットカード'",
    "複数送付先フラグ": "0",
    "送付先一致フラグ": "1",
    "楽天会員フラグ": "1",
    "商品合計金額": "goods_8 + goods_10",
    "消費税合計": "0",
    "送料合計": "shipping",
    "代引料合計": "fee",
    "請求金額": "amount - mall_discount - points_used",
    "合計金額": "goods_8 + goods_10 + shipping",
    "ポイント利用額": "points_used",
    "クーポン利用総額": "discount + mall_discount",
    "店舗発行クーポン利用額": "discount",
    "楽天発行クーポン利用額": "mall_discount",
    **{f"注文者{name}": cell for name, cell in _BUYER.items()},
    "注文者メールアドレス": text_or_none("email"),
    "注文者性別": text_or_none("gender"),
    **{f"送付先{name}": cell for name, cell in _BUYER.items()},
    "商品明細ID": "line_no",
    "商品ID": "product_no",
    "商品名": "product_name",
    "商品番号": "product_id",
    "商品管理番号": "lower(product_id)",
    "単価": "unit_price",
    "個数": "quantity",
    "送料込別": "0",
    "税込別": "1",
    "利用端末": "CASE order_no % 3 WHEN 0 THEN 0 ELSE 1 END",
}


def write_mall(spool: Spool, folder: Path, written: Written) -> None:
    """Write `rakuten-<month>.csv` (cp932)."""
    spool.con.execute("""
        CREATE TEMP VIEW mall_rows AS
        SELECT o.*, r.* EXCLUDE (system, source_id, person_id), l.line_no, l.product_no, l.quantity,
               l.unit_price, p.product_id, p.name AS product_name
        FROM lines l JOIN orders o USING (order_no, ordered_at) JOIN products p USING (product_no)
        LEFT JOIN register r ON r.system = 'mall' AND o.source_id = r.source_id
        WHERE l.system = 'mall' AND o.system = 'mall'
    """)
    for month, first, after in calendar_months():
        reaching_back = first - timedelta(days=OVERLAP_DAYS)
        write_sheet(
            spool, Sheet(folder / f"rakuten-{month}.csv", _HEADERS, "cp932"), _CELLS,
            f"FROM mall_rows WHERE ordered_at >= '{reaching_back}' AND ordered_at < '{after}' "
            "ORDER BY ordered_at, order_id, line_no", written,
        )  # fmt: skip
