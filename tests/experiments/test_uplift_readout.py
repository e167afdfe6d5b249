"""Whom a campaign moved: learned where the test is large, refused where it is not."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pytest
from tests.campaigns.handmade import START, Tables, assigned, known, order, plan

from joren.campaigns.arms import count_arms
from joren.campaigns.audience import assigned_customers, one_arm_each
from joren.campaigns.outcomes import order_facts
from joren.experiments.uplift import LEAST_CUSTOMERS
from joren.experiments.uplift_readout import (
    candidates,
    customer_features,
    large_enough,
    largest_test,
    listed,
    read_out_uplift,
    rows_of_test,
)

AS_OF = date(2026, 3, 31)


def world(customers: int):
    """Half are treated; those who bought twice before gain an order of 5,000, the others none."""
    rng = np.random.default_rng(2)
    names = [f"c{n:05d}" for n in range(customers)]
    frequent = rng.random(customers) < 0.4
    treated = rng.permutation(customers) < customers // 2
    orders = []
    for name, often, chosen in zip(names, frequent, treated, strict=True):
        for back in (20, 60) if often else (20,):
            orders.append(order(name, datetime(2026, 2, 1) - timedelta(days=back), 2000))
        if rng.random() < 0.3:
            orders.append(order(name, datetime(2026, 2, 5), 3000))
        if chosen and often:
            orders.append(order(name, datetime(2026, 2, 9), 5000))
    arms = {True: [], False: []}
    for name, chosen in zip(names, treated, strict=True):
        arms[bool(chosen)].append(name)
    tables = Tables(
        orders=orders, identity_map=known(*names),
        assignments=[*assigned("treatment", *arms[True]), *assigned("control", *arms[False])],
        customers=[{"customer_id": n, "first_seen_at": datetime(2025, 12, 1)} for n in names],
    )  # fmt: skip
    identity = tables("identity_map")
    everybody = assigned_customers(tables("canonical/assignments"), identity).cache()
    facts = order_facts(tables("canonical/orders"), identity, 0.4, AS_OF).cache()
    made = plan(unit_cost=100.0)
    return tables, made, one_arm_each(everybody), facts, count_arms(everybody, [made])


@pytest.fixture(scope="module")
def large():
    tables, made, reached, facts, arms = world(2 * LEAST_CUSTOMERS + 200)
    rows = read_out_uplift({"C1": made}, large_enough(arms), reached, facts, 0.9, 1, 1.0)
    return tables, facts, rows


def test_a_small_test_is_told_by_its_smaller_arm():
    *_rest, arms = world(300)
    assert large_enough(arms) == []
    assert largest_test(arms) == 150
    assert largest_test({}) == 0


def test_what_is_known_of_customers_is_from_before_the_day():
    tables, made, reached, facts, _arms = world(50)
    before = customer_features(tables("customers").select("customer_id"), facts, START).to_pandas()
    assert set(before.orders_before) == {1, 2}
    assert (before.days_since == 20).all()
    rows = rows_of_test(reached, facts, made, "treatment").to_pandas()
    assert rows.treated.sum() == 25
    assert set(rows.outcome.astype(int)) <= {0, 1200, 2000, 3200}


def test_the_order_of_real_gains_is_found_by_both_learners(large):
    (row,) = large[2]
    assert row.ranks
    assert all(found.lower > 0 for found in row.ranking.values())
    assert row.top[0] > row.cells.effect


def test_candidates_are_those_who_gain_more_than_a_contact_costs(large):
    tables, facts, rows = large
    found = candidates(rows, tables("customers"), facts, AS_OF)
    frame = found.to_pandas()
    assert listed(found) == {"C1:treatment": len(frame)}
    assert (frame.expected_value > 0).all()
    assert sorted(frame.place) == list(range(1, len(frame) + 1))
    known_now = customer_features(
        tables("customers").select("customer_id"), facts, AS_OF + timedelta(days=1)
    ).to_pandas()
    joined = known_now.merge(frame, on="customer_id", how="left")
    gained = joined.expected_value.notna()
    assert joined[gained].orders_before.mean() > joined[~gained].orders_before.mean()


def test_without_an_order_that_holds_nobody_is_listed():
    tables, _made, _reached, facts, _arms = world(50)
    assert candidates([], tables("customers"), facts, AS_OF) is None
