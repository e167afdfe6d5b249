from datetime import date

import numpy as np
import pytest
from tests.points.triangles import flows, month, triangle_of

from joren.engine import connect
from joren.points.triangle import (
    UNTOLD,
    last_closed_month,
    redeemed_since,
    triangles,
    undivided,
    until,
    usual,
)

ROWS = [
    (0, "<=12m", 0, "granted", 100), (0, "<=12m", 0, "used", 10), (0, "<=12m", 1, "used", 30),
    (0, "<=12m", 2, "used", -5), (0, "<=12m", 2, "expired", 20), (1, "<=12m", 1, "granted", 50),
    (1, "<=12m", 2, "cancelled", 7), (2, "<=12m", 2, "granted", 40), (2, "<=12m", 2, "used", 4),
    (2, "none", 2, "granted", 9), (3, "<=12m", 3, "granted", 1_000),
]  # fmt: skip


@pytest.fixture(scope="module")
def con():
    return connect()


def test_points_stand_at_their_grant_month_and_age(con):
    found = triangles(flows(con, ROWS), month(2))["<=12m"]

    assert found.granted.tolist() == [100, 50, 40]
    assert found.used.tolist() == [[10, 30, -5], [0, 0, 0], [4, 0, 0]]
    assert found.gone.tolist() == [[0, 0, 20], [0, 7, 0], [0, 0, 0]]
    assert found.outstanding().tolist() == [45, 43, 36]
    assert found.at_risk()[0].tolist() == [100, 90, 60]


def test_ages_a_cohort_has_not_reached_are_unknown_not_zero(con):
    cumulative = triangles(flows(con, ROWS), month(2))["<=12m"].cumulative()

    np.testing.assert_array_equal(cumulative, [[10, 40, 35], [0, 0, np.nan], [4, np.nan, np.nan]])


def test_months_after_the_last_one_are_not_seen(con):
    found = triangles(flows(con, ROWS), month(1))

    assert set(found) == {"<=12m"}
    assert found["<=12m"].granted.tolist() == [100, 50]
    assert found["<=12m"].outstanding().tolist() == [60, 50]


def test_rows_in_another_order_give_the_same_triangles(con):
    first, second = (triangles(flows(con, rows), month(3)) for rows in (ROWS, ROWS[::-1]))
    assert list(first) == list(second) == ["<=12m", "none"]
    assert all((first[c].used == second[c].used).all() for c in first)


def test_hiding_diagonals_equals_never_having_seen_them(con):
    whole = triangles(flows(con, ROWS), month(3))
    hidden, early = until(whole, np.datetime64("2025-02")), triangles(flows(con, ROWS), month(1))

    assert list(hidden) == list(early)
    assert (hidden["<=12m"].used == early["<=12m"].used).all()
    assert hidden["<=12m"].outstanding().tolist() == early["<=12m"].outstanding().tolist()


def test_what_was_used_after_a_month_is_told_by_cohort(con):
    whole = triangles(flows(con, ROWS), month(3))

    assert redeemed_since(whole, np.datetime64("2025-01"), 1).tolist() == [30]
    assert redeemed_since(whole, np.datetime64("2025-01"), 12).tolist() == [25]


def test_no_flows_make_no_triangles(con):
    assert triangles(flows(con, ROWS).limit(0), month(3)) == {}


@pytest.mark.parametrize(
    ("as_of", "closed"),
    [
        (date(2026, 3, 31), date(2026, 3, 1)),
        (date(2026, 3, 30), date(2026, 2, 1)),
        (date(2026, 1, 1), date(2025, 12, 1)),
        (date(2024, 2, 29), date(2024, 2, 1)),
    ],
)
def test_a_month_is_closed_by_its_last_day(as_of, closed):
    assert last_closed_month(as_of) == closed


def test_classes_that_only_the_outcome_tells_apart_are_one(con):
    """Where expiries are told as they happen, `none` holds the accounts that have had one."""
    rows = [*ROWS, (0, "none", 0, "granted", 70), (0, "none", 2, "expired", 60)]
    found = triangles(flows(con, rows), month(2))
    fixed = undivided(found, {"policy": "fixed", "months": 12})

    assert list(fixed) == [UNTOLD]
    assert fixed[UNTOLD].granted.tolist() == [170, 50, 49]
    assert fixed[UNTOLD].outstanding().sum() == sum(t.outstanding().sum() for t in found.values())


def test_classes_known_at_the_grant_stay_apart(con):
    told = triangles(flows(con, ROWS), month(2))
    assert undivided(told, {"policy": "fixed", "months": 12}) is told

    rows = [*ROWS, (0, "<=92d", 0, "granted", 7), (0, "none", 0, "granted", 5),
            (0, "none", 2, "expired", 5)]  # fmt: skip
    fixed = undivided(triangles(flows(con, rows), month(2)), {"policy": "fixed", "months": 12})
    assert list(fixed) == ["<=92d", UNTOLD]
    mixed = undivided(triangles(flows(con, rows), month(2)), {"policy": "fiscal_year_end"})
    assert list(mixed) == [UNTOLD]


def test_a_month_of_a_large_campaign_is_not_ordinary():
    found = {"none": triangle_of([[1, 1, 1], [400, 9], [1]], [10, 900, 12])}

    assert found["none"].ordinary.tolist() == [True, False, True]
    assert usual(found)["none"].granted.tolist() == [10, 0, 12]
    assert usual(found)["none"].used.sum() == 4
