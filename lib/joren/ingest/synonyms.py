"""What clients' systems call the canonical columns, for proposals only: nothing is read by these.

Names are compared folded (`headers.folded`): width, case, brackets and punctuation do not matter.
"""

from __future__ import annotations

_PERSON = (
    "会員ID 会員番号 会員コード 会員No 顧客ID 顧客番号 顧客コード お客様番号 お客様ID 得意先コード"
)
_PERSON += " customer_id customer_number member_id member_no user_id"
_ORDER = "受注番号 受注ID 受注コード 注文番号 注文ID 取引ID 取引番号 伝票番号 レシート番号 購入番号"
_ORDER += " order_id order_number order_no transaction_id"
_PRODUCT = "商品コード 商品ID 商品番号 品番 SKU JANコード JAN product_id product_code sku item_id"
_STORE = "店舗 店舗名 店舗ID 店舗コード 店名 ショップ store shop location"

SYNONYMS: dict[str, dict[str, str]] = {
    "customers": {
        "source_id": _PERSON,
        "family_name": "姓 名字 氏名姓 お名前姓 顧客名姓 last_name family_name surname",
        "given_name": "名 氏名名 お名前名 顧客名名 first_name given_name",
        "family_kana": (
            "セイ 姓カナ 姓かな フリガナ姓 氏名カナ姓 名字フリガナ お名前カナ姓 last_name_kana"
        ),
        "given_kana": (
            "メイ 名カナ 名かな フリガナ名 氏名カナ名 名前フリガナ お名前カナ名 first_name_kana"
        ),
        "full_name": "氏名 お名前 顧客名 会員名 お客様名 名前 name full_name customer_name",
        "full_kana": "氏名カナ フリガナ ふりがな カナ氏名 お名前カナ カナ名 kana name_kana",
        "phone": (
            "電話番号 TEL 携帯電話 携帯番号 携帯電話番号 連絡先 電話 phone phone_number mobile"
        ),
        "email": "メールアドレス E-mail メール メルアド email mail mail_address",
        "line_id": "LINE_ID LINEユーザーID line_user_id",
        "card_no": "カード番号 店舗カード番号 ポイントカード番号 会員証番号 カードNo card_no",
        "postal_code": "郵便番号 〒 zip zip_code postal_code postcode",
        "address": "住所 ご住所 住所1 address address1",
        "birth_date": "生年月日 誕生日 birthday birth_date date_of_birth",
        "gender": "性別 gender sex",
        "registered_at": (
            "入会日 登録日 登録日時 会員登録日 会員登録日時 作成日 created_at registered_at"
        ),
        "updated_at": "更新日 更新日時 最終更新日 updated_at",
        "consent_email": (
            "メルマガ メール可否 メール配信 メルマガ受信可否フラグ メール受信 accepts_marketing"
        ),
        "consent_dm": "DM可否 DM DM送付 DM希望",
        "consent_line": "LINE配信 LINE可否 LINE受信",
    },
    "orders": {
        "order_id": _ORDER,
        "source_id": _PERSON,
        "ordered_at": (
            "注文日時 受注日時 取引日時 購入日時 注文日 受注日 取引日 購入日 売上日 日付 日時 "
            "order_date ordered_at created_at purchase_date date"
        ),
        "amount": (
            "合計 合計金額 請求金額 請求合計金額 支払い合計 お支払い合計 支払金額 総合計 "
            "総合計金額 購入金額 注文金額 売上金額 税込合計 税込金額 金額 total total_price "
            "amount"
        ),
        "amount_excluding_tax": "税抜合計 税抜金額 税抜 税抜き合計 税抜き金額 本体合計",
        "margin": "粗利 粗利益 粗利額 margin gross_profit",
        "discount": (
            "値引 値引額 値引き 割引 割引額 割引金額 クーポン値引 クーポン利用額 discount "
            "discount_amount"
        ),
        "points_used": "利用ポイント 使用ポイント ポイント利用額 ポイント利用 points_used",
        "points_granted": "付与ポイント 獲得ポイント 今回獲得ポイント points_granted",
        "channel": "チャネル 販路 購入経路 受注経路 購入経路区分 channel",
        "store": _STORE,
        "campaign_id": "キャンペーンID 施策ID キャンペーンコード 広告コード campaign_id",
        "subscription_id": "定期受注番号 定期ID 定期番号 定期受注ID subscription_id",
        "status": (
            "ステータス 受注ステータス 注文ステータス 状態 対応状況 取引区分 取消区分 "
            "処理状況区分 status order_status financial_status"
        ),
    },
    "order_lines": {
        "order_id": _ORDER,
        "line_no": "明細番号 行番号 明細No 取引明細ID 商品明細ID 枝番 line_no line_id",
        "product_id": _PRODUCT,
        "product_name": "商品名 品名 product_name item_name title",
        "category": "カテゴリ カテゴリー 商品カテゴリー 部門名 部門 分類 category",
        "quantity": "数量 個数 購入数量 点数 quantity qty",
        "amount": "小計 金額 明細金額 値引き後計 行合計 line_total subtotal amount",
    },
    "point_entries": {
        "entry_id": "履歴ID 履歴番号 ポイント履歴ID ポイント履歴番号 entry_id",
        "source_id": _PERSON,
        "occurred_at": "発生日時 発生日 処理日時 付与日時 付与日 日時 日付 occurred_at date",
        "kind": "区分 ポイント区分 種別 ポイント種別 kind type",
        "points": "ポイント ポイント数 増減ポイント 増減 points",
        "expires_at": "有効期限 ポイント有効期限 失効日 expires_at",
        "order_id": _ORDER,
    },
    "subscriptions": {
        "subscription_id": "定期受注番号 定期受注ID 定期ID 定期番号 subscription_id",
        "source_id": _PERSON,
        "product_id": _PRODUCT,
        "started_at": "開始日 定期開始日 申込日 申込日時 初回申込日 started_at start_date",
        "ended_at": "解約日 停止日 キャンセル日 終了日 ended_at cancelled_at",
        "end_reason": "解約理由 停止理由 キャンセル理由 end_reason",
        "cycle_days": "配送サイクル 何日ごと お届け間隔 cycle_days",
        "commitment_orders": "お約束回数 お約束回数定期 継続回数縛り commitment_orders",
        "renewals": "定期回数 継続回数 定期内受注数 renewals",
    },
    "products": {
        "product_id": _PRODUCT,
        "name": "商品名 品名 product_name name",
        "category": "カテゴリ カテゴリー 商品カテゴリー 部門名 分類 category",
        "unit_cost": "原価 仕入原価 仕入単価 cost unit_cost",
    },
}

STATUS_WORDS = {
    "valid": (
        "完了 発送済み 発送済 出荷済み 通常 売上 販売 入金済み 対応済み 済 paid completed "
        "shipped fulfilled"
    ),
    "cancelled": "キャンセル 取消 取り消し 注文取消 注文取消し cancelled canceled voided",
    "returned": "返品 返品済み 返金 返金済み 返品取引 refunded returned",
    "pending": (
        "処理中 新規受付 新規 未入金 入金待ち 保留 対応中 準備中 仮受注 pending unpaid authorized"
    ),
}
