"""Who loses how many points when, to the day and to the point."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from joren.contract import validate
from joren.engine import connect
from joren.points.expiring import (
    concentration,
    end_of,
    expiring_customers,
    expiry_cliff,
    export_rows,
    lapsing,
    list_plan,
    list_sentence,
    next_list,
    totals,
)

AS_OF = date(2026, 3, 31)
NIGHT = datetime(2026, 4, 1)  # the midnight that ends it
SCHEMA = pa.schema(
    [
        ("customer_id", pa.string()),
        ("points_remaining", pa.int64()),
        ("expires_at", pa.timestamp("us")),
    ]
)


@pytest.fixture(scope="module")
def con():
    return connect()


@pytest.fixture(scope="module")
def lots_of(con):
    def make(*rows):
        named = [dict(zip(SCHEMA.names, row, strict=True)) for row in rows]
        return con.create_table("lots", pa.Table.from_pylist(named, schema=SCHEMA), overwrite=True)

    return make


def soon(lots, hours=48, least=500):
    found = expiring_customers(lots, NIGHT, hours, least, "l").to_pyarrow().to_pylist()
    return {row["customer_id"]: row for row in found}


def test_the_hours_begin_after_the_day_and_include_their_last_midnight(lots_of):
    second = timedelta(microseconds=1)
    lots = lots_of(
        ("gone", 900, NIGHT),
        ("first", 900, NIGHT + second),
        ("last", 900, NIGHT + timedelta(hours=48)),
        ("later", 900, NIGHT + timedelta(hours=48) + second),
        ("never", 900, None),
        ("used", 0, NIGHT + timedelta(hours=1)),
    )
    assert soon(lots).keys() == {"first", "last"}
    assert soon(lots)["last"]["last_valid_on"] == date(2026, 4, 2)


def test_a_customers_accounts_add_up_to_the_threshold(lots_of):
    lots = lots_of(
        ("A", 300, NIGHT + timedelta(hours=24)),
        ("A", 200, NIGHT + timedelta(hours=10)),
        ("B", 499, NIGHT + timedelta(hours=24)),
    )
    found = soon(lots)
    assert (found["A"]["points"], found["A"]["qualifies"]) == (500, True)
    assert found["A"]["due_at"] == NIGHT + timedelta(hours=10)
    assert (found["B"]["points"], found["B"]["qualifies"]) == (499, False)


def test_who_has_more_to_lose_is_drawn_in_another_stratum(lots_of):
    at = NIGHT + timedelta(hours=5)
    found = soon(lots_of(("A", 500, at), ("B", 999, at), ("C", 1000, at), ("D", 2000, at)))
    assert [found[c]["stratum"] for c in "ABCD"] == ["0", "0", "1", "2"]


def test_the_cliff_counts_by_day_for_ninety_days_and_by_month_afterwards(con, lots_of):
    lots = lots_of(
        ("A", 100, datetime(2026, 4, 2)),  # last valid on 1 April
        ("A", 50, datetime(2026, 4, 1, 10)),
        ("B", 7, datetime(2026, 6, 30)),  # the 90th day: 29 June
        ("B", 8, datetime(2026, 7, 1)),  # 30 June, what is left of that month
        ("C", 9, datetime(2026, 9, 1)),  # 31 August
        ("C", 10, None),
    )
    table = expiry_cliff(lots, AS_OF)
    validate(con.create_table("cliff", ibis.memtable(table), overwrite=True), "expiry_cliff")
    rows = {
        (row.grain, row.starts_on): (row.ends_on, row.points, row.customers)
        for row in table.itertuples()
    }
    assert len(table) == 90 + 3
    assert rows["day", date(2026, 4, 1)] == (date(2026, 4, 1), 150, 1)
    assert rows["day", date(2026, 4, 2)] == (date(2026, 4, 2), 0, 0)
    assert rows["day", date(2026, 6, 29)] == (date(2026, 6, 29), 7, 1)
    assert rows["month", date(2026, 6, 30)] == (date(2026, 6, 30), 8, 1)
    assert rows["month", date(2026, 7, 1)] == (date(2026, 7, 31), 0, 0)
    assert rows["month", date(2026, 8, 1)] == (date(2026, 8, 31), 9, 1)
    assert totals(lots, AS_OF) == {
        "outstanding": 184, "never": 10, "unowned": 0, "customers": 3,
    }  # fmt: skip


def test_a_client_whose_points_never_lapse_has_a_flat_cliff(lots_of):
    lots = lots_of(("A", 100, None))
    table = expiry_cliff(lots, AS_OF)
    assert (len(table), table.points.sum()) == (90, 0)
    assert next_list(lots, AS_OF, 48, 1) is None
    assert concentration(lots, AS_OF).people == 0


@pytest.mark.parametrize(
    ("expires", "seen_on"),
    [
        (datetime(2026, 6, 20), date(2026, 6, 17)),  # valid to 19 June: 48 h from the 17th's end
        (datetime(2026, 6, 20, 0, 0, 1), date(2026, 6, 18)),
        (datetime(2026, 6, 19, 23), date(2026, 6, 17)),
        (datetime(2026, 4, 2), None),  # today's list has it already, and no later one
        (datetime(2026, 4, 3), date(2026, 4, 1)),  # today's, and tomorrow's again
    ],
)
def test_the_next_list_with_members_is_the_first_day_that_sees_enough(lots_of, expires, seen_on):
    found = next_list(lots_of(("A", 500, expires), ("B", 499, expires)), AS_OF, 48, 500)
    assert (found and found.as_of) == seen_on
    if found:
        assert (found.people, found.points) == (1, 500)


@settings(max_examples=25, deadline=None)
@given(
    lots=st.lists(
        st.tuples(st.sampled_from("ABC"), st.integers(1, 400), st.integers(1, 24 * 12)), max_size=12
    ),
    hours=st.sampled_from([12, 24, 48, 60]),
)
def test_the_next_list_is_what_later_days_find(lots_of, lots, hours):
    table = lots_of(*((who, points, NIGHT + timedelta(hours=h)) for who, points, h in lots))
    expected = None
    for day in range(1, 14):
        held = {}
        for who, points, h in lots:
            if 24 * day < h <= 24 * day + hours:
                held[who] = held.get(who, 0) + points
        enough = {who: points for who, points in held.items() if points >= 300}
        if enough:
            expected = (AS_OF + timedelta(days=day), len(enough), sum(enough.values()))
            break
    found = next_list(table, AS_OF, hours, 300)
    assert (found and (found.as_of, found.people, found.points)) == expected


def test_the_top_tenth_holds_its_share(lots_of):
    lots = lots_of(
        *((f"C{n}", 10, datetime(2026, 4, 20)) for n in range(19)),
        ("rich", 190, datetime(2026, 5, 1)),
    )
    spread = concentration(lots, AS_OF)
    assert (spread.people, spread.top) == (20, 2)
    assert spread.share == pytest.approx(200 / 380)


def test_nothing_is_lost_between_lots_and_cliff(lots_of):
    lots = lots_of(
        *((f"C{n % 5}", n, NIGHT + timedelta(hours=7 * n)) for n in range(1, 400)), ("A", 3, None)
    )
    open_points = lapsing(lots, NIGHT).points.sum().execute()
    assert expiry_cliff(lots, AS_OF).points.sum() + 3 == open_points == sum(range(1, 400)) + 3


def test_the_file_holds_who_is_listed_with_the_one_address_needed(con):
    drawn = ibis.memtable({
        "list_id": ["l"] * 3, "campaign_id": ["c"] * 3, "customer_id": ["A", "B", "C"],
        "channel": ["email", "line", "email"], "points": [500, 900, 700],
        "due_at": [NIGHT] * 3, "last_valid_on": [AS_OF] * 3,
        "standing": ["listed", "listed", "held_out"],
    })  # fmt: skip
    clear = ibis.memtable({
        "customer_id": ["A", "B", "C"], "full_name": ["甲", "乙", "丙"],
        "email": ["a@x.jp", "b@x.jp", "c@x.jp"], "line_id": ["UA", "UB", "UC"],
        "phone": ["1", "2", "3"], "address": ["x", "y", "z"],
    })  # fmt: skip
    rows = con.to_pyarrow(export_rows(drawn, clear, "ja")).to_pylist()
    told = [
        tuple(row[n] for n in ("customer_id", "full_name", "channel", "address")) for row in rows
    ]
    assert told == [
        ("B", "乙", "LINE", "UB"), ("A", "甲", "メール", "a@x.jp"),
    ]  # fmt: skip
    assert "phone" not in rows[0]


def test_every_day_has_its_own_list_of_one_campaign():
    today, tomorrow = (list_plan(AS_OF + timedelta(days=d), ["email"], 0.1) for d in (0, 1))
    assert today.list_id == "expiring_points-20260331"
    assert today.list_id != tomorrow.list_id
    assert today.campaign_id == tomorrow.campaign_id


def test_the_sentence_says_that_a_list_is_empty_and_when_the_next_is_not(lots_of):
    counts = {"considered": 1, "below_threshold": 1, "listed": 0, "held_out": 0}
    lots = lots_of(("A", 500, datetime(2026, 6, 20)))
    key, facts = list_sentence(counts, lots, AS_OF, 48, 500)
    assert (key, facts["next"]) == ("expiry.nobody.later", date(2026, 6, 17))
    assert list_sentence(counts, lots, AS_OF, 48, 501)[0] == "expiry.nobody.never"
    counts |= {"considered": 4, "listed": 2, "held_out": 1}
    key, facts = list_sentence(counts, lots, AS_OF, 48, 500)
    assert (key, facts["value"], facts["held"], facts["qualified"]) == ("expiry.listed", 2, 1, 3)


def test_a_day_ends_at_the_next_midnight():
    assert end_of(date(2026, 2, 28)) == datetime(2026, 3, 1)


def test_points_of_accounts_nobody_is_known_for_lapse_but_put_nobody_on_a_list(lots_of):
    at = NIGHT + timedelta(hours=30)
    lots = lots_of((None, 600, at), (None, 600, datetime(2026, 6, 20)), ("A", 10, at))
    assert soon(lots).keys() == {"A"}
    assert next_list(lots, AS_OF, 48, 500) is None
    assert concentration(lots, AS_OF).people == 1
    assert expiry_cliff(lots, AS_OF).points.sum() == 1210
    assert totals(lots, AS_OF)["unowned"] == 1200
