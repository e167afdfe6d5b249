from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from joren.ltv.bg_nbd import build_model, compress, log_likelihood
from joren.ltv.statistics import purchase_statistics

DATA = Path(__file__).parents[1] / "data" / "ltv"
PUBLISHED = (0.243, 4.414, 0.793, 2.426)


@pytest.fixture(scope="module")
def cdnow_weeks() -> pd.DataFrame:
    return pd.read_csv(DATA / "cdnow_customers_summary.csv")


def test_the_likelihood_is_the_published_one(cdnow_weeks):
    c = cdnow_weeks
    value = log_likelihood(purchase_statistics(c.frequency, c.recency, c["T"]), *PUBLISHED)
    assert value == pytest.approx(-9582.43, abs=0.01)


def test_days_change_the_likelihood_by_the_change_of_unit_alone(cdnow_weeks):
    c = cdnow_weeks
    weeks = log_likelihood(purchase_statistics(c.frequency, c.recency, c["T"]), *PUBLISHED)
    r, alpha, a, b = PUBLISHED
    in_days = purchase_statistics(c.frequency, c.recency * 7, c["T"] * 7)
    days = log_likelihood(in_days, r, alpha * 7, a, b)
    assert days == pytest.approx(weeks - c.frequency.sum() * np.log(7), rel=1e-10)


def test_weighted_customers_equal_exploded_ones():
    weighted = purchase_statistics([0, 2], [0, 20], [50, 40], [3, 2])
    exploded = purchase_statistics([0, 0, 0, 2, 2], [0, 0, 0, 20, 20], [50, 50, 50, 40, 40])
    assert log_likelihood(weighted, 0.3, 20, 0.8, 2) == pytest.approx(
        log_likelihood(exploded, 0.3, 20, 0.8, 2), rel=1e-14
    )


def test_each_sum_of_the_likelihood_runs_over_its_own_unique_values():
    sums = compress(purchase_statistics([0, 0, 1, 1, 2], [0, 0, 3, 4, 4], [9, 9, 9, 9, 9]))
    assert (sums.once_age.tolist(), sums.once_customers.tolist()) == ([9], [2])
    assert (sums.frequency.tolist(), sums.frequency_customers.tolist()) == ([1, 2], [2, 1])
    assert len(sums.again_recency) == 3


@pytest.mark.parametrize("parameters", [(0.2, 30, 1.0, 2.0), (0.2, 30, 0.1, 0.2)])
@pytest.mark.parametrize(
    "customers", [([0], [0], [0]), ([1500], [700], [700]), ([0, 0], [0, 0], [5, 9])]
)
def test_the_likelihood_is_finite_at_the_edges(customers, parameters):
    assert np.isfinite(log_likelihood(purchase_statistics(*customers), *parameters))


def test_the_model_is_the_likelihood_and_its_priors(cdnow_weeks):
    c = cdnow_weeks.head(300)
    few = purchase_statistics(c.frequency, c.recency, c["T"])
    model = build_model(few)
    point = model.initial_point()
    parameters = [model[name] for name in ("r", "alpha", "a", "b")]
    graph = model.replace_rvs_by_values([model.potentials[0], *parameters])
    likelihood, *values = model.compile_fn(graph, mode="FAST_COMPILE")(point)
    assert float(likelihood) == pytest.approx(log_likelihood(few, *values), rel=1e-10)
