"""aiship: 受注データCSV, one row per item, order cells repeated.

The vendor documents the first twenty columns and the words of 入金済ステータス; 管理ステータス is
named by each shop. Nothing among them says who bought, so an order has no customer unless the
parameters name the columns of its buyer, and nothing states an order's total.

Guesses, to be confirmed with a client's first file: what was paid in (合計入金額) less what was
paid back is what the order is worth, tax, shipping and discounts included; 今回獲得ポイント is the
order's, repeated on every row.
"""

from __future__ import annotations

from joren.ingest.kinds import Buyer, Format, Kind, Projection, header_names
from joren.ingest.rules import cell, const, filled, first, number, one_of, positive, when, word

ORDER_HEADERS = header_names("""
    コントロールカラム,注文番号,INDEX,注文日時,商品管理番号,商品名,数量,商品単価,
    商品バリエーション選択肢,商品オプション選択肢,今回獲得ポイント,決済方法,デバイス,最終更新日時,
    合計入金額,返金日時,合計返金額,管理ステータス,入金済ステータス,入金済日時
""")

_STATUS = {
    "新規": "valid",
    "新規受付": "valid",
    "受付済": "valid",
    "処理中": "valid",
    "対応中": "valid",
    "処理済": "valid",
    "処理済み": "valid",
    "発送待ち": "valid",
    "発送準備中": "valid",
    "発送済": "valid",
    "発送済み": "valid",
    "出荷済み": "valid",
    "完了": "valid",
    "保留": "pending",
    "入金待ち": "pending",
    "キャンセル": "cancelled",
    "キャンセル済み": "cancelled",
    "注文取消": "cancelled",
    "返品": "returned",
    "返品済み": "returned",
}
_VALID = tuple(written for written, meant in _STATUS.items() if meant == "valid")
_PROCEEDS = one_of("管理ステータス", *_VALID) | ~filled("管理ステータス")

_received, _repaid = number("合計入金額"), number("合計返金額")
_ALL_REPAID = positive(_repaid) & ~positive(_received - _repaid)
_UNPAID = one_of("入金済ステータス", "未入金", "一部入金済み")

FORMAT = Format(
    name="aiship",
    title="aiship",
    kinds=(
        Kind(
            name="orders",
            title="受注データ",
            headers=ORDER_HEADERS,
            required=("注文番号", "注文日時", "合計入金額"),
            orders=Projection(
                {
                    "order_id": cell("注文番号"),
                    "ordered_at": cell("注文日時"),
                    "amount": when(
                        _ALL_REPAID,
                        _received,
                        when(filled("合計入金額"), _received - _repaid, const("0")),
                    ),
                    "points_granted": number("今回獲得ポイント"),
                    "channel": const("ec"),
                    "status": when(
                        _PROCEEDS & _ALL_REPAID,
                        const("returned"),
                        when(
                            _PROCEEDS & _UNPAID,
                            const("pending"),
                            word("管理ステータス", _STATUS),
                        ),
                    ),
                },
                key=cell("注文番号"),
                agree=("amount",),
            ),
            buyer=Buyer(anonymous=True),
            tables={
                "order_lines": (
                    Projection(
                        {
                            "order_id": cell("注文番号"),
                            "product_id": first("商品管理番号", "商品名"),
                            "product_name": cell("商品名"),
                            "quantity": number("数量"),
                            "amount": number("商品単価") * number("数量"),
                        }
                    ),
                ),
            },
        ),
    ),
)
