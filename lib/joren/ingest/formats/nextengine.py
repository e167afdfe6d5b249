"""ネクストエンジン 汎用: the generic order layout other systems write for it, one row per item.

The first nineteen columns are documented by a cart that exports them, which writes 0 as 税金 since
its prices include tax; the rest are those of the layout's public description. Buyers have no
number, so they are guests told apart by their contact. 発送先 is whoever receives the parcel.

Guesses, to be confirmed with a client's first file: 合計金額 is what is charged, after points;
ポイント are points used, one being one unit of currency; a row that is in the file is an order,
since the layout has no status.
"""

from __future__ import annotations

from joren.ingest.kinds import Buyer, Format, Kind, Projection, Totals, header_names
from joren.ingest.rules import cell, const, filled, first, joined, number, positive, when

ORDER_HEADERS = header_names("""
    店舗伝票番号,受注日,受注郵便番号,受注住所1,受注住所2,受注名,受注名カナ,受注電話番号,
    受注メールアドレス,発送郵便番号,発送先住所1,発送先住所2,発送先名,発送先カナ,発送電話番号,
    支払方法,発送方法,商品計,税金,発送料,手数料,ポイント,その他費用,合計金額,ギフトフラグ,
    時間帯指定,日付指定,作業者欄,備考,商品名,商品コード,商品価格,受注数量,商品オプション,
    出荷済フラグ,顧客区分,顧客コード
""")

_goods, _tax, _points = number("商品計"), number("税金"), number("ポイント")
_parts = _goods + _tax + number("発送料") + number("手数料") + number("その他費用") - _points
_charged = number(when(filled("合計金額"), number("合計金額"), _parts))
_worth = _charged + _points

FORMAT = Format(
    name="nextengine",
    title="ネクストエンジン",
    kinds=(
        Kind(
            name="orders",
            title="受注 (汎用)",
            headers=ORDER_HEADERS,
            required=("店舗伝票番号", "受注日", "商品計"),
            orders=Projection(
                {
                    "order_id": cell("店舗伝票番号"),
                    "ordered_at": cell("受注日"),
                    "amount": _worth,
                    "amount_excluding_tax": when(positive(_tax), _worth - _tax),
                    "points_used": _points,
                    "channel": const("ec"),
                },
                key=cell("店舗伝票番号"),
                agree=("amount",),
            ),
            buyer=Buyer(
                contact=(cell("受注メールアドレス"), cell("受注電話番号"), cell("受注名")),
                columns={
                    "full_name": cell("受注名"),
                    "full_kana": cell("受注名カナ"),
                    "phone": cell("受注電話番号"),
                    "email": cell("受注メールアドレス"),
                    "postal_code": cell("受注郵便番号"),
                    "address": joined("受注住所1", "受注住所2"),
                    "updated_at": cell("受注日"),
                },
            ),
            tables={
                "order_lines": (
                    Projection(
                        {
                            "order_id": cell("店舗伝票番号"),
                            "product_id": first("商品コード", "商品名"),
                            "product_name": cell("商品名"),
                            "quantity": number("受注数量"),
                            "amount": number("商品価格") * number("受注数量"),
                        }
                    ),
                ),
            },
            totals=Totals(goods=_goods, parts=_parts, billed=number("合計金額")),
        ),
    ),
)
