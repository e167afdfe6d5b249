"""Events between two assignments."""

from datetime import date, datetime

import pyarrow as pa

from joren.engine import connect
from joren.identity.history import new_events

TEXT, NUMBER = pa.string(), pa.int64()
RECORD = {"record": NUMBER, "old_id": TEXT, "customer_id": TEXT}
EDGE = {"left": NUMBER, "right": NUMBER, "rule": TEXT, "decision": TEXT, "refused": TEXT}


def events_of(records: list[tuple], edges: list[tuple] = ()) -> list[dict]:
    """Events for rows of `RECORD` and `EDGE`."""
    con = connect()
    given = con.create_table("records", as_table(records, RECORD))
    decided = con.create_table("edges", as_table(edges, EDGE))
    events = new_events(given, decided, date(2026, 3, 31), 2)
    return events.order_by(["kind", "event_id"]).to_pyarrow().to_pylist()


def as_table(rows: list[tuple], types: dict) -> pa.Table:
    return pa.Table.from_pylist(
        [dict(zip(types, row, strict=True)) for row in rows], pa.schema(types)
    )


def test_nothing_happened_when_nobody_moved():
    assert events_of([(0, "A", "A"), (1, "B", "B")]) == []


def test_records_never_seen_before_are_a_create():
    (event,) = events_of([(0, None, "A"), (1, None, "A")])
    assert (event["kind"], event["customer_ids_before"]) == ("create", [])
    assert event["customer_ids_after"] == ["A"]
    assert event["at"] == datetime(2026, 3, 31)


def test_a_new_record_of_a_known_customer_is_no_event():
    assert events_of([(0, "A", "A"), (1, None, "A")]) == []


def test_a_merge_names_the_rules_that_joined():
    (event,) = events_of(
        [(0, "A", "A"), (1, "B", "A"), (2, None, "A")],
        [(0, 2, "phone_and_name", "link", None), (1, 2, "card", "link", None)],
    )
    assert event["kind"] == "merge"
    assert event["customer_ids_before"] == ["A", "B"]
    assert event["customer_ids_after"] == ["A"]
    assert event["reason"] == "card, phone_and_name"
    assert event["actor"] == "rules"


def test_a_split_names_the_conflict():
    (event,) = events_of([(0, "A", "A"), (1, "A", "N")], [(0, 1, "phone_conflict", "reject", None)])
    assert event["kind"] == "split"
    assert event["customer_ids_before"] == ["A"]
    assert event["customer_ids_after"] == ["A", "N"]
    assert event["reason"] == "phone_conflict"


def test_a_split_of_a_pair_that_is_in_doubt_now_names_the_rule_unless_there_is_a_conflict():
    records = [(0, "A", "A"), (1, "A", "N"), (2, "A", "N")]
    doubted = (0, 1, "phone_and_family_name", "review", None)
    assert events_of(records, [doubted])[0]["reason"] == "in_review:phone_and_family_name"
    conflict = (0, 2, "card_conflict", "reject", None)
    assert events_of(records, [doubted, conflict])[0]["reason"] == "card_conflict"


def test_a_split_whose_link_is_gone_says_so():
    assert events_of([(0, "A", "A"), (1, "A", "N")])[0]["reason"] == "no_link_left"


def test_a_verdict_makes_it_an_unmerge_by_the_reviewer():
    (event,) = events_of(
        [(0, "A", "A"), (1, "A", "N")], [(0, 1, "phone_and_name", "review", "verdict")]
    )
    assert (event["kind"], event["actor"]) == ("unmerge", "reviewer")


def test_event_ids_are_unique_and_repeatable():
    records = [(0, None, "A"), (1, None, "B")]
    first = [event["event_id"] for event in events_of(records)]
    assert len(set(first)) == 2
    assert [event["event_id"] for event in events_of(records)] == first
