"""スマレジ (POS): 取引 (one row per till transaction) and 取引明細 (one row per item sold).

The vendor documents the first fourteen columns of 取引: the codes of 取引区分 and 取消区分, that
小計 excludes tax, that 合計 is what was paid in the end and 内消費税 the tax within it, and that
小計値引き is filled where 小計割引率 is. A shop chooses further columns; those of a member and of
points stand after the fourteen here. The columns of 取引明細 are as public programs read them.

Guesses, to be confirmed with a client's first file: ポイント値引き is what the points were worth in
currency; 値引き後計 includes tax; an empty 会員ID is an anonymous customer; 合計ポイント is the
balance after the transaction; point-only transactions state their points as 付与ポイント or
使用ポイント, of either sign; the sign of returned items is not relied on.

取引明細 does not say what was cancelled and lacks point-only transactions: where both files are
there it only fills what 取引 leaves empty.
"""

from __future__ import annotations

from joren.ingest.kinds import Buyer, Format, Kind, Projection, Totals, header_names
from joren.ingest.rules import (
    Condition,
    Number,
    Rule,
    cell,
    const,
    filled,
    first,
    joined,
    number,
    one_of,
    positive,
    when,
    word,
)

_SALE = ("1", "通常", "売上", "販売")
_POINTS_ADDED = ("6", "ポイント加算")
_POINTS_TAKEN = ("7", "ポイント減算")
_POINTS_EXPIRED = ("8", "ポイント失効")
_NO_PURCHASE = (
    "2", "3", "4", "5", "11", "13", "14", "15", "16", "入金", "出金", "預かり金", "預かり金返金",
    "チップ", "マイル加算", "マイル減算", "バリューカード入金", "領収証", "領収証発行",
    *_POINTS_ADDED, *_POINTS_TAKEN, *_POINTS_EXPIRED,
)  # fmt: skip
_SALE_ROW = ~one_of("取引区分", *_NO_PURCHASE)
_CANCELLED = one_of("取消区分", "1", "取消")

_LINE_TYPE = "取引明細区分 （1：通常、2：返品、3：部門売り）"

TRANSACTION_HEADERS = header_names("""
    取引ID,取引日時,取引区分,取消区分,単価値引き前小計,単価値引き小計,小計,小計値引き,小計割引率,
    ポイント値引き,合計,内消費税,内現金支払金額,内クレジット支払金額,付与ポイント,使用ポイント,
    現在ポイント,合計ポイント,店舗ID,会員ID,会員コード
""")

LINE_HEADERS = header_names("""
    取引ID,取引日時,単価値引き前小計,単価値引き小計,小計,小計値引き,小計割引率,ポイント値引き,
    合計,数量合計,返品数量合計,付与ポイント,使用ポイント,現在ポイント,合計ポイント,店舗ID,会員ID,
    会員コード,端末取引ID,年齢層,客層ID,販売員ID,販売員名,取引明細ID,
    取引明細区分 （1：通常、2：返品、3：部門売り）,商品ID,商品コード,品番,商品名,商品単価,
    販売単価,単品値引,単品割引,数量,値引き前計,単価値引き計,値引き後計,部門ID,部門名
""")

_total = number("合計")
_points_off = number("ポイント値引き")
_subtotal = number("小計")
_subtotal_discount = number("小計値引き")
# a discount on the whole is without tax, so that the lines cannot be told from the total after it
_GOODS = number(when(~positive(_subtotal_discount), _total + _points_off))
_granted, _used = number("付与ポイント"), number("使用ポイント")
_either = number(when(positive(_granted) | positive(-_granted), _granted, _used))


def _size(figure: Number) -> Rule:
    return when(positive(figure), figure, -figure)


def _taken(figure: Number) -> Rule:
    return when(positive(figure), -figure, figure)


_WORTH = {
    "order_id": cell("取引ID"),
    "ordered_at": cell("取引日時"),
    "amount": _total + _points_off,
    "amount_excluding_tax": _subtotal - _subtotal_discount,
    "discount": number("単価値引き小計") + _subtotal_discount,
    "points_used": _used,
    "points_granted": _granted,
    "channel": const("pos"),
    "store": cell("店舗ID"),
}

_MEMBER = Buyer(member=cell("会員ID"), columns={"card_no": cell("会員コード")}, anonymous=True)


