"""楽天市場 (RMS): the order CSV of 楽天ペイ, and 通常購入データ as it was before.

Both hold one row per item with the order's cells repeated. The columns of the current file are
those of four public readers of real files; which of them appear is the shop's choice.

From the vendor's order interface, whose fields bear the same names: 請求金額 is goods, shipping,
wrapping and payment fees less coupons and points, -9999 while shipping is not settled; 合計金額 has
no payment fees; 商品合計金額 has the wrapping; 消費税合計 is the tax on goods priced without it, so
that no amount excluding tax can be had. The worth of an order is therefore 請求金額 with the points
and the mall's own coupons put back. Guesses: 申込番号 is the subscription an order belongs to; the
older file's figures mean the same as the newer one's.

Rakuten's points are the mall's and stay with the order. 送付先 is whoever receives the parcel.
"""

from __future__ import annotations

from joren.ingest.kinds import Buyer, Format, Kind, Projection, Totals, header_names
from joren.ingest.rules import cell, const, filled, first, joined, number, when, word

_HEADERS = header_names("""
    注文番号,ステータス,サブステータスID,サブステータス,注文日時,注文日,注文時間,キャンセル期限日,
    注文確認日時,注文確定日時,発送指示日時,発送完了報告日時,支払方法名,クレジットカード支払い方法,
    クレジットカード支払い回数,配送方法,配送区分,注文種別,複数送付先フラグ,送付先一致フラグ,
    離島フラグ,楽天確認中フラグ,警告表示タイプ,楽天会員フラグ,購入履歴修正有無フラグ,商品合計金額,
    消費税合計,送料合計,代引料合計,請求金額,合計金額,ポイント利用額,クーポン利用総額,
    店舗発行クーポン利用額,楽天発行クーポン利用額,注文者郵便番号1,注文者郵便番号2,
    注文者住所都道府県,注文者住所郡市区,注文者住所それ以降の住所,注文者姓,注文者名,注文者姓カナ,
    注文者名カナ,注文者電話番号1,注文者電話番号2,注文者電話番号3,注文者メールアドレス,注文者性別,
    申込番号,申込お届け回数,送付先ID,送付先送料,送付先代引料,送付先消費税合計,送付先商品合計金額,
    送付先合計金額,のし,送付先郵便番号1,送付先郵便番号2,送付先住所都道府県,送付先住所郡市区,
    送付先住所それ以降の住所,送付先姓,送付先名,送付先姓カナ,送付先名カナ,送付先電話番号1,
    送付先電話番号2,送付先電話番号3,商品明細ID,商品ID,商品名,商品番号,商品管理番号,単価,個数,
    送料込別,税込別,代引手数料込別,項目・選択肢,ポイント倍率,納期情報,在庫タイプ,
    ラッピングタイトル1,ラッピング名1,ラッピング料金1,ラッピング税込別1,ラッピング種類1,
    ラッピングタイトル2,ラッピング名2,ラッピング料金2,ラッピング税込別2,ラッピング種類2,
    お届け時間帯,お届け日指定,担当者,ひとことメモ,メール差込文 (お客様へのメッセージ),
    ギフト配送希望,コメント,利用端末,メールキャリアコード,あす楽希望フラグ,医薬品受注フラグ,
    楽天スーパーDEAL商品受注フラグ,メンバーシッププログラム受注タイプ
""")

