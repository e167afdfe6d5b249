"""What is known of each customer when lists are drawn."""

from __future__ import annotations

from datetime import date, datetime
from math import log

import pytest
from tests.actions.handmade import AS_OF, FACTS
from tests.lists.handmade import mapped, plain, rows_of

from joren.actions.facts import (
    birthdays,
    complaints,
    facts,
    former_subscribers,
    points_held,
    subscribers,
)


def test_everybody_is_there_with_what_is_known_and_nulls_for_the_rest(con):
    identity = mapped(con, ("s", "1", "a"), ("s", "2", "b"))
    customers = rows_of(con, "people", [
        {"customer_id": c, "first_seen_at": datetime(2026, 3, 1), "channels": ["ec", "pos"],
         "consents": []}
        for c in "ab"
    ], "customers")  # fmt: skip
    summary = plain(
        con, "bought",
        {"customer_id": "string", "frequency": "int64", "recency": "int64", "T": "int64",
         "log_gaps": "int64"},
        [("a", 2, 40, 100, round(2e6 * log(20)))],
    )  # fmt: skip
    churn = plain(
        con, "churn",
        {"source": "string", "subscription_id": "string", "customer_id": "string",
         "p_end_90d": "float64", "lower": "float64", "upper": "float64",
         "reasons": "array<string>", "residual_value": "float64"},
        [("s", "x", "a", 0.5, 0.4, 0.6, ["payment"], 1000.0),
         ("s", "y", "a", 0.9, 0.8, 0.95, [], 100.0)],
    )  # fmt: skip
    running = rows_of(con, "running", [
        {"source": "s", "subscription_id": i, "source_id": "1", "product_id": "p",
         "started_at": datetime(2026, 3, day)} for i, day in [("x", 1), ("y", 21)]
    ], "canonical/subscriptions")  # fmt: skip
    told = rows_of(con, "told", [
        {"source": "s", "source_id": "2", "occurred_at": datetime(2026, 3, 29, 9),
         "touchpoint": "苦情"}
    ], "canonical/events")  # fmt: skip
    offers = plain(con, "none_offered", {
        n: FACTS[n] for n in ("customer_id", "next_product", "because_of", "next_value",
                              "next_value_lower", "next_value_upper")
    }, [])  # fmt: skip
    table = facts(
        con, customers, identity, summary, rows_of(con, "no_ltv", [], "ltv"),
        rows_of(con, "standing", [
            {"customer_id": "a", "preset": "joren", "segment": "loyal", "status": "loyal",
             "rank": "high", "since": date(2026, 3, 1)}
        ], "segments"), subscribers(churn, running, AS_OF),
        (complaints(told, identity, ["苦情"], AS_OF), offers,
         former_subscribers(running, identity, AS_OF),
         birthdays(rows_of(con, "unborn", [], "restricted/customers"), AS_OF),
         points_held(rows_of(con, "no_points", [], "point_balances"))), AS_OF,
    )  # fmt: skip
    assert set(FACTS) <= set(table.columns)
    a, b = table.order_by("customer_id").to_pyarrow().to_pylist()
    assert (a["purchases"], a["silent_days"], a["tenure_days"]) == (3, 60, 100)
    assert a["cycle_days"] == pytest.approx(20, rel=1e-5)
    # the subscription with most to lose speaks, the newest dates
    assert (a["subscription_value"], a["p_end_90d"], a["subscribed_days"]) == (500.0, 0.5, 10)
    assert (a["subscribed"], a["payment_risk"], a["complained_days"]) == (True, True, None)
    assert (b["purchases"], b["subscribed"], b["complained_days"], b["status"]) == (
        0, False, 2, None,
    )  # fmt: skip
    assert (a["status"], a["status_days"], a["channels_known"]) == ("loyal", 30, 2)
    assert (b["ended_days"], b["birthday_in_days"], b["points_balance"]) == (None, None, None)


def test_the_last_end_of_a_subscription_speaks_with_its_reason(con):
    identity = mapped(con, ("s", "1", "a"), ("s", "2", "b"), ("s", "3", "c"))
    ended = [
        ("x", "1", datetime(2026, 1, 1, 9), "payment"),
        ("y", "1", datetime(2026, 3, 1, 9), "voluntary"),
        ("z", "2", datetime(2026, 3, 30, 9), None),
        ("w", "3", None, None),
        ("v", "3", datetime(2026, 4, 2), "voluntary"),  # announced, and still running
    ]
    table = rows_of(con, "ended", [
        {"source": "s", "subscription_id": i, "source_id": who, "product_id": "p",
         "started_at": datetime(2025, 3, 1), "ended_at": at, "end_reason": why}
        for i, who, at, why in ended
    ], "canonical/subscriptions")  # fmt: skip
    found = former_subscribers(table, identity, AS_OF).order_by("customer_id")
    assert [tuple(row.values()) for row in found.to_pyarrow().to_pylist()] == [
        ("a", "voluntary", 30), ("b", "other", 1),
    ]  # fmt: skip


def test_birthdays_are_counted_from_tomorrow_on_through_leap_years(con):
    born = {
        "a": date(1980, 4, 1), "b": date(1990, 3, 31), "c": date(1984, 2, 29), "d": None,
    }  # fmt: skip
    golden = rows_of(con, "golden", [
        {"customer_id": c, "birth_date": day, "value_sources": "{}"} for c, day in born.items()
    ], "restricted/customers")  # fmt: skip
    found = birthdays(golden, AS_OF).order_by("customer_id").to_pyarrow().to_pylist()
    # no 29 February follows 31 March 2026 within a year: 1 March 2027 it is
    assert [row["birthday_in_days"] for row in found] == [1, 365, 335]


def test_points_of_all_accounts_are_held_together(con):
    table = rows_of(con, "held", [
        {"account": a, "customer_id": c, "source": "s", "balance": n, "debt": 0, "expiring_next": 0}
        for a, c, n in [("1", "a", 700), ("2", "a", 400), ("3", None, 50)]
    ], "point_balances")  # fmt: skip
    assert points_held(table).to_pyarrow().to_pylist() == [
        {"customer_id": "a", "points_balance": 1100}
    ]
