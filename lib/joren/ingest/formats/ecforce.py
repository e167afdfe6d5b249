"""ecforce (subscription carts): 受注 (one row per order) and 定期受注 (one row per subscription).

A shop selects the columns of both. Known are sixteen that one importer asks for, and a wide list
that another maps; the goods of an order stand in one row as comma-separated lists. The vendor
documents the ids and dates, that an order starts as 注文確定 and becomes キャンセル when its
payment is taken back (決済状況 取消完了), and the states of a subscription: 有効, 停止, キャンセル.

Guesses, to be confirmed with a client's first file: 支払い合計 includes tax and is after points,
one of which is one unit of currency; 消費税 is the tax within it; 購入商品（単価） is what one
piece cost in this order; ポイントの有効期限 is that of the points granted; an order whose payment
failed is unpaid. A shop may name further 対応状況 of its own: they are listed, and mapped in the
parameters. Cycles in months have no fixed number of days and are left empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

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
    leading,
    mentions,
    number,
    one_of,
    positive,
    when,
    word,
)

MINIMAL_HEADERS = header_names("""
    受注ID,受注番号,顧客番号,購入URL,購入オファー,定期受注番号,メールアドレス,小計,支払い合計,
    受注日,購入商品（商品コード）,広告URLグループ名,広告主名,顧客購入回数,定期ステータス,定期回数
""")

_GOODS = (
    "商品名", "SKUコード", "個数", "通常価格", "単価", "商品コード", "販売価格", "商品カテゴリー",
    "メーカー", "原価",
)  # fmt: skip

ORDER_HEADERS = header_names("""
    受注ID,受注番号,受注ラベル,顧客番号,購入URL,購入オファー,定期受注番号,定期受注ラベル,対応状況,
    メールアドレス,小計,小計8%,小計10%,送料,手数料,消費税,消費税8%,消費税10%,合計,合計8%,合計10%,
    支払い合計,配送業者,配送伝票番号,作成日,更新日,受注日,発送予定日,配送予定日,発送日,配送日,
    お届け時間,支払い方法,受注種別,定期内受注（N番目）,お届け時間コード,メモ,商品ラベル,
    ラッピング,通信欄,決済状況,初回督促日,最終督促日,督促回数,支払期限,仮売上日,実売上日,入金日,
    取消日,取引ID,取引パスワード,広告URLグループ名,広告主名,次回配送予定日,性別,生年月日,
    会員ランク名,割引(ポイント含む),割引8%(ポイント含む),割引10%(ポイント含む),割引,割引8%,
    割引10%,利用ポイント,利用ポイント8%,利用ポイント10%,付与ポイント,合計ポイント,
    ポイントの有効期限,顧客購入回数,次回支払い方法,次回お届け時間,次回発送予定日,前回発送予定日,
    前回配送予定日,媒体,顧客タイプ名,商品合計金額,同梱物,その他,調整金額,定期受注メモ,要対応受注,
    要対応理由,決済番号,定期回数,発送回数,出荷リスト,出荷リスト出力日,
    最新の決済履歴（エラー内容）,配送サイクル,配送サイクルの固定,何ヶ月ごと,何日に,何日ごと,
    定期ステータス,お約束回数（定期）,残りお約束回数（定期）,顧客メモ,お問い合わせ履歴,クーポン,
    LINE ID,ソーシャルPLUS ID,顧客ID,顧客ラベル,IPアドレス,デバイス,配送業者コード,
    定期最新受注フラグ,受注備考1,受注備考2,定期受注備考1,定期受注備考2,招待コード,
    定期設定による販売価格割引,付与予定ポイント,連携用受注番号,リファラ,受注経路,apps 経路,規格,
    広告コード,在庫ロケーション,請求先（名前フル）,請求先（カナフル）,請求先（郵便番号フル）,
    請求先（住所フル）,請求先（電話番号フル）,請求先（名前1）,請求先（名前2）,請求先（カナ1）,
    請求先（カナ2）,請求先（都道府県）,請求先（住所1）,請求先（住所2）,請求先（住所3）,
    お届け先（名前フル）,お届け先（カナフル）,お届け先（郵便番号フル）,お届け先（住所フル）,
    お届け先（電話番号フル）,お届け先（名前1）,お届け先（名前2）,お届け先（カナ1）,
    お届け先（カナ2）,お届け先（都道府県）,お届け先（住所1）,お届け先（住所2）,お届け先（住所3）,
    購入商品（商品名）,購入商品（SKUコード）,購入商品（個数）,購入商品（通常価格）,
    購入商品（単価）,購入商品（商品コード）,購入商品（販売価格）,購入商品（商品カテゴリー）,
    購入商品（メーカー）,購入商品（原価）
