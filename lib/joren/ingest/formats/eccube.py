"""EC-CUBE: 受注 and 会員 of version 4, 受注 of version 3; the template is the shop's to edit.

The columns of version 4 are those of its default template, the codes of 対応状況 and 明細区分 those
it is installed with; the columns of version 3 are a hosting company's. From the open source of
version 4: each row is one item of an order, goods, fees, discounts and points alike, with the
order's cells repeated; 支払合計 is the sum of all items with tax, so it is after points; 小計 is
the goods with tax; 値引き holds the points too; 価格 is without tax, which is added a piece at a
time and rounded as the shop sets, by default to the nearest.

Guesses, to be confirmed with a client's first file: a point is one unit of currency; an order in
the states 新規受付 or 対応中 counts once 入金日 is filled; ポイント of a member is the balance at
更新日. What an order granted is not exported, so it feeds no ledger. 送料 stands there twice: the
first is the order's, the second that of a parcel.
"""

from __future__ import annotations

from joren.ingest.kinds import Buyer, Format, Kind, Projection, Totals, header_names
from joren.ingest.rules import (
    Condition,
    Rule,
    cell,
    const,
    filled,
    first,
    joined,
    mentions,
    number,
    one_of,
    rounded,
    when,
    word,
)

ORDER_HEADERS = header_names("""
    注文ID,注文番号,会員ID,お名前(姓),お名前(名),お名前(セイ),お名前(メイ),会社名,郵便番号,
    都道府県(ID),都道府県(名称),住所1,住所2,メールアドレス,TEL,性別(ID),性別(名称),職業(ID),
    職業(名称),誕生日,ショップ用メモ欄,小計,値引き,送料,税金,合計,支払合計,対応状況(ID),
    対応状況(名称),支払方法(ID),支払方法(名称),受注日,入金日,注文詳細ID,商品ID,商品規格ID,商品名,
    商品コード,規格名1,規格名2,規格分類名1,規格分類名2,価格,個数,税率,税率ルール(ID),
    明細区分(ID),明細区分(名称),出荷ID,配送先_お名前(姓),配送先_お名前(名),配送先_お名前(セイ),
    配送先_お名前(メイ),配送先_会社名,配送先_郵便番号,配送先_都道府県(ID),配送先_都道府県(名称),
    配送先_住所1,配送先_住所2,配送先_TEL,配送業者(ID),配送業者(名称),お届け時間ID,
    お届け時間(名称),お届け希望日,送料,発送日,出荷伝票番号,配達用メモ,出荷メール送信日
""")

MEMBER_HEADERS = header_names("""
    会員ID,お名前(姓),お名前(名),お名前(セイ),お名前(メイ),会社名,郵便番号,都道府県(ID),
    都道府県(名称),住所1,住所2,メールアドレス,TEL,性別(ID),性別(名称),職業(ID),職業(名称),誕生日,
    初回購入日,最終購入日,購入回数,ショップ用メモ欄,会員ステータス(ID),会員ステータス(名称),
    登録日,更新日,ポイント,購入金額
""")

OLDER_ORDER_HEADERS = header_names("""
    注文ID,会員ID,お名前(姓),お名前(名),お名前(セイ),お名前(メイ),会社名,郵便番号1,郵便番号2,
    都道府県(ID),都道府県(名称),住所1,住所2,メールアドレス,TEL1,TEL2,TEL3,FAX1,FAX2,FAX3,性別(ID),
    性別(名称),職業(ID),職業(名称),誕生日,ショップ用メモ欄,小計,値引き,送料,税金,合計,支払合計,
    対応状況(ID),対応状況(名称),支払方法(ID),支払方法(名称),受注日,入金日,発送日,注文詳細ID,
    商品ID,商品規格ID,商品名,商品コード,規格名1,規格名2,規格分類名1,規格分類名2,価格,個数,税率,
    税率ルール(ID)
""")

_WAITING = ("1", "4", "新規受付", "対応中", "取り寄せ中")
_STATE = first("対応状況(ID)", "対応状況(名称)")
_NAMED_STATE = first("対応状況(名称)", "対応状況(ID)")
_STATUS = {
    "2": "pending",
    "入金待ち": "pending",
    "3": "cancelled",
    "注文取消し": "cancelled",
    "キャンセル": "cancelled",
    "5": "valid",
    "発送済み": "valid",
    "6": "valid",
    "入金済み": "valid",
    "7": "pending",
    "決済処理中": "pending",
    "8": "pending",
    "購入処理中": "pending",
    "9": "returned",
    "返品": "returned",
}
_OWN_STATUS = {name: meant for name, meant in _STATUS.items() if not name.isdigit()}

