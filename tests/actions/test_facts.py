"""What is known of each customer when lists are drawn."""

from __future__ import annotations

from datetime import datetime
from math import log

import pytest
from tests.actions.handmade import AS_OF, FACTS
from tests.lists.handmade import mapped, plain, rows_of

from joren.actions.facts import complaints, facts, subscribers


def test_everybody_is_there_with_what_is_known_and_nulls_for_the_rest(con):
    identity = mapped(con, ("s", "1", "a"), ("s", "2", "b"))
    customers = rows_of(con, "people", [
        {"customer_id": c, "first_seen_at": datetime(2026, 3, 1), "channels": [], "consents": []}
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
        rows_of(con, "no_segments", [], "segments"), subscribers(churn, running, AS_OF),
        complaints(told, identity, ["苦情"], AS_OF), offers, AS_OF,
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