_LEGACY_HEADERS = header_names("""
    受注番号,受注ステータス,カード決済ステータス,入金日,配送日,お届け時間帯,お届け日指定,担当者,
    ひとことメモ,メール差込文(お客様へのメッセージ),初期購入合計金額,利用端末,メールキャリアコード,
    ギフトチェック（0:なし/1:あり）,コメント,注文日時,複数送付先フラグ,警告表示フラグ,
    楽天会員フラグ,合計,消費税(-99999=無効値),送料(-99999=無効値),代引料(-99999=無効値),
    請求金額(-99999=無効値),合計金額(-99999=無効値),同梱ID,同梱ステータス,同梱商品合計金額,
    同梱送料合計,同梱代引料合計,同梱消費税合計,同梱請求金額,同梱合計金額,
    同梱楽天バンク決済振替手数料,同梱ポイント利用合計,メールフラグ,注文日,注文時間,
    モバイルキャリア決済番号,購入履歴修正可否タイプ,購入履歴修正アイコンフラグ,
    購入履歴修正催促メールフラグ,送付先一致フラグ,ポイント利用有無,注文者郵便番号１,
    注文者郵便番号２,注文者住所：都道府県,注文者住所：都市区,注文者住所：町以降,注文者名字,
    注文者名前,注文者名字フリガナ,注文者名前フリガナ,注文者電話番号１,注文者電話番号２,
    注文者電話番号３,メールアドレス,注文者性別,注文者誕生日,決済方法,クレジットカード種類,
    クレジットカード番号,クレジットカード名義人,クレジットカード有効期限,クレジットカード分割選択,
    クレジットカード分割備考,配送方法,配送区分,ポイント利用額,ポイント利用条件,ポイントステータス,
    楽天バンク決済ステータス,楽天バンク振替手数料負担区分,楽天バンク決済手数料,
    ラッピングタイトル(包装紙),ラッピング名(包装紙),ラッピング料金(包装紙),税込別(包装紙),
    ラッピングタイトル(リボン),ラッピング名(リボン),ラッピング料金(リボン),税込別(リボン),
    送付先送料,送付先代引料,送付先消費税,お荷物伝票番号,送付先商品合計金額,のし,送付先郵便番号１,
    送付先郵便番号２,送付先住所：都道府県,送付先住所：都市区,送付先住所：町以降,送付先名字,
    送付先名前,送付先名字フリガナ,送付先名前フリガナ,送付先電話番号１,送付先電話番号２,
    送付先電話番号３,商品ID,商品名,商品番号,商品URL,単価,個数,送料込別,税込別,代引手数料込別,
    項目・選択肢,ポイント倍率,ポイントタイプ,レコードナンバー,納期情報,在庫タイプ,
    ラッピング種類(包装紙),ラッピング種類(リボン),あす楽希望,クーポン利用額,店舗発行クーポン利用額,
    楽天発行クーポン利用額,同梱注文クーポン利用額,配送会社,薬事フラグ,楽天スーパーDEAL,
    メンバーシッププログラム
""")

_NONE = ("-99999", "-9999")

_STATUS = {
    "100": "pending",
    "注文確認待ち": "pending",
    "200": "pending",
    "楽天処理中": "pending",
    "300": "valid",
    "発送待ち": "valid",
    "400": "valid",
    "変更確定待ち": "valid",
    "500": "valid",
    "発送済": "valid",
    "発送済み": "valid",
    "600": "valid",
    "支払手続き中": "valid",
    "700": "valid",
    "支払手続き済": "valid",
    "支払手続き済み": "valid",
    "800": "cancelled",
    "キャンセル確定待ち": "cancelled",
    "900": "cancelled",
    "キャンセル確定": "cancelled",
}

_LEGACY_STATUS = {
    "新規受付": "pending",
    "保留": "pending",
    "入金待ち": "pending",
    "発送前入金待ち": "pending",
    "発送後入金待ち": "pending",
    "発送待ち": "valid",
    "発送準備中": "valid",
    "発送済": "valid",
    "発送済み": "valid",
    "処理済": "valid",
    "処理済み": "valid",
    "完了": "valid",
    "キャンセル": "cancelled",
    "返品": "returned",
}

_BILLED = number("請求金額", _NONE)
_POINTS = number("ポイント利用額", _NONE)
_SHOP_COUPON = number("店舗発行クーポン利用額", _NONE)
_MALL_COUPON = number("楽天発行クーポン利用額", _NONE)
_FEES = number("送料合計", _NONE) + number("代引料合計", _NONE)
_GOODS = number("商品合計金額", _NONE)

_ORDERS = Projection(
    key=cell("注文番号"),
    columns={
        "order_id": cell("注文番号"),
        "ordered_at": first("注文日時", joined("注文日", "注文時間", separator=" ")),
        "amount": when(
            filled(_BILLED),
            _BILLED + _POINTS + _MALL_COUPON,
            number("合計金額", _NONE) + number("代引料合計", _NONE) - _SHOP_COUPON,
        ),
        "discount": _SHOP_COUPON,
        "mall_discount": _MALL_COUPON,
        "points_used": _POINTS,
        "channel": const("mall"),
        "subscription_id": cell("申込番号"),
        "status": word("ステータス", _STATUS),
    },
    agree=("amount",),
)

_LINES = Projection(
    where=filled("商品名") | filled("商品番号") | filled("商品管理番号"),
    columns={
        "order_id": cell("注文番号"),
        "line_no": cell("商品明細ID"),
        "product_id": first("商品番号", "商品管理番号", "商品ID", "商品名"),
        "product_name": cell("商品名"),
        "quantity": number("個数"),
        "amount": number("単価") * number("個数"),
    },
)

