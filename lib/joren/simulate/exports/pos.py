"""The shops' tills: スマレジ 取引 and 取引明細, a file a month, and the card holders' register."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from joren.ingest.formats.smaregi import LINE_HEADERS, TRANSACTION_HEADERS
from joren.simulate.exports.files import (
    Sheet,
    Written,
    calendar_months,
    moment,
    text_or_none,
    write_sheet,
)
from joren.simulate.registers import card_sql
from joren.simulate.spool import Spool
from joren.simulate.world import START

LATE_MONTH = "2025-09"  # its last days come in the file of the month after
LATE_DAYS = 2
_NO_SALE = dict.fromkeys(
    (
        "会員ID", "会員コード", "付与ポイント", "使用ポイント", "現在ポイント", "合計ポイント",
        "ポイント値引き",
    ),
    "NULL",
)  # fmt: skip
# month → (number, what is wrong, the cells) of a row that a till or a spreadsheet broke
_BROKEN = {
    "2024-07": ("990000000001", "amount #REF!", {"合計": "'#REF!'"}),
    "2025-02": ("990000000002", "date 2026/02/30", {"取引日時": "'2026/02/30 11:05:00'"}),
    "2025-10": ("990000000003", "amount 1.23E+10", {"合計": "'1.23E+10'"}),
}
_MEMBER_HEADERS = (
    "会員ID", "氏名", "氏名カナ", "電話番号", "メールアドレス", "郵便番号", "住所", "生年月日",
    "性別", "入会日", "カード番号", "DM可否", "メール可否",
)  # fmt: skip

_ORDER_CELLS = {
    "取引ID": "order_id",
    "取引日時": moment("ordered_at", "%Y-%m-%d %H:%M:%S"),
    "単価値引き前小計": "amount - tax_8 - tax_10 + discount",
    "単価値引き小計": "0",
    "小計": "amount - tax_8 - tax_10 + discount",
    "小計値引き": "discount",
    "小計割引率": "0",
    "ポイント値引き": "points_used",
    "合計": "amount - points_used",
    "付与ポイント": "points_granted",
    "使用ポイント": "points_used",
    "現在ポイント": "balance_before",
    "合計ポイント": "balance",
    "店舗ID": "store",
    "会員ID": "source_id",
    "会員コード": card_sql("source_id"),
}
_TRANSACTION_CELLS = {
    **_ORDER_CELLS,
    "取引区分": "division",
    "取消区分": "CASE status WHEN 'cancelled' THEN 1 ELSE 0 END",
    "内消費税": "tax_8 + tax_10",
    "内現金支払金額": "CASE WHEN order_no % 3 = 0 THEN amount - points_used ELSE 0 END",
    "内クレジット支払金額": "CASE WHEN order_no % 3 = 0 THEN 0 ELSE amount - points_used END",
}
_LINE_TYPE = next(header for header in LINE_HEADERS if header.startswith("取引明細区分"))
_LINE_CELLS = {
    **_ORDER_CELLS,
    "数量合計": "CASE WHEN refund_of IS NULL THEN pieces ELSE 0 END",
    "返品数量合計": "CASE WHEN refund_of IS NULL THEN 0 ELSE abs(pieces) END",
    "端末取引ID": "order_no",
    "取引明細ID": "line_no",
    _LINE_TYPE: "CASE WHEN refund_of IS NULL THEN 1 ELSE 2 END",
    "商品ID": "product_no",
    "商品コード": "product_id",
    "商品名": "product_name",
    "商品単価": "unit_price",
    "販売単価": "unit_price",
    "数量": "abs(quantity)",
    "値引き前計": "abs(line_amount)",
    "単価値引き計": "0",
    "値引き後計": "abs(line_amount)",
    "部門ID": "category_no",
    "部門名": "category",
}
_MEMBER_CELLS = {
    "会員ID": "source_id",
    "氏名": text_or_none("trim(family_name || '　' || given_name, '　')"),
    "氏名カナ": "half_kana",
    "電話番号": text_or_none("phone"),
    "メールアドレス": text_or_none("email"),
    "郵便番号": text_or_none("postal_code"),
    "住所": text_or_none("prefecture || city || street"),
    "生年月日": text_or_none("birth_date"),
    "性別": text_or_none("gender"),
    "入会日": moment("opened_at", "%Y/%m/%d"),
    "カード番号": "card_no",
    "DM可否": "consent_dm",
    "メール可否": "consent_email",
}


def write_pos(spool: Spool, folder: Path, written: Written) -> None:
    """Write `torihiki-<month>.csv`, `meisai-<month>.csv` (UTF-8 with BOM) and `members.csv`."""
    _gather(spool)
    for month, first, after in months():
        name, what, cells = _BROKEN.get(month, ("", "", {}))
        broken = [{**_NO_SALE, "取引ID": f"'{name}'", "取引区分": "'1'", **cells}] if name else []
        path = folder / f"torihiki-{month}.csv"
        within = f"ordered_at >= '{first}' AND ordered_at < '{after}'"
        write_sheet(
            spool, Sheet(path, TRANSACTION_HEADERS, "utf-8-sig"), _TRANSACTION_CELLS,
            f"FROM pos_rows WHERE {within} ORDER BY ordered_at, order_id", written, broken,
        )  # fmt: skip
        if name:
            written.planted.append(("pos", path.name, what, name))
        write_sheet(
            spool, Sheet(folder / f"meisai-{month}.csv", LINE_HEADERS, "utf-8-sig"), _LINE_CELLS,
            f"FROM pos_line_rows WHERE {within} ORDER BY ordered_at, order_id, line_no", written,
        )  # fmt: skip
    write_sheet(
        spool, Sheet(folder / "members.csv", _MEMBER_HEADERS, "cp932"), _MEMBER_CELLS,
        "FROM register WHERE system = 'pos' ORDER BY opened_at, source_id", written,
    )  # fmt: skip


def months() -> Iterator[tuple[str, datetime, datetime]]:
    """The monthly files: name, first moment and the moment after the last.

    The file of `LATE_MONTH` was downloaded too early; the next one begins where it ends.
    """
    start = START
    for name, _, after in calendar_months():
        stop = after - timedelta(days=LATE_DAYS) if name == LATE_MONTH else after
        yield name, start, stop
        start = stop


def _gather(spool: Spool) -> None:
    """Rows of 取引 (sales and point-only transactions) and of 取引明細, as views."""
    spool.con.execute("""
        CREATE TEMP VIEW pos_rows AS
        SELECT order_no, order_id, ordered_at, '1' AS division, status, amount, discount, tax_8,
               tax_10, points_used, points_granted, balance_before, balance, store, source_id
        FROM orders WHERE system = 'pos'
        UNION ALL BY NAME
        SELECT entry_id AS order_id, occurred_at AS ordered_at,
               CASE kind WHEN 'grant' THEN '6' WHEN 'adjust' THEN '7' ELSE '8' END AS division,
               'valid' AS status, 0 AS amount, 0 AS discount, 0 AS tax_8, 0 AS tax_10,
               0 AS points_used, abs(points) AS points_granted,
               balance - CASE kind WHEN 'expire' THEN -points ELSE points END AS balance_before,
               balance, source_id
        FROM point_entries WHERE source = 'pos' AND order_id IS NULL
    """)
    spool.con.execute("""
        CREATE TEMP VIEW pos_line_rows AS
        SELECT o.*, l.line_no, l.product_no, l.quantity, l.unit_price, l.amount AS line_amount,
               p.product_id, p.name AS product_name, p.category, p.category_no
        FROM lines l JOIN orders o USING (order_no, ordered_at)
        JOIN (SELECT *, dense_rank() OVER (ORDER BY category) AS category_no FROM products) p
          USING (product_no)
        WHERE l.system = 'pos' AND o.system = 'pos'
    """)
