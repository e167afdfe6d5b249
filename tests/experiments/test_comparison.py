"""Others are made alike cell by cell; outcomes fall into the spans they belong to."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import pytest
from tests.campaigns.handmade import START, UNTIL, Tables, assigned, known, order

from joren.campaigns.audience import assigned_customers, one_arm_each
from joren.campaigns.outcomes import order_facts
from joren.experiments.comparison import (
    OTHERS,
    added_up,
    last_periods,
    made_alike,
    population,
    span_outcomes,
    spans,
)
from joren.experiments.did import before_and_after, contrast
from joren.experiments.period_moments import of_matrix


def test_spans_cover_the_campaign_and_reach_back_as_far_as_the_data():
    over = spans(START, UNTIL, date(2025, 12, 1))
    assert (over.after, over.before) == (4, 8)  # 28 days in weeks; 62 days before
    assert over.seconds == 7 * 86_400
    assert spans(START, date(2027, 2, 1), date(2020, 1, 1)).after == 12


def test_an_order_falls_into_its_span_and_refunds_are_taken_off():
    tables = Tables(
        orders=[
            order("a", datetime(2026, 1, 31, 23, 59)), order("a", datetime(2026, 2, 1, 0, 0), 500),
            order("a", datetime(2026, 2, 28, 23, 59), 700), order("a", datetime(2026, 3, 1), 9000),
        ],
        identity_map=known("a"),
    )  # fmt: skip
    facts = order_facts(tables("canonical/orders"), tables("identity_map"), 0.4, date(2026, 6, 30))
    over = spans(START, UNTIL, date(2025, 12, 1))

    rows = span_outcomes(facts, over).to_pandas().sort_values("period")

    assert list(rows.period) == [7, 8, 11]
    assert list(rows.revenue.astype(int)) == [1000, 500, 700]
    assert list(rows.orders) == [1, 1, 1]


def test_the_hold_out_is_left_aside_and_others_are_those_known_before():
    tables = Tables(
        orders=[order(name, datetime(2026, 1, 10)) for name in "abcd"],
        identity_map=known(*"abcde"),
        assignments=[*assigned("treatment", "a"), *assigned("control", "b")],
        customers=[
            {"customer_id": name, "first_seen_at": datetime(2026, 1, 10)} for name in "abcd"
        ] + [{"customer_id": "e", "first_seen_at": datetime(2026, 2, 10)}],
    )  # fmt: skip
    facts = order_facts(tables("canonical/orders"), tables("identity_map"), 0.4, date(2026, 6, 30))
    own = one_arm_each(assigned_customers(tables("canonical/assignments"), tables("identity_map")))

    rows = population(tables("customers"), own, facts, "C1", START).to_pandas()

    assert dict(zip(rows.customer_id, rows.arm, strict=True)) == {
        "a": "treatment", "c": OTHERS, "d": OTHERS,
    }  # fmt: skip
    assert rows.cell.str.startswith("frequency:1|recency:0-30d|").all()


def test_others_are_weighted_as_the_arm_stands_in_cells():
    rng = np.random.default_rng(3)
    low, high = rng.normal(1, 1, (300, 4)), rng.normal(9, 1, (30, 4))
    treated_low, treated_high = rng.normal(1, 1, (20, 4)), rng.normal(9, 1, (60, 4))
    moments = {
        (OTHERS, "low"): of_matrix(low), (OTHERS, "high"): of_matrix(high),
        ("a", "low"): of_matrix(treated_low), ("a", "high"): of_matrix(treated_high),
        ("a", "alone"): of_matrix(rng.normal(0, 1, (5, 4))),
    }  # fmt: skip

    treated, others, without = made_alike(moments, "a")

    assert (treated.n, without) == (80, 5)
    assert others.mean == pytest.approx(0.25 * low.mean(0) + 0.75 * high.mean(0))
    found = contrast(treated, others, before_and_after(4, 2))
    weights = before_and_after(4, 2)
    by_hand = sum(
        w**2 * np.var(group @ weights, ddof=1) / len(group)
        for w, group in ((0.25, low), (0.75, high), (0.25, treated_low), (0.75, treated_high))
    )
    assert found.se[0] == pytest.approx(np.sqrt(by_hand))


def test_without_a_common_cell_there_is_nobody_like_them():
    matrix = np.ones((20, 3))
    assert (
        made_alike({("a", "x"): of_matrix(matrix), (OTHERS, "y"): of_matrix(matrix)}, "a") is None
    )


def test_groups_add_up_and_lose_early_periods_without_changing_the_rest():
    matrix = np.arange(24.0).reshape(6, 4) ** 1.5
    whole = added_up([of_matrix(matrix[:2]), of_matrix(matrix[2:])])
    assert whole.covariance == pytest.approx(np.cov(matrix.T))
    assert last_periods(whole, 2).covariance == pytest.approx(np.cov(matrix[:, 2:].T))