_price, _pieces, _tax_rate = number("価格"), number("個数"), number("税率")
_with_tax = _price + rounded(_price * _tax_rate * number(const("0.01")))
_IS_POINTS = one_of("明細区分(ID)", "6") | one_of("明細区分(名称)", "ポイント")
_IS_GOODS = (
    one_of("明細区分(ID)", "1")
    | one_of("明細区分(名称)", "商品")
    | ~(filled("明細区分(ID)") | filled("明細区分(名称)"))
)
_points = number(when(_IS_POINTS, -(_price * _pieces)))
_paid = number(first("支払合計", "合計"))
_tax = number("税金")
_worth = _paid + _points

# a member who left keeps a made-up address of this kind
_EMAIL = when(~mentions("メールアドレス", "@dummy.dummy"), "メールアドレス")


def _person(phone: Rule, postal_code: Rule) -> dict[str, Rule]:
    return {
        "family_name": cell("お名前(姓)"),
        "given_name": cell("お名前(名)"),
        "family_kana": cell("お名前(セイ)"),
        "given_kana": cell("お名前(メイ)"),
        "phone": phone,
        "email": _EMAIL,
        "postal_code": postal_code,
        "address": joined("都道府県(名称)", "住所1", "住所2"),
        "birth_date": cell("誕生日"),
        "gender": first("性別(名称)", "性別(ID)"),
    }


def _orders(order_id: Rule, points_in_items: bool) -> Projection:
    """The row of the points, where there is one, also says what the order was worth before them."""
    discount = number("値引き")
    figures = {
        "amount": _paid,
        "amount_excluding_tax": when(filled("税金"), _paid - _tax),
        "discount": discount,
    }
    if points_in_items:
        figures = {
            "amount": _worth,
            "amount_excluding_tax": when(filled("税金"), _worth - _tax),
            "discount": discount - _points,
            "points_used": _points,
        }
    return Projection(
        {
            "order_id": order_id,
            "ordered_at": cell("受注日"),
            **figures,
            "channel": const("ec"),
            "status": when(
                one_of(_STATE, *_WAITING),
                when(filled("入金日"), const("valid"), const("pending")),
                when(
                    one_of("対応状況(ID)", *_STATUS),
                    word("対応状況(ID)", _STATUS),
                    word(_NAMED_STATE, _OWN_STATUS),
                ),
            ),
        },
        key=order_id,
        head=when(_IS_POINTS, order_id) if points_in_items else None,
    )


def _buyer(phone: Rule, postal_code: Rule) -> Buyer:
    return Buyer(
        member=cell("会員ID"),
        contact=(_EMAIL, phone, joined("お名前(姓)", "お名前(名)")),
        columns={**_person(phone, postal_code), "updated_at": cell("受注日")},
    )


def _lines(order_id: Rule, where: Condition | None = None) -> Projection:
    return Projection(
        {
            "order_id": order_id,
            "line_no": cell("注文詳細ID"),
            "product_id": first("商品コード", "商品ID", "商品名"),
            "product_name": cell("商品名"),
            "quantity": _pieces,
            "amount": _with_tax * _pieces,
        },
        where=where,
    )


_ID = first("注文番号", "注文ID")
_OLDER_PHONE = joined("TEL1", "TEL2", "TEL3", separator="-")
_OLDER_POSTAL_CODE = joined("郵便番号1", "郵便番号2", separator="-")

FORMAT = Format(
    name="eccube",
    title="EC-CUBE",
    kinds=(
        Kind(
            name="orders",
            title="受注 (EC-CUBE 4)",
            headers=ORDER_HEADERS,
            required=("注文ID", "受注日", "支払合計"),
            orders=_orders(_ID, points_in_items=True),
            buyer=_buyer(cell("TEL"), cell("郵便番号")),
            tables={"order_lines": (_lines(_ID, _IS_GOODS),)},
            totals=Totals(goods=number("小計")),
        ),
        Kind(
            name="customers",
            title="会員 (EC-CUBE 4)",
            headers=MEMBER_HEADERS,
            required=("会員ID", "登録日"),
            tables={
                "customers": (
                    Projection(
                        {
                            "source_id": cell("会員ID"),
                            **_person(cell("TEL"), cell("郵便番号")),
                            "registered_at": cell("登録日"),
                            "updated_at": cell("更新日"),
                        }
                    ),
                ),
                "point_balances_reported": (
                    Projection(
                        {
                            "source_id": cell("会員ID"),
                            "as_of": cell("更新日"),
                            "balance": number("ポイント"),
                        },
                        key=cell("会員ID"),
                        where=filled("ポイント"),
                        take="last",
                    ),
                ),
            },
        ),
        Kind(
            name="orders_3",
            title="受注 (EC-CUBE 3)",
            headers=OLDER_ORDER_HEADERS,
            required=("注文ID", "受注日", "支払合計"),
            orders=_orders(cell("注文ID"), points_in_items=False),
            buyer=_buyer(_OLDER_PHONE, _OLDER_POSTAL_CODE),
            tables={"order_lines": (_lines(cell("注文ID")),)},
            totals=Totals(goods=number("小計")),
        ),
    ),
)
