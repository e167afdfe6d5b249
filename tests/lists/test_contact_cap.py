"""The cap counts what was sent, and gives what is left to the first lists."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.lists.handmade import MOMENT, mapped, plain, rows_of

from joren.lists.contact_cap import allot_places, contacts_sent, places_taken

WANTED = {"list_id": "string", "customer_id": "string", "priority": "int64"}
SENT = {"customer_id": "string", "contacts": "int64"}


def test_all_channels_and_records_of_a_customer_count_within_the_days_before(con):
    def sent(at, source="pos", channel="dm"):
        return {"source": source, "source_id": "1", "occurred_at": at, "channel": channel,
                "campaign_id": f"{at}"}  # fmt: skip

    contacts = rows_of(
        con,
        "contacts_given",
        [
            sent(datetime(2026, 3, 2)),
            sent(datetime(2026, 3, 2) - timedelta(microseconds=1)),
            sent(datetime(2026, 3, 20), "line", "line"),
            sent(MOMENT),
            sent(datetime(2026, 3, 20), "web", "mail"),
        ],
        "canonical/contacts",
    )
    owners = mapped(con, ("pos", "1", "A"), ("line", "1", "A"), ("web", "1", "B"))
    found = contacts_sent(contacts, owners, MOMENT, 30).to_pyarrow().to_pylist()
    assert sorted(map(tuple, map(dict.values, found))) == [("A", 2), ("B", 1)]


def test_what_is_left_goes_to_the_lists_of_first_priority(con):
    wanted = plain(
        con, "wanted", WANTED,
        [("late", "A", 3), ("first", "A", 1), ("b", "A", 2), ("a", "A", 2), ("late", "B", 3)],
    )  # fmt: skip
    sent = plain(con, "sent", SENT, [("A", 1), ("A", 1), ("C", 9)])
    found = allot_places(wanted, sent, 4).to_pyarrow().to_pylist()
    within = {(row["list_id"], row["customer_id"]) for row in found if row["within_cap"]}
    assert within == {("first", "A"), ("a", "A"), ("late", "B")}
    assert {row["customer_id"]: row["contacts_before"] for row in found} == {"A": 2, "B": 0}


def test_who_is_listed_or_held_out_takes_a_place(con):
    members = plain(
        con, "members", {"list_id": "string", "customer_id": "string", "standing": "string"},
        [("x", "A", "listed"), ("y", "A", "held_out"), ("z", "A", "over_cap"),
         ("x", "B", "no_consent")],
    )  # fmt: skip
    assert places_taken(members).to_pyarrow().to_pylist() == [{"customer_id": "A", "contacts": 2}]
