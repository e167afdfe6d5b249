"""What became of everybody considered, and what is remembered of an export."""

from __future__ import annotations

from datetime import date, datetime

from tests.lists.handmade import plain

from joren.lists.account import account, export_record
from joren.lists.plan import ListPlan

PLANS = [
    ListPlan("l1", "c", "remind", "lists.reason.expiring", ("email",), 0.1),
    ListPlan("l2", "c", "remind", "lists.reason.expiring", ("email",), 0.1),
]


def _book(con):
    members = plain(
        con, "members", {"list_id": "string", "customer_id": "string", "standing": "string"},
        [("l1", "A", "listed"), ("l1", "B", "listed"), ("l1", "C", "held_out"),
         ("l1", "D", "below_threshold")],
    )  # fmt: skip
    return account(con, members, PLANS, date(2026, 3, 31))


def test_a_list_without_candidates_has_its_row_of_zeros(con):
    rows = {row["list_id"]: row for row in _book(con).to_pyarrow().to_pylist()}
    assert [rows["l1"][k] for k in ("considered", "below_threshold", "held_out", "listed")] == [
        4, 1, 1, 2,
    ]  # fmt: skip
    assert [rows["l2"][k] for k in ("considered", "no_consent", "over_cap", "listed")] == [0] * 4
    assert rows["l1"]["as_of"] == date(2026, 3, 31)


def test_an_export_is_on_record_with_who_when_what_and_how_many(con):
    at = datetime(2026, 3, 31, 18, 0)
    record = export_record(_book(con).filter(lambda t: t.list_id == "l1"), "points.csv", at)
    (row,) = record.to_pyarrow().to_pylist()
    assert (row["file"], row["exported_at"], row["listed"], row["held_out"]) == (
        "points.csv", at, 2, 1,
    )  # fmt: skip
    assert row["exported_by"]