_PHONE = joined("注文者電話番号1", "注文者電話番号2", "注文者電話番号3", separator="-")
_BUYER = Buyer(
    contact=(cell("注文者メールアドレス"), _PHONE, joined("注文者姓", "注文者名")),
    columns={
        "family_name": cell("注文者姓"),
        "given_name": cell("注文者名"),
        "family_kana": cell("注文者姓カナ"),
        "given_kana": cell("注文者名カナ"),
        "phone": _PHONE,
        "email": cell("注文者メールアドレス"),
        "postal_code": joined("注文者郵便番号1", "注文者郵便番号2", separator="-"),
        "address": joined("注文者住所都道府県", "注文者住所郡市区", "注文者住所それ以降の住所"),
        "gender": cell("注文者性別"),
        "updated_at": cell("注文日時"),
    },
)

_LEGACY_BILLED = number("請求金額(-99999=無効値)", _NONE)
_LEGACY_FEES = number("送料(-99999=無効値)", _NONE) + number("代引料(-99999=無効値)", _NONE)

_LEGACY_ORDERS = Projection(
    key=cell("受注番号"),
    columns={
        "order_id": cell("受注番号"),
        "ordered_at": first("注文日時", joined("注文日", "注文時間", separator=" ")),
        "amount": when(
            filled(_LEGACY_BILLED),
            _LEGACY_BILLED + _POINTS + _MALL_COUPON,
            number("合計金額(-99999=無効値)", _NONE) - _SHOP_COUPON,
        ),
        "discount": _SHOP_COUPON,
        "mall_discount": _MALL_COUPON,
        "points_used": _POINTS,
        "channel": const("mall"),
        "status": word("受注ステータス", _LEGACY_STATUS),
    },
    agree=("amount",),
)

_LEGACY_LINES = Projection(
    where=filled("商品名") | filled("商品番号"),
    columns={
        "order_id": cell("受注番号"),
        "product_id": first("商品番号", "商品ID", "商品名"),
        "product_name": cell("商品名"),
        "quantity": number("個数"),
        "amount": number("単価") * number("個数"),
    },
)

_LEGACY_PHONE = joined("注文者電話番号１", "注文者電話番号２", "注文者電話番号３", separator="-")
_LEGACY_BUYER = Buyer(
    contact=(cell("メールアドレス"), _LEGACY_PHONE, joined("注文者名字", "注文者名前")),
    columns={
        "family_name": cell("注文者名字"),
        "given_name": cell("注文者名前"),
        "family_kana": cell("注文者名字フリガナ"),
        "given_kana": cell("注文者名前フリガナ"),
        "phone": _LEGACY_PHONE,
        "email": cell("メールアドレス"),
        "postal_code": joined("注文者郵便番号１", "注文者郵便番号２", separator="-"),
        "address": joined("注文者住所：都道府県", "注文者住所：都市区", "注文者住所：町以降"),
        "birth_date": cell("注文者誕生日"),
        "gender": cell("注文者性別"),
        "updated_at": cell("注文日時"),
    },
)

FORMAT = Format(
    name="rakuten",
    title="楽天市場",
    kinds=(
        Kind(
            name="orders",
            title="楽天ペイ受注CSV",
            headers=_HEADERS,
            # without points and mall coupons an amount would be wrong and not show it
            required=(
                "注文番号",
                "注文日時",
                "請求金額",
                "ポイント利用額",
                "楽天発行クーポン利用額",
            ),
            orders=_ORDERS,
            buyer=_BUYER,
            tables={"order_lines": (_LINES,)},
            totals=Totals(
                goods=_GOODS - number("ラッピング料金1") - number("ラッピング料金2"),
                parts=_GOODS
                + number("消費税合計", _NONE)
                + _FEES
                - _POINTS
                - number("クーポン利用総額", _NONE),
                billed=_BILLED,
            ),
        ),
        Kind(
            name="orders_legacy",
            title="通常購入データ",
            headers=_LEGACY_HEADERS,
            required=("受注番号", "注文日時", "請求金額(-99999=無効値)", "ポイント利用額"),
            orders=_LEGACY_ORDERS,
            buyer=_LEGACY_BUYER,
            tables={"order_lines": (_LEGACY_LINES,)},
            totals=Totals(
                goods=number("合計", _NONE),
                parts=number("合計", _NONE)
                + number("消費税(-99999=無効値)", _NONE)
                + _LEGACY_FEES
                - _POINTS
                - number("クーポン利用額", _NONE),
                billed=_LEGACY_BILLED,
            ),
            aliases={
                f"{name}(-99999=無効値)": (name,)
                for name in ("消費税", "送料", "代引料", "請求金額", "合計金額")
            },
        ),
    ),
)
