"""The parameter file and the README of a simulated client, and the mark they bear."""

from __future__ import annotations

import os
from pathlib import Path

from joren.simulate.exports.web import KINDS

MARK = "joren simulate"
_TITLES = {"demo": ("デモ商店", "Demo store")}

_POS_MEMBERS = {
    "source_id": "会員ID", "full_name": "氏名", "full_kana": "氏名カナ", "phone": "電話番号",
    "email": "メールアドレス", "postal_code": "郵便番号", "address": "住所",
    "birth_date": "生年月日", "gender": "性別", "registered_at": "入会日",
    "card_no": "カード番号", "consent_dm": "DM可否", "consent_email": "メール可否",
}  # fmt: skip
_WEB_MEMBERS = {
    "source_id": "会員ID", "family_name": "姓", "given_name": "名", "family_kana": "セイ",
    "given_kana": "メイ", "phone": "TEL", "email": "E-mail", "postal_code": "郵便番号",
    "address": "住所", "birth_date": "生年月日", "gender": "性別", "registered_at": "登録日時",
    "updated_at": "更新日時", "card_no": "店舗カード番号", "consent_email": "メルマガ",
}  # fmt: skip
_WEB_POINTS = {
    "entry_id": "履歴番号", "source_id": "会員ID", "occurred_at": "発生日時", "kind": "区分",
    "points": "ポイント", "expires_at": "有効期限", "order_id": "受注コード",
    "reverses_entry_id": "元履歴番号", "transfer_id": "移行番号", "campaign_id": "キャンペーン",
}  # fmt: skip
_FRIENDS = {
    "source_id": "ユーザーID", "line_id": "ユーザーID", "full_name": "氏名", "phone": "電話番号",
    "card_no": "カード番号", "registered_at": "友だち追加日時",
}  # fmt: skip
_LINE_EVENTS = {
    "source_id": "ユーザーID", "occurred_at": "日時", "touchpoint": "イベント",
    "campaign_id": "キャンペーン",
}  # fmt: skip
_CALLERS = {
    "source_id": "顧客番号", "full_kana": "お名前カナ", "phone": "電話番号",
    "registered_at": "登録日",
}  # fmt: skip
_CALLS = {
    "event_id": "受付番号", "source_id": "顧客番号", "occurred_at": "受付日時",
    "touchpoint": "用件",
}  # fmt: skip
_PLANS = """\
campaigns:                        # 施策の計画: 始まる前に書けば、結果を見る前に確定します
  C2508:
    objective: {ja: 夏の来店を増やす, en: More visits in summer}
    owner: 販売促進課
    kpis:
      - {id: summer_orders, metric: orders, target: 0.1, decision: {roll_out_from: 0.05}}
      - {id: use_within_60_days, metric: use_rate, window_days: 60}
    grants: {treatment: 500}
actions:                          # 次の打ち手: 誰が責任をもつか。リストごとに変えられます
  owner: 顧客戦略課
  plays:
    cancel_watch: {owner: コールセンター}
    complaint_care: {owner: コールセンター}
    high_value_at_risk: {owner: コールセンター}
"""


def params_text(name: str, customers: int, seed: int, folder: Path, params_folder: Path) -> str:
    """The parameter file of a simulated client.

    Parameters
    ----------
    name, customers, seed : as simulated
    folder : the data folder
    params_folder : the folder the parameter file stands in, where relative paths start
    """
    ja, en = _TITLES.get(name, (f"{name} (シミュレーション)", f"{name} (simulated)"))
    data = Path(os.path.relpath(folder.resolve(), params_folder.resolve())).as_posix()
    return f"""\
# {MARK} {name} --customers {customers} --seed {seed}: 架空の小売店。同じ指定で作り直せます。
client: {name}
title: {{ja: {ja}, en: "{en}"}}
language: ja
as_of: 2026-03-31
sources:
  pos:                            # 店舗レジ (スマレジ) と会員台帳
    format: smaregi
    orders: {data}/pos/torihiki-*.csv
    order_lines: {data}/pos/meisai-*.csv
    customers:
{_mapped(f"{data}/pos/members.csv", _POS_MEMBERS)}
  web:                            # 自社 EC (futureshop)
    format: futureshop
    orders: {data}/web/orders-*.csv
    customers:
{_mapped(f"{data}/web/members.csv", _WEB_MEMBERS)}
    point_entries:
{_mapped(f"{data}/web/points.csv", _WEB_POINTS)}
      words:
        kind: {{{", ".join(f"{word}: {kind}" for word, kind in KINDS.items())}}}
  mall:                           # 楽天市場
    format: rakuten
    orders: {data}/mall/rakuten-*.csv
  teiki:                          # 定期通販 (ecforce)
    format: ecforce
    orders: {data}/teiki/orders.csv
    subscriptions: {data}/teiki/subscriptions.csv
  line:                           # LINE 公式アカウント
    format: csv
    customers:
{_mapped(f"{data}/line/friends.csv", _FRIENDS)}
    events:
{_mapped(f"{data}/line/events.csv", _LINE_EVENTS)}
      constants: {{channel: line}}
  call:                           # コールセンター
    format: csv
    customers:
{_mapped(f"{data}/call/customers.csv", _CALLERS)}
    events:
{_mapped(f"{data}/call/calls.csv", _CALLS)}
      constants: {{channel: call}}
  crm:                            # 施策・商品・店舗・天気
    format: tables
    path: {data}/crm
points: {{value_per_point: 1, expiry: {{policy: fixed, months: 12}}}}
segments: {{presets: [joren, ltvlab_rfm, ltvlab_cpm, uchideno_cpm]}}
{_PLANS}"""


def readme_text(name: str, customers: int, seed: int) -> str:
    """What stands in the data folder about itself."""
    return f"""\
<!-- {MARK} {name} --customers {customers} --seed {seed} -->
# {name}: a made-up retailer

Nobody in these files exists. {customers:,} customers were simulated from April 2024 to March 2026
and their records written as the systems of a Japanese retailer export them; the command above
writes the same bytes again.

| folder | what | encoding |
|---|---|---|
| `pos/` | スマレジ 取引 and 取引明細 by month; the card holders' register | UTF-8 with BOM; cp932 |
| `web/` | futureshop orders by year, one file twice; members; points | cp932; members UTF-8 |
| `mall/` | 楽天 orders by month, downloads overlap by two days | cp932 |
| `teiki/` | ecforce orders and 定期受注 | UTF-8 with BOM |
| `line/`, `call/` | LINE friends and events; callers and calls | UTF-8; cp932 |
| `crm/` | campaigns, assignments, contacts, products, shops, weather, stock | UTF-8 |
| `answer_key/` | who is who, true processes, effects, futures, lots; never an input | Parquet |

The files hold on purpose what real ones hold: one person on two cards, families on one phone, the
shop's own phone on members' records, 000-0000-0000, half-width kana, 髙 for 高, lost leading zeros,
mistyped birth dates, downloads that overlap or come late, impossible dates and unreadable amounts
(listed in `answer_key/planted.parquet`).

License: Apache-2.0, like the project. Synthetic: no line of it was taken from real data.
"""


def _mapped(path: str, columns: dict[str, str]) -> str:
    lines = [f"      path: {path}", "      columns:"]
    lines += [f"        {name}: {header}" for name, header in columns.items()]
    return "\n".join(lines)