def _entry(suffix: str, kind: Rule, points: Rule) -> dict[str, Rule]:
    # the ID stands for columns a shop may not have chosen: without them its point events are
    # doubted by name, and not taken for deposits
    there = filled("取引ID")
    return {
        "entry_id": joined("取引ID", const(suffix)),
        "source_id": when(there, "会員ID"),
        "occurred_at": cell("取引日時"),
        "kind": when(there, kind),
        "points": when(there, points),
        "order_id": cell("取引ID"),
    }


def _sale_points(of_a_sale: Condition | None = None) -> tuple[Projection, ...]:
    """Points granted and used with a sale; a return has them with the opposite sign."""
    granted = _entry(":grant", when(positive(_granted), const("grant"), const("adjust")), _granted)
    used = _entry(":use", when(positive(_used), const("use"), const("adjust")), _size(_used))
    alone = of_a_sale is not None
    return tuple(
        Projection(
            columns,
            key=None if alone else cell("取引ID"),
            where=some & of_a_sale if alone else some,
            fills=not alone,
            of_valid_orders=True,
        )
        for columns, some in (
            (granted, positive(_granted) | positive(-_granted)),
            (used, positive(_used) | positive(-_used)),
        )
    )


def _point_only(words: tuple[str, ...], kind: str, points: Rule) -> Projection:
    columns = _entry("", const(kind), points)
    del columns["order_id"]
    return Projection(columns, where=one_of("取引区分", *words) & ~_CANCELLED)


TRANSACTIONS = Kind(
    name="orders",
    title="取引",
    headers=TRANSACTION_HEADERS,
    required=("取引ID", "取引日時", "取引区分", "合計"),
    orders=Projection(
        {
            **_WORTH,
            "status": when(
                one_of("取引区分", *_SALE) | ~filled("取引区分") | _CANCELLED,
                word(
                    "取消区分",
                    {"0": "valid", "通常": "valid", "1": "cancelled", "取消": "cancelled"},
                ),
                word("取引区分", {"10": "pending", "取置き": "pending"}),
            ),
        },
        where=_SALE_ROW,
    ),
    buyer=_MEMBER,
    tables={
        "point_entries": (
            *_sale_points(_SALE_ROW),
            _point_only(_POINTS_ADDED, "grant", _size(_either)),
            _point_only(_POINTS_TAKEN, "adjust", _taken(_either)),
            _point_only(_POINTS_EXPIRED, "expire", _size(_either)),
        ),
        "point_balances_reported": (
            Projection(
                {
                    "source_id": cell("会員ID"),
                    "as_of": cell("取引日時"),
                    "balance": number("合計ポイント"),
                },
                key=cell("会員ID"),
                where=filled("会員ID") & filled("合計ポイント") & ~_CANCELLED,
                take="last",
            ),
        ),
    },
    totals=Totals(
        goods=_GOODS,
        parts=number(
            when(
                filled("内消費税"),
                _subtotal - _subtotal_discount - _points_off + number("内消費税"),
            )
        ),
        billed=_total,
    ),
)

_returned = one_of(_LINE_TYPE, "2", "返品")
_quantity, _line_total = number("数量"), number("値引き後計")

LINES = Kind(
    name="order_lines",
    title="取引明細",
    headers=LINE_HEADERS,
    required=("取引ID", "取引日時", "取引明細ID", "数量"),
    prefixes=("取引明細区分",),
    orders=Projection(_WORTH, key=cell("取引ID"), agree=("amount",), fills=True),
    buyer=_MEMBER,
    tables={
        "order_lines": (
            Projection(
                {
                    "order_id": cell("取引ID"),
                    "line_no": cell("取引明細ID"),
                    "product_id": first(
                        "商品コード", "商品ID", "品番", "商品名", "部門名", "部門ID"
                    ),
                    "product_name": cell("商品名"),
                    "category": first("部門名", "部門ID"),
                    "quantity": when(_returned, _taken(_quantity), _quantity),
                    "amount": when(_returned, _taken(_line_total), _line_total),
                },
            ),
        ),
        "point_entries": _sale_points(),
    },
    totals=Totals(goods=_GOODS),
)

FORMAT = Format("smaregi", "スマレジ", (TRANSACTIONS, LINES))
