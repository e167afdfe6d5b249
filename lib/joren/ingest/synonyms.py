"""What clients' systems call the canonical columns, for proposals only: nothing is read by these.

Names are compared folded (`headers.folded`): width, case, brackets and punctuation do not matter.
"""

from __future__ import annotations

_PERSON = (
    "会員ID 会員番号 会員コード 会員No 顧客ID 顧客番号 顧客コード お客様番号 お客様ID 得意先コード"
)
_PERSON += " 顧客No 会員管理番号 ユーザーID customer_id customer_number member_id member_no user_id"
_ORDER = "受注番号 受注ID 受注コード 注文番号 注文ID 取引ID 取引番号 伝票番号 レシート番号 購入番号"
_ORDER += " 受注No 注文No 申込番号 order_id order_number order_no transaction_id"
_PRODUCT = "商品コード 商品ID 商品番号 品番 SKU JANコード JAN product_id product_code sku item_id"
_STORE = "店舗 店舗名 店舗ID 店舗コード 店名 ショップ store shop location"
_CAMPAIGN = "施策ID キャンペーンID 施策コード キャンペーンコード 施策番号 広告コード campaign_id"
_CAMPAIGN += " キャンペーン"
_CHANNEL = "チャネル 販路 購入経路 受注経路 購入経路区分 媒体 配信チャネル channel"

