"""futureshop: 受注データ in the FutureShop2 layout, one row per item, order cells repeated.

The vendor lets a shop choose the columns; the 138 here are one such choice, as public programs
read it. A partner's description of the same data says that 総合計金額 is before discounts and
points and 請求合計金額 after both, that 商品合計金額 includes tax and the price of options, and
names the words of 処理状況区分.

Guesses, to be confirmed with a client's first file: 消費税合計 is the tax within the total; an
order that is neither paid (入金フラグ) nor shipped (発送フラグ) is unpaid; a buyer without 会員ID
is a guest. The points a shop grants are not in this file, so it feeds no ledger.
"""

from __future__ import annotations

from joren.ingest.kinds import Buyer, Format, Kind, Projection, Totals, header_names
from joren.ingest.rules import (
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

ORDER_HEADERS = header_names("""
    レコードナンバー,受注コード,注文日時,請求合計金額,総合計金額,商品合計金額,消費税合計,
    包装手数料,送料,決済手数料,クール便手数料,その他手数料,決済方法,決済管理No,コンビニ区分,
    コンビニ支払番号,購入経路区分,通信欄,お客様へのご連絡事項,ショップメモ,処理状況区分,
    入金フラグ,入金確認日,メール送信日（注文確認）,メール送信回数（入金確認）,
    メール送信日（入金確認）,手続きフラグ,手続き日,会員ID,氏名（姓）,氏名（名）,フリガナ（姓）,
    フリガナ（名）,メールアドレス（メイン）,メールアドレス（サブ）,メールアドレス（モバイル）,
    郵便番号,地域区分,都道府県区分,住所1,住所2,住所3,電話番号（メイン）,電話番号（サブ）,
    携帯電話番号,FAX番号,性別区分,生年月日,ニックネーム,会社名,会社名（フリガナ）,部署名,
    部署名（フリガナ）,電話番号（会社）,電話番号（FAX）,メルマガ受信可否フラグ,
    HTMLメール受信可否フラグ,モバイルメルマガ受信可否フラグ,アンケート回答内容01,
    アンケート回答内容02,アンケート回答内容03,アンケート回答内容04,アンケート回答内容05,
    アンケート回答内容06,アンケート回答内容07,アンケート回答内容08,アンケート回答内容09,
    アンケート回答内容10,複数お届け先フラグ,お届け先氏名（姓）,お届け先氏名（名）,
    お届け先フリガナ（姓）,お届け先フリガナ（名）,お届け先郵便番号,お届け先地域区分,
    お届け先都道府県区分,お届け先住所１,お届け先住所２,お届け先住所３,お届け先電話番号,包装名,
    お届け先別商品合計,お届け先別消費税,お届け先別基本送料,お届け先別クール便手数料,
    お届け先別包装手数料,お届け先別決済手数料,お届け先別明細番号,お店から後ほど連絡,
    クール便使用フラグ,送り状番号,着予定,お届け希望日,お届け希望時間,詳細指定事項欄,発送フラグ,
    発送日,メール送信回数（発送通知）,メール送信日（発送通知）,商品番号,枝番号,商品名,項目選択肢,
    バリエーション名,オプション価格選択肢コード,オプション価格,販売単価,購入数量,消費税種類,
    消費税,ポイント利用の有無,ポイント利用条件,ポイント利用額,ポイントステータス,最終更新日,
    追加属性項目１,追加属性項目２,追加属性項目３,追加属性項目４,追加属性項目５,追加属性項目６,
    追加属性項目７,追加属性項目８,追加属性項目９,追加属性項目１０,追加属性項目１１,
    追加属性項目１２,追加属性項目１３,追加属性項目１４,追加属性項目１５,追加属性項目１６,
    追加属性項目１７,追加属性項目１８,追加属性項目１９,追加属性項目２０,F-REGI取引番号,
    F-REGI承認番号,JANコード
""")

_STATUS = {
    "通常処理": "valid",
    "通常処理中": "valid",
    "処理済": "valid",
    "処理済み": "valid",
    "注文取消": "cancelled",
    "キャンセル": "cancelled",
    "返品": "returned",
    "未回収": "pending",
    "保留": "pending",
    "予約": "pending",
}
_VALID = tuple(written for written, meant in _STATUS.items() if meant == "valid")
_UNPAID = one_of("入金フラグ", "0", "未", "未入金") & ~one_of("発送フラグ", "1", "済", "発送済")

_billed, _total = number("請求合計金額"), number("総合計金額")
_points = number("ポイント利用額")
_worth = number(when(filled("請求合計金額"), _billed + _points, _total))
_tax = number("消費税合計")
_email = first("メールアドレス（メイン）", "メールアドレス（モバイル）", "メールアドレス（サブ）")
_phone = first("電話番号（メイン）", "携帯電話番号", "電話番号（サブ）")

ORDERS = Kind(
    name="orders",
    title="受注データ (FutureShop2形式)",
    headers=ORDER_HEADERS,
    required=("受注コード", "注文日時"),
    orders=Projection(
        {
            "order_id": cell("受注コード"),
            "ordered_at": cell("注文日時"),
            "amount": _worth,
            "amount_excluding_tax": when(positive(_tax), _worth - _tax),
            "discount": when(
                filled("請求合計金額") & filled("総合計金額"), _total - _billed - _points
            ),
            "points_used": _points,
            "channel": const("ec"),
            "status": when(
                _UNPAID & (one_of("処理状況区分", *_VALID) | ~filled("処理状況区分")),
                const("pending"),
                word("処理状況区分", _STATUS),
            ),
        },
        key=cell("受注コード"),
        agree=("amount",),
    ),
    buyer=Buyer(
        member=cell("会員ID"),
        contact=(_email, _phone, joined("氏名（姓）", "氏名（名）")),
        columns={
            "family_name": cell("氏名（姓）"),
            "given_name": cell("氏名（名）"),
            "family_kana": cell("フリガナ（姓）"),
            "given_kana": cell("フリガナ（名）"),
            "phone": _phone,
            "email": _email,
            "postal_code": cell("郵便番号"),
            "address": joined("都道府県区分", "住所1", "住所2", "住所3"),
            "updated_at": cell("注文日時"),
            "birth_date": cell("生年月日"),
            "gender": cell("性別区分"),
            "consent_email": cell("メルマガ受信可否フラグ"),
        },
    ),
    tables={
        "order_lines": (
            Projection(
                {
                    "order_id": cell("受注コード"),
                    "product_id": first("商品番号", "JANコード", "商品名"),
                    "product_name": cell("商品名"),
                    "quantity": number("購入数量"),
                    "amount": (number("販売単価") + number("オプション価格")) * number("購入数量"),
                }
            ),
        ),
    },
    totals=Totals(
        goods=number("商品合計金額"),
        parts=number("商品合計金額")
        + number("包装手数料")
        + number("送料")
        + number("決済手数料")
        + number("クール便手数料")
        + number("その他手数料"),
        billed=_total,
    ),
)

FORMAT = Format("futureshop", "futureshop", (ORDERS,))
