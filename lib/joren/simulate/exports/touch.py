"""The LINE account's friends and events, and the call centre's customers and calls."""

from __future__ import annotations

from pathlib import Path

from joren.simulate.exports.files import Sheet, Written, moment, text_or_none, write_sheet
from joren.simulate.spool import Spool

_FRIEND_CELLS = {
    "ユーザーID": "source_id",
    "氏名": text_or_none("trim(family_name || ' ' || given_name)"),
    "電話番号": text_or_none("phone"),
    "カード番号": text_or_none("card_no"),
    "友だち追加日時": moment("opened_at", "%Y-%m-%d %H:%M:%S"),
}
_LINE_CELLS = {
    "ユーザーID": "source_id",
    "日時": moment("occurred_at", "%Y-%m-%d %H:%M:%S"),
    "イベント": "touchpoint",
    "キャンペーン": "campaign_id",
}
_CALLER_CELLS = {
    "顧客番号": "source_id",
    "お名前カナ": text_or_none("trim(family_kana || ' ' || given_kana)"),
    "電話番号": text_or_none("phone"),
    "登録日": moment("opened_at", "%Y/%m/%d"),
}
# what the call centre writes for what its key calls by these names
CALL_NAMES = {"complaint": "苦情", "inquiry": "問い合わせ"}
_CALL_CELLS = {
    "受付番号": "row_number() OVER (ORDER BY occurred_at, source_id)",
    "受付日時": moment("occurred_at", "%Y/%m/%d %H:%M"),
    "顧客番号": "source_id",
    "用件": f"CASE touchpoint WHEN 'complaint' THEN '{CALL_NAMES['complaint']}' "
    f"ELSE '{CALL_NAMES['inquiry']}' END",
}
_BROKEN_CALL = {"受付番号": "'990001'", "受付日時": "'2026/02/30 11:05'"}


def write_line(spool: Spool, folder: Path, written: Written) -> None:
    """Write `friends.csv` and `events.csv` (UTF-8)."""
    write_sheet(
        spool, Sheet(folder / "friends.csv", tuple(_FRIEND_CELLS), "utf-8"), _FRIEND_CELLS,
        "FROM register WHERE system = 'line' ORDER BY opened_at, source_id", written,
    )  # fmt: skip
    write_sheet(
        spool, Sheet(folder / "events.csv", tuple(_LINE_CELLS), "utf-8"), _LINE_CELLS,
        "FROM events WHERE channel = 'line' ORDER BY occurred_at, source_id, touchpoint", written,
    )  # fmt: skip


def write_call(spool: Spool, folder: Path, written: Written) -> None:
    """Write `customers.csv` and `calls.csv` (cp932)."""
    write_sheet(
        spool, Sheet(folder / "customers.csv", tuple(_CALLER_CELLS), "cp932"), _CALLER_CELLS,
        "FROM register WHERE system = 'call' ORDER BY opened_at, source_id", written,
    )  # fmt: skip
    write_sheet(
        spool, Sheet(folder / "calls.csv", tuple(_CALL_CELLS), "cp932"), _CALL_CELLS,
        "FROM events WHERE channel = 'call' ORDER BY occurred_at, source_id", written,
        [_BROKEN_CALL],
    )  # fmt: skip
    written.planted.append(("call", "calls.csv", "date 2026/02/30", "990001"))