SYNONYMS: dict[str, dict[str, str]] = {
    "customers": {
        "source_id": _PERSON,
        "family_name": "姓 名字 氏名姓 お名前姓 顧客名姓 last_name family_name surname",
        "given_name": "名 氏名名 お名前名 顧客名名 first_name given_name",
        "family_kana": (
            "セイ 姓カナ 姓かな フリガナ姓 氏名カナ姓 カナ姓 名字フリガナ お名前カナ姓 "
            "last_name_kana"
        ),
        "given_kana": (
            "メイ 名カナ 名かな フリガナ名 氏名カナ名 カナ名 名前フリガナ お名前カナ名 "
            "first_name_kana"
        ),
        "full_name": "氏名 お名前 顧客名 会員名 お客様名 名前 name full_name customer_name",
        "full_kana": "氏名カナ フリガナ ふりがな カナ氏名 お名前カナ カナ kana name_kana",
        "phone": (
            "電話番号 TEL 携帯電話 携帯番号 携帯電話番号 連絡先 電話 phone phone_number mobile"
        ),
        "email": "メールアドレス E-mail メール メルアド email mail mail_address",
        "line_id": "LINE_ID LINEユーザーID LINE識別子 UID line_user_id",
        "card_no": (
            "カード番号 店舗カード番号 ポイントカード番号 会員カード番号 会員証番号 カードNo "
            "card_no"
        ),
        "postal_code": "郵便番号 〒 zip zip_code postal_code postcode",
        "address": "住所 ご住所 住所1 address address1",
        "birth_date": "生年月日 誕生日 birthday birth_date date_of_birth",
        "gender": "性別 gender sex",
        "registered_at": (
            "入会日 登録日 登録日時 会員登録日 会員登録日時 入会日時 友だち追加日 友だち追加日時 "
            "作成日 作成日時 created_at registered_at"
        ),
        "updated_at": "更新日 更新日時 最終更新日 最終更新日時 updated_at",
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
            "申込日時 申込日 order_date ordered_at created_at purchase_date date"
        ),
        "amount": (
            "合計 合計金額 請求金額 請求合計金額 支払い合計 お支払い合計 支払合計 支払金額 総合計 "
            "総合計金額 合計金額税込 お買上金額 購入金額 注文金額 売上金額 税込合計 税込金額 金額 "
            "total total_price amount"
        ),
        "amount_excluding_tax": "税抜合計 税抜金額 税抜 税抜き合計 税抜き金額 本体合計",
        "margin": "粗利 粗利益 粗利額 margin gross_profit",
        "discount": (
            "値引 値引額 値引き 値引き額 割引 割引額 割引金額 クーポン値引 クーポン利用額 discount "
            "discount_amount"
        ),
        "points_used": "利用ポイント 使用ポイント ポイント利用額 ポイント利用 points_used",
        "points_granted": "付与ポイント 獲得ポイント 今回獲得ポイント points_granted",
        "channel": _CHANNEL,
        "store": _STORE,
        "campaign_id": _CAMPAIGN,
        "subscription_id": "定期受注番号 定期ID 定期番号 定期受注ID subscription_id",
        "status": (
            "ステータス 受注ステータス 注文ステータス 受注状況 状態 対応状況 取引区分 取消区分 "
            "処理状況区分 status order_status financial_status"
        ),
    },
    "order_lines": {
        "order_id": _ORDER,
        "line_no": "明細番号 行番号 明細行 明細No 取引明細ID 商品明細ID 枝番 line_no line_id",
        "product_id": _PRODUCT,
        "product_name": "商品名 品名 product_name item_name title",
        "category": "カテゴリ カテゴリー 商品カテゴリー 部門名 部門 分類 category",
        "quantity": "数量 個数 購入数量 点数 quantity qty",
        "amount": "小計 金額 明細金額 値引き後計 行合計 line_total subtotal amount",
    },
    "point_entries": {
        "entry_id": "履歴番号 履歴ID ポイント履歴ID ポイント履歴番号 履歴No entry_id",
        "source_id": _PERSON,
        "occurred_at": (
            "発生日時 発生日 処理日時 処理日 付与日時 付与日 履歴日時 日時 日付 occurred_at date"
        ),
        "kind": "区分 ポイント区分 種別 ポイント種別 処理区分 増減区分 kind type",
        "points": "ポイント ポイント数 増減ポイント 対象ポイント 増減 points",
        "account": "口座 ポイント口座 account",
        "programme": "プログラム ポイントプログラム ポイント名 programme",
        "available_at": "利用開始日 利用開始日時 利用可能日 available_at",
        "expires_at": "有効期限 ポイント有効期限 有効期限日時 有効期限日 失効日 expires_at",
        "order_source": "受注元 受注システム order_source",
        "order_id": _ORDER,
        "campaign_id": _CAMPAIGN,
        "reverses_entry_id": (
            "元履歴番号 元履歴ID 取消元履歴番号 取消対象履歴番号 対象履歴番号 reverses_entry_id"
        ),
        "transfer_id": "移行番号 移行ID 移行管理番号 統合番号 transfer_id",
        "funder": "負担元 原資 原資負担 funder",
    },
    "point_balances_reported": {
        "source_id": _PERSON,
        "account": "口座 ポイント口座 account",
        "as_of": "基準日 基準日時 集計日 残高日 時点 as_of",
        "balance": "ポイント残高 残高 保有ポイント 現在ポイント 残ポイント balance",
    },
    "events": {
        "source_id": f"{_PERSON} LINEユーザーID line_user_id",
        "occurred_at": (
            "発生日時 受付日時 日時 イベント日時 行動日時 対応日時 入電日時 受信日時 発生日 受付日 "
            "occurred_at timestamp event_time date"
        ),
        "touchpoint": (
            "イベント 行動 用件 用件区分 問合せ区分 問い合わせ区分 お問い合わせ区分 問合せ種別 "
            "問い合わせ種別 アクション イベント名 touchpoint event event_name action"
        ),
        "event_id": "イベントID 受付番号 受付ID 問合せ番号 お問い合わせ番号 対応番号 event_id",
        "channel": _CHANNEL,
        "campaign_id": _CAMPAIGN,
        "value": "値 金額 value",
    },
    "contacts": {
        "source_id": f"{_PERSON} LINEユーザーID line_user_id",
        "occurred_at": "配信日時 送信日時 配信日 送信日 発送日 接触日時 sent_at occurred_at",
        "channel": _CHANNEL,
        "campaign_id": _CAMPAIGN,
    },
    "outcomes": {
        "list_id": "リストID リスト番号 list_id",
        "source_id": _PERSON,
        "outcome": "結果 対応結果 コール結果 outcome result",
        "at": "対応日時 結果日時 実施日時 実施日 at",
    },
    "campaigns": {
        "campaign_id": _CAMPAIGN,
        "name": "施策名 キャンペーン名 name campaign_name",
        "kind": "種別 区分 施策種別 施策区分 キャンペーン種別 kind type",
        "starts_on": "開始日 開始日時 施策開始日 starts_on start_date",
        "ends_on": "終了日 終了日時 施策終了日 ends_on end_date",
        "objective": "目的 objective",
        "kpi": "KPI 評価指標 指標 kpi",
        "kpi_target": "目標 目標値 KPI目標 kpi_target target",
        "cost": "費用 コスト 経費 cost",
        "planned_shares": "割付比 配分 planned_shares",
    },
    "assignments": {
        "campaign_id": _CAMPAIGN,
        "source_id": _PERSON,
        "arm": "群 グループ 割付群 割付 配信群 arm group variant",
        "assigned_at": "割付日時 割付日 抽出日 抽出日時 assigned_at",
        "stratum": "層 層別 セグメント stratum segment",
    },
    "stores": {
        "store": "店舗ID 店舗コード 店舗番号 店コード store shop",
        "name": "店舗名 店名 店舗名称 name",
        "area": "エリア 地域 地区 都道府県 area region",
    },
    "staff": {
        "store": _STORE,
        "role": "役割 職種 区分 role",
        "hours": "時間 勤務時間 労働時間 hours",
    },
    "weather": {
        "area": "エリア 地域 地点 都道府県 area",
        "date": "日付 年月日 date",
        "condition": "天気 天気概況 天候 condition",
        "temperature": "気温 平均気温 temperature",
    },
    "stock": {
        "product_id": _PRODUCT,
        "date": "日付 在庫日 基準日 棚卸日 date",
        "quantity": "在庫数 在庫 数量 quantity stock",
    },
    "subscriptions": {
        "subscription_id": (
            "定期受注番号 定期受注ID 定期ID 定期番号 定期申込番号 定期コード subscription_id"
        ),
        "source_id": _PERSON,
        "product_id": _PRODUCT,
        "started_at": (
            "開始日 定期開始日 定期開始日時 申込日 申込日時 定期申込日 初回申込日 登録日 登録日時 "
            "started_at start_date"
        ),
        "ended_at": "解約日 解約日時 停止日 キャンセル日 休止日 終了日 ended_at cancelled_at",
        "end_reason": "解約理由 停止理由 キャンセル理由 end_reason",
        "cycle_days": "何日ごと お届け間隔 お届けサイクル 配送間隔 配送サイクル cycle_days",
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

BORROWED = {
    ("customers", "source_id"): ("card_no", "line_id"),
    ("events", "source_id"): ("event_id",),
}
"""A file without ID of the person: the columns whose header is the ID instead, best first.

A list of cards or LINE friends has no other; a record of a call stands for its unknown caller.
"""

SHIP_TO = ("お届け先", "届け先", "配送先", "送付先", "届先", "受取人", "ship", "recipient", "gift")
"""Words in headers of the person a parcel goes to, who is not the buyer."""

BUYER = (
    "ご注文者名", "注文者名", "購入者名", "顧客名", "会員名", "お客様名", "ご注文者", "注文者",
    "購入者", "申込者", "ご依頼主", "請求先", "顧客", "会員", "お客様",
)  # fmt: skip
"""Words before a personal header that say it is the buyer's, the longest first."""

CHANNELS = {
    "line": ("LINE", "友だち"),
    "call": ("コールセンター", "受付番号", "入電", "架電", "通話", "call"),
    "app": ("アプリ", "app"),
    "mail": ("メール配信", "開封", "mail"),
}
"""Channel → what its folder, file or headers are called, for events that name no channel."""

WORDS: dict[tuple[str, str], dict[str, str]] = {
    ("orders", "status"): {
        "valid": (
            "完了 発送済み 発送済 出荷済み 出荷済 配送済み 配送完了 発送完了 通常 売上 販売 "
            "入金済み 入金済 対応済み 済 paid completed shipped fulfilled"
        ),
        "cancelled": "キャンセル 取消 取り消し 注文取消 注文取消し cancelled canceled voided",
        "returned": "返品 返品済み 返品済 返金 返金済み 返品取引 refunded returned",
        "pending": (
            "処理中 新規受付 新規 受付 未処理 未入金 入金待ち 未発送 出荷待ち 発送待ち 保留 対応中 "
            "準備中 仮受注 予約 予約中 pending unpaid authorized"
        ),
    },
    ("point_entries", "kind"): {
        "grant": "付与 獲得 加算 進呈 ポイント付与 ポイント獲得 grant earn earned",
        "use": "利用 使用 消費 充当 ポイント利用 ポイント使用 use used redeem",
        "expire": "失効 期限切れ 有効期限切れ ポイント失効 expire expired",
        "cancel": "取消 取り消し 取消し キャンセル 付与取消 利用取消 戻し cancel cancelled",
        "adjust": "調整 補正 修正 手動調整 ポイント調整 adjust adjustment",
        "transfer": "移行 移管 移動 統合 合算 ポイント移行 transfer",
    },
    ("subscriptions", "end_reason"): {
        "voluntary": "解約 任意解約 お客様都合 顧客都合 本人希望 自己都合 voluntary",
        "payment": "決済エラー 決済失敗 決済NG 支払い遅延 未払い 与信エラー payment",
        "commitment_end": "満了 回数満了 契約満了 お約束回数終了 commitment_end",
        "other": "その他 不明 other",
    },
    ("campaigns", "kind"): {
        "points": "ポイント ポイント施策 ポイントアップ points",
        "dm": "DM ダイレクトメール 郵送 はがき dm",
        "mail": "メール メルマガ Eメール メール配信 mail email",
        "line": "LINE LINE配信 line",
        "coupon": "クーポン クーポン施策 coupon",
        "event": "イベント 店頭イベント event",
        "other": "その他 other",
    },
}
"""(table, column) → our word → the clients' words for it."""
