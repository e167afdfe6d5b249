"""The subscription shop: ecforce orders, one row each, and 定期受注, one row a subscription."""

from __future__ import annotations

from pathlib import Path

from joren.ingest.formats.ecforce import ORDER_HEADERS, SUBSCRIPTION_HEADERS
from joren.simulate.exports.files import Sheet, Written, moment, text_or_none, write_sheet
from joren.simulate.spool import Spool

_STATUS = (
    "CASE status WHEN 'cancelled' THEN 'キャンセル' WHEN 'returned' THEN '返品' "
    "WHEN 'pending' THEN '未対応' ELSE '出荷済み' END"
)
_STATE = (
    "CASE WHEN ended_at IS NULL THEN '有効' WHEN end_reason = 'payment' THEN '停止' "
    "ELSE 'キャンセル' END"
)
_REASON = (
    "CASE end_reason WHEN 'voluntary' THEN 'お客様都合' WHEN 'commitment_end' THEN '規定回数終了' "
    "WHEN 'other' THEN 'その他' END"
)
SUBSCRIPTION_ID = "'T' || lpad(CAST(subscription_no AS VARCHAR), 9, '0')"

_CONTACT = {
    "名前フル": text_or_none("trim(family_name || ' ' || given_name)"),
    "カナフル": text_or_none("trim(family_kana || ' ' || given_kana)"),
    "郵便番号フル": text_or_none("postal_code"),
    "住所フル": text_or_none("prefecture || city || street"),
    "電話番号フル": text_or_none("phone"),
    "名前1": text_or_none("family_name"),
    "名前2": text_or_none("given_name"),
    "カナ1": text_or_none("family_kana"),
    "カナ2": text_or_none("given_kana"),
    "都道府県": text_or_none("prefecture"),
    "住所1": text_or_none("city"),
    "住所2": text_or_none("street"),
}
_GOODS = {
    "商品名": "product_names", "SKUコード": "product_ids", "個数": "quantities",
    "単価": "unit_prices", "商品コード": "product_ids", "販売価格": "unit_prices",
    "商品カテゴリー": "categories",
}  # fmt: skip
_ORDER_CELLS = {
    "受注ID": "order_no",
    "受注番号": "order_id",
    "顧客番号": "source_id",
    "定期受注番号": "subscription_id",
    "対応状況": _STATUS,
    "メールアドレス": text_or_none("email"),
    "小計": "goods_8 + goods_10",
    "小計8%": "goods_8",
    "小計10%": "goods_10",
    "送料": "shipping",
    "手数料": "fee",
    "消費税": "tax_8 + tax_10",
    "消費税8%": "tax_8",
    "消費税10%": "tax_10",
    "合計": "amount",
    "合計8%": "net_8",
    "合計10%": "net_10",
    "支払い合計": "amount",
    "受注日": moment("ordered_at"),
    "作成日": moment("ordered_at"),
    "支払い方法": "'クレジットカード'",
    "受注種別": "CASE WHEN subscription_no IS NULL THEN '通常' ELSE '定期' END",
    "定期内受注（N番目）": "sequence",
    "決済状況": "CASE status WHEN 'pending' THEN '与信審査中' ELSE '売上完了' END",
    "性別": text_or_none("gender"),
    "生年月日": text_or_none("birth_date"),
    "割引": "discount",
    "商品合計金額": "goods_8 + goods_10",
    "定期回数": "sequence",
    "何日ごと": "cycle_days",
    "お約束回数（定期）": "commitment_orders",
    **{f"請求先（{name}）": cell for name, cell in _CONTACT.items()},
    **{f"お届け先（{name}）": cell for name, cell in _CONTACT.items()},
    **{f"購入商品（{name}）": cell for name, cell in _GOODS.items()},
}
_SUBSCRIPTION_CELLS = {
    "定期受注ID": "subscription_no",
    "定期内受注数": "orders",
    "ステータス": _STATE,
    "停止理由": "CASE end_reason WHEN 'payment' THEN '決済エラー' END",
    "停止日": f"CASE end_reason WHEN 'payment' THEN {moment('ended_at')} END",
    "キャンセル理由": _REASON,
    "キャンセル日": f"CASE WHEN end_reason <> 'payment' THEN {moment('ended_at')} END",
    "支払い回数": "orders",
    "定期受注番号": "subscription_id",
    "顧客番号": "source_id",
    "作成日": moment("started_at"),
    "定期回数": "renewals + 1",
    "何日ごと": "cycle_days",
    "お約束回数（定期）": "commitment_orders",
    "購入商品（商品コード）": "product_id",
    "購入商品（商品名）": "product_name",
}


def write_teiki(spool: Spool, folder: Path, written: Written) -> None:
    """Write `orders.csv` and `subscriptions.csv` (UTF-8 with BOM)."""
    spool.con.execute(f"""
        CREATE TEMP VIEW teiki_rows AS
        WITH goods AS (
            SELECT order_no, string_agg(p.name, ',' ORDER BY line_no) AS product_names,
                   string_agg(p.product_id, ',' ORDER BY line_no) AS product_ids,
                   string_agg(p.category, ',' ORDER BY line_no) AS categories,
                   string_agg(quantity, ',' ORDER BY line_no) AS quantities,
                   string_agg(unit_price, ',' ORDER BY line_no) AS unit_prices
            FROM lines JOIN products p USING (product_no) WHERE system = 'teiki' GROUP BY order_no
        )
        SELECT o.*, r.* EXCLUDE (system, source_id, person_id), g.* EXCLUDE (order_no),
               s.cycle_days, s.commitment_orders, {SUBSCRIPTION_ID} AS subscription_id
        FROM orders o JOIN goods g USING (order_no)
        LEFT JOIN subscriptions s USING (subscription_no)
        LEFT JOIN register r ON r.system = 'teiki' AND o.source_id = r.source_id
        WHERE o.system = 'teiki'
    """)
    write_sheet(
        spool, Sheet(folder / "orders.csv", ORDER_HEADERS, "utf-8-sig"), _ORDER_CELLS,
        "FROM teiki_rows ORDER BY ordered_at, order_id", written,
    )  # fmt: skip
    write_sheet(
        spool, Sheet(folder / "subscriptions.csv", SUBSCRIPTION_HEADERS, "utf-8-sig"),
        _SUBSCRIPTION_CELLS, "FROM courses ORDER BY started_at, subscription_id", written,
    )  # fmt: skip


def gather_courses(spool: Spool) -> None:
    """The subscriptions as the shop's system tells them: a table `courses`.

    `renewals` are those up to the last delivered order; one sent back was not.
    """
    spool.con.execute(f"""
        CREATE TABLE courses AS
        WITH parcels AS (
            SELECT subscription_no, any_value(source_id) AS source_id, count(*) AS orders,
                   coalesce(max(sequence) FILTER (status = 'valid'), max(sequence)) AS last
            FROM orders WHERE subscription_no IS NOT NULL GROUP BY subscription_no
        )
        SELECT s.subscription_no, {SUBSCRIPTION_ID} AS subscription_id, source_id, orders,
               p.product_id, p.name AS product_name, started_at, ended_at, end_reason, cycle_days,
               commitment_orders, last - 1 AS renewals
        FROM subscriptions s JOIN parcels USING (subscription_no) JOIN products p USING (product_no)
    """)
