"""MakeShop: 注文出力, of whose columns the first nine are known.

The vendor's manual lists the nine and their formats: dates without leading zeros, 処理状況 as one
of 配送, 未処理, 注文キャンセル, 返送. Times are one number (103309); that the hours before ten lose
their leading zero is a guess. Everything else depends on the shop's template: `amount` is not
among the nine and is mapped in the parameters (`columns: {amount: ...}`), and so is whatever tells
customers apart (`source_id`). A name alone does not make two orders one customer's.
"""

from __future__ import annotations

from joren.ingest.kinds import Buyer, Format, Kind, Projection, header_names
from joren.ingest.rules import cell, clock, const, joined, word

_HEADERS = header_names("""
    日付,注文時間,注文番号,処理状況,会社名,会社名(振り仮名),部署名,注文者,注文者(振り仮名)
""")

_STATUS = {
    "配送": "valid",
    "配送済": "valid",
    "配送済み": "valid",
    "未処理": "pending",
    "注文キャンセル": "cancelled",
    "キャンセル": "cancelled",
    "返送": "returned",
    "返品": "returned",
}

_ORDERED_AT = joined("日付", clock("注文時間"), separator=" ")

FORMAT = Format(
    name="makeshop",
    title="MakeShop",
    kinds=(
        Kind(
            name="orders",
            title="注文出力",
            headers=_HEADERS,
            required=("日付", "注文番号", "処理状況", "注文者"),
            orders=Projection(
                key=cell("注文番号"),
                columns={
                    "order_id": cell("注文番号"),
                    "ordered_at": _ORDERED_AT,
                    "channel": const("ec"),
                    "status": word("処理状況", _STATUS),
                },
            ),
            buyer=Buyer(
                columns={
                    "full_name": cell("注文者"),
                    "full_kana": cell("注文者(振り仮名)"),
                    "updated_at": _ORDERED_AT,
                },
            ),
        ),
    ),
)
