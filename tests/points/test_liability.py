from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from tests.points.triangles import simulated, triangle_of

from joren.params import Ltv
from joren.points.liability import (
    by_chain_ladder,
    by_survival,
    first_month_enough,
    liability_rows,
    progress,
)
from joren.points.redemption import fit_breakage

QUICK = Ltv(draws=200, chains=2, inference="laplace")


@pytest.fixture(scope="module")
def found():
    return {"<=12m": simulated(np.random.default_rng(5), months=14, ahead=0)}


@pytest.fixture(scope="module")
def now(found):
    return by_survival(fit_breakage(found, QUICK, 1), 0.9, seed=1)


def test_cohorts_add_up_to_the_total(now):
    assert now.outstanding.sum() == now.total[0]
    assert now.expected.sum() == pytest.approx(now.total[1])
    assert now.total[2] < now.total[1] < now.total[3]


def test_the_table_has_a_row_for_each_living_cohort_and_a_total_for_each_month(found, now):
    early = by_chain_ladder(found, None, 0.9)
    rows = liability_rows(now, [early], Decimal("0.5"))
    cohorts, totals = rows[rows.cohort != "total"], rows[rows.cohort == "total"]

    assert len(cohorts) == (now.outstanding > 0).sum()
    assert totals.method.tolist() == ["chain_ladder", "survival"]
    assert rows.liability_amount.to_numpy() == pytest.approx(rows.expected_redeemed / 2)
    kept = 1 - rows.expected_redeemed / rows.outstanding_points
    assert rows.breakage_rate.to_numpy() == pytest.approx(kept)
    assert rows.month.iloc[0] == date(2025, 2, 1)


def test_the_chain_ladder_values_no_cohort_beyond_its_points():
    found = {"<=12m": triangle_of([[1, 90, 0], [50, 40], [95]], [100, 100, 100])}
    value = by_chain_ladder(found, None, 0.9)

    assert value.expected[-1] == value.outstanding[-1] == 5
    assert (value.upper <= value.outstanding).all()
    assert (value.lower >= 0).all()


def test_half_a_year_of_grants_is_enough():
    found = {"<=12m": triangle_of([[], [1], []], [0, 10, 10])}
    assert first_month_enough(found) == date(2025, 7, 1)
    assert first_month_enough({}) is None


def test_progress_follows_each_cohort_to_what_it_is_expected_to_use(found, now):
    rows = progress(found, now)
    last = rows[rows.month == rows.month.max()].sort_values("cohort")

    assert last.ahead.to_numpy() == pytest.approx(now.expected)
    in_all = (rows.used + rows.ahead).groupby(rows.cohort)
    assert (in_all.max() - in_all.min()).max() < 1e-6
    assert (rows.month >= rows.cohort).all()