""")

SUBSCRIPTION_HEADERS = header_names("""
    定期受注ID,定期内受注数,ステータス,停止理由,キャンセル理由,キャンセル日,削除日,何回目の曜日,
    何曜日,自動受注作成件数,支払い回数,停止日,要対応定期受注,要対応理由（定期）,受注メモ,
    停止からの経過日数,キャンセルからの経過日数,広告主,広告URLグループ,販売URL,連携用定期受注番号,
    定期受注番号,顧客番号,顧客ID,メールアドレス,作成日,更新日,定期回数,配送サイクル,何ヶ月ごと,
    何日に,何日ごと,お約束回数（定期）,支払い方法,媒体,次回配送予定日,購入商品（商品コード）,
    購入商品（商品名）,購入商品（SKUコード）,購入商品（商品カテゴリー）
""")

_STATUS = {
    "注文確定": "valid",
    "受注確定": "valid",
    "対応中": "valid",
    "対応済み": "valid",
    "出荷準備中": "valid",
    "発送準備中": "valid",
    "出荷待ち": "valid",
    "発送待ち": "valid",
    "出荷済み": "valid",
    "発送済み": "valid",
    "配送完了": "valid",
    "配送済み": "valid",
    "完了": "valid",
    "キャンセル": "cancelled",
    "キャンセル済み": "cancelled",
    "取消": "cancelled",
    "返品": "returned",
    "返品済み": "returned",
    "受取拒否": "returned",
    "未対応": "pending",
    "保留": "pending",
    "入金待ち": "pending",
    "決済エラー": "pending",
    "与信エラー": "pending",
}


def _meaning(status: str) -> tuple[str, ...]:
    return tuple(written for written, meant in _STATUS.items() if meant == status)


_RETURNED = one_of("対応状況", *_meaning("returned"))
_TAKEN_BACK = (one_of("決済状況", "取消完了", "取消") | filled("取消日")) & ~_RETURNED
_UNPAID = one_of(
    "決済状況", "仮売上失敗", "売上失敗", "与信審査中", "与信審査エラー", "与信エラー",
    "決済エラー", "未決済", "未入金", "入金待ち",
) & (one_of("対応状況", *_meaning("valid")) | ~filled("対応状況"))  # fmt: skip
_DELIVERED = ~(_TAKEN_BACK | _UNPAID | _RETURNED) & ~one_of(
    "対応状況", *_meaning("cancelled"), *_meaning("pending")
)

_ID = first("受注番号", "受注ID")
_MEMBER = first("顧客番号", "顧客ID")
_PRODUCT = leading(first("購入商品（商品コード）", "購入商品（SKUコード）", "購入商品（商品名）"))
_NTH = number(first("定期内受注（N番目）", "定期回数"))
_paid, _points = number("支払い合計"), number("利用ポイント")
_granted, _tax = number("付与ポイント"), number("消費税")
_worth = _paid + _points
_NO_TERMS: Mapping[str, Rule] = MappingProxyType({})


def _subscriptions(
    member: Rule,
    product: Rule,
    nth: Number,
    delivered: Condition | None = None,
    terms: Mapping[str, Rule] = _NO_TERMS,
) -> tuple[Projection, ...]:
    """Its first order tells how a subscription began, its last delivered one how far it came."""
    key = cell("定期受注番号")
    one = number(const("1"))
    told = {"subscription_id": key, "source_id": member, "product_id": product, **terms}
    some, the_first = filled(key), filled(nth) & ~positive(nth - one)
    return (
        Projection({**told, "started_at": cell("受注日")}, key=key, where=some & the_first),
        Projection(
            {**told, "started_at": when(the_first, "受注日"), "renewals": nth - one},
            key=key,
            where=some if delivered is None else some & delivered,
            lowest=-nth,
            fills=True,
        ),
    )


_ORDER = {
    "order_id": _ID,
    "ordered_at": cell("受注日"),
    "amount": _paid,
    "channel": const("ec"),
    "subscription_id": cell("定期受注番号"),
}

MINIMAL = Kind(
    name="orders_minimal",
    title="受注 (最小項目)",
    headers=MINIMAL_HEADERS,
    required=("受注番号", "受注日", "支払い合計"),
    orders=Projection(_ORDER, key=_ID, agree=("amount",)),
    buyer=Buyer(
        member=cell("顧客番号"),
        contact=(cell("メールアドレス"),),
        columns={"email": cell("メールアドレス"), "updated_at": cell("受注日")},
    ),
    tables={
        "subscriptions": _subscriptions(
            cell("顧客番号"), leading("購入商品（商品コード）"), number("定期回数")
        )
    },
)

_TERMS = {
    "cycle_days": number("何日ごと"),
    "commitment_orders": number("お約束回数（定期）"),
}


def _entry(suffix: str, kind: str, points: Rule, **further: Rule) -> dict[str, Rule]:
    return {
        "entry_id": joined(_ID, const(suffix)),
        "source_id": _MEMBER,
        "occurred_at": cell("受注日"),
        "kind": const(kind),
        "points": points,
        "order_id": _ID,
        **further,
    }


ORDERS = Kind(
    name="orders",
    title="受注",
    headers=ORDER_HEADERS,
    required=("受注番号", "受注日", "支払い合計"),
    orders=Projection(
        {
            **_ORDER,
            "amount": _worth,
            "amount_excluding_tax": when(positive(_tax), _worth - _tax),
            "discount": first(number("割引"), number("割引(ポイント含む)") - _points),
            "points_used": _points,
            "points_granted": _granted,
            "status": when(
                _TAKEN_BACK,
                const("cancelled"),
                when(_UNPAID, const("pending"), word("対応状況", _STATUS)),
            ),
        },
        key=_ID,
        agree=("amount",),
    ),
    buyer=Buyer(
        member=_MEMBER,
        contact=(
            cell("メールアドレス"),
            cell("請求先（電話番号フル）"),
            cell("請求先（名前フル）"),
        ),
        columns={
            "family_name": cell("請求先（名前1）"),
            "given_name": cell("請求先（名前2）"),
            "family_kana": cell("請求先（カナ1）"),
            "given_kana": cell("請求先（カナ2）"),
            "full_name": cell("請求先（名前フル）"),
            "full_kana": cell("請求先（カナフル）"),
            "phone": cell("請求先（電話番号フル）"),
            "email": cell("メールアドレス"),
            "line_id": cell("LINE ID"),
            "postal_code": cell("請求先（郵便番号フル）"),
            "address": first(
                "請求先（住所フル）",
                joined(
                    "請求先（都道府県）", "請求先（住所1）", "請求先（住所2）", "請求先（住所3）"
                ),
            ),
            "updated_at": cell("受注日"),
            "birth_date": cell("生年月日"),
            "gender": cell("性別"),
        },
    ),
    tables={
        "order_lines": (
            Projection(
                {
                    "order_id": _ID,
                    "product_id": first(
                        "購入商品（商品コード）", "購入商品（SKUコード）", "購入商品（商品名）"
                    ),
                    "product_name": cell("購入商品（商品名）"),
                    "category": cell("購入商品（商品カテゴリー）"),
                    "quantity": number("購入商品（個数）"),
                    "amount": number(first("購入商品（単価）", "購入商品（販売価格）"))
                    * number("購入商品（個数）"),
                },
                items=tuple(cell(f"購入商品（{part}）") for part in _GOODS),
            ),
        ),
        "point_entries": (
            Projection(
                _entry(":grant", "grant", _granted, expires_at=cell("ポイントの有効期限")),
                key=_ID,
                where=positive(_granted),
                of_valid_orders=True,
            ),
            Projection(
                _entry(":use", "use", _points),
                key=_ID,
                where=positive(_points),
                of_valid_orders=True,
            ),
        ),
        "subscriptions": _subscriptions(_MEMBER, _PRODUCT, _NTH, _DELIVERED, _TERMS),
    },
    totals=Totals(
        goods=number(first("商品合計金額", "小計")),
        parts=number("合計8%") + number("合計10%"),
        billed=number("合計"),
    ),
)

_ENDED = ~one_of("ステータス", "有効", "active", "継続", "継続中")
_STOPPED = one_of("ステータス", "停止", "suspend", "suspended")
_REASON = joined("キャンセル理由", "停止理由")

SUBSCRIPTIONS = Kind(
    name="subscriptions",
    title="定期受注",
    headers=SUBSCRIPTION_HEADERS,
    required=("定期受注ID", "ステータス"),
    tables={
        "subscriptions": (
            Projection(
                {
                    "subscription_id": first("定期受注番号", "定期受注ID"),
                    "source_id": _MEMBER,
                    "product_id": _PRODUCT,
                    "started_at": cell("作成日"),
                    "ended_at": when(
                        _ENDED,
                        when(
                            _STOPPED,
                            first("停止日", "キャンセル日"),
                            first("キャンセル日", "停止日", "削除日"),
                        ),
                    ),
                    "end_reason": when(
                        _ENDED & filled(_REASON),
                        when(
                            mentions(
                                _REASON, "決済", "支払", "与信", "カード", "督促", "未入金", "残高"
                            ),
                            const("payment"),
                            when(
                                mentions(_REASON, "満了", "回数終了", "回数到達", "規定回数"),
                                const("commitment_end"),
                                when(one_of(_REASON, "その他"), const("other"), const("voluntary")),
                            ),
                        ),
                    ),
                    **_TERMS,
                    "renewals": number(first("定期回数", "定期内受注数")) - number(const("1")),
                },
                key=first("定期受注番号", "定期受注ID"),
                take="last",
                fills=True,
            ),
        )
    },
)

FORMAT = Format("ecforce", "ecforce", (ORDERS, MINIMAL, SUBSCRIPTIONS))
