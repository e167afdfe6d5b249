"""Touchpoints stand under the account through which they reached the person."""

from datetime import datetime

import pyarrow as pa
import pytest

from joren.simulate.correspondence import on_record

ACCOUNTS = pa.table(
    {
        "system": ["web", "pos", "pos", "line"],
        "source_id": ["W1", "P1", "P2", "U1"],
        "person_id": [1, 1, 1, 1],
        "opened_at": [
            datetime(*day) for day in ((2025, 6, 1), (2024, 5, 1), (2025, 1, 1), (2024, 7, 1))
        ],
    }
)


def _kept(channel: str, at: datetime) -> str:
    touches = pa.table({"person_id": [1], "occurred_at": [at], "channel": [channel]})
    return on_record(touches, "occurred_at", "channel", ACCOUNTS)["source_id"].to_pylist()[0]


def test_a_channel_prefers_its_own_system_and_the_latest_card():
    late = datetime(2025, 12, 1)
    assert _kept("dm", late) == "P2"
    assert _kept("mail", late) == "W1"
    assert _kept("line", late) == "U1"


def test_an_account_opened_later_is_used_only_where_there_is_no_earlier_one():
    assert _kept("mail", datetime(2024, 8, 1)) == "P1"
    assert _kept("mail", datetime(2024, 1, 1)) == "W1"


def test_rows_keep_their_order_and_columns():
    touches = pa.table(
        {
            "person_id": [1] * 5,
            "assigned_at": [datetime(2025, 7, day) for day in (5, 4, 3, 2, 1)],
            "arm": list("edcba"),
        }
    )
    found = on_record(touches, "assigned_at", None, ACCOUNTS)
    assert found["arm"].to_pylist() == list("edcba")
    assert set(found["source"].to_pylist()) == {"web"}


def test_a_touch_on_nobodys_record_is_an_error():
    touches = pa.table({"person_id": [2], "occurred_at": [datetime(2025, 1, 1)], "channel": ["dm"]})
    with pytest.raises(ValueError, match="1 touches"):
        on_record(touches, "occurred_at", "channel", ACCOUNTS)
