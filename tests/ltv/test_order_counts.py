from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from joren.ltv.accuracy import pit_distance
from joren.ltv.order_counts import order_intervals, places
from joren.ltv.order_models import ORDER_MODELS
from joren.ltv.statistics import PurchaseStatistics, purchase_statistics
from joren.params import project_root

BG = ORDER_MODELS["bg_nbd"]
DRAWS = np.array([[0.243, 30.9, 0.793, 2.426], [0.3, 40.0, 0.6, 2.0]])
PUBLISHED = {
    "bg_nbd": np.array([[0.243, 4.414 * 7, 0.793, 2.426]]),
    "mbg_nbd": np.array([[0.525, 6.183 * 7, 0.891, 1.614]]),
    "pareto_nbd": np.array([[0.553, 10.578 * 7, 0.606, 11.669 * 7]]),
}
CUT, HOLDOUT = pd.Timestamp(1997, 9, 30), 273


def test_intervals_hold_at_least_what_was_asked_for():
    customers = purchase_statistics([0, 3, 30], [0, 200, 290], [300, 300, 300])
    counts = order_intervals(customers, BG, DRAWS, 365, 0.9)
    assert (counts.mass >= 0.9 - 1e-9).all()
    assert (counts.lower <= counts.upper).all()
    assert counts.lower[0] == 0
    assert counts.upper[2] > counts.upper[0]


def test_intervals_and_places_are_those_of_simulated_futures():
    r, alpha, a, b = DRAWS[0]
    rng, n = np.random.default_rng(2), 300_000
    customer = purchase_statistics([6], [280], [300])
    counts = order_intervals(customer, BG, DRAWS[:1], 365, 0.8)
    alive = 1 / (1 + a / (b + 5) * ((alpha + 300) / (alpha + 280)) ** (r + 6))
    orders = rng.poisson(rng.gamma(r + 6, 1 / (alpha + 300), n) * 365)
    futures = np.minimum(orders, rng.geometric(rng.beta(a, b + 6, n)))
    futures = np.where(rng.random(n) < alive, futures, 0)
    assert counts.lower[0] == np.quantile(futures, 0.1, method="inverted_cdf")
    assert counts.upper[0] == np.quantile(futures, 0.9, method="inverted_cdf")
    inside = (futures >= counts.lower[0]) & (futures <= counts.upper[0])
    assert counts.mass[0] == pytest.approx(inside.mean(), abs=0.004)
    for happened in (0, 1, 4, 20):
        below, up_to = places(customer, BG, DRAWS[:1], 365, np.array([happened]))
        assert below[0] == pytest.approx((futures < happened).mean(), abs=0.004)
        assert up_to[0] == pytest.approx((futures <= happened).mean(), abs=0.004)


def test_an_outcome_beyond_all_that_is_likely_lies_at_the_end():
    below, up_to = places(purchase_statistics([0], [0], [300]), BG, DRAWS, 30, np.array([10**6]))
    assert below[0] == pytest.approx(1, abs=1e-6)
    assert up_to[0] == 1


@pytest.fixture(scope="module")
def cdnow() -> tuple[PurchaseStatistics, np.ndarray]:
    """Unique customers as of the cut, ordered, and the purchase days of the holdout."""
    sample = Path(project_root() / "data" / "cdnow" / "CDNOW_sample.txt")
    rows = [line.split() for line in sample.read_text().splitlines()]
    days = pd.DataFrame({"id": [r[0] for r in rows], "day": pd.to_datetime([r[2] for r in rows])})
    days = days.drop_duplicates()
    before = days[days.day <= CUT].groupby("id").day.agg(["count", "min", "max"])
    customers = pd.DataFrame(
        {
            "x": before["count"] - 1,
            "T": (CUT - before["min"]).dt.days,
            "t": (before["max"] - before["min"]).dt.days,
            "n": days[days.day > CUT].groupby("id").day.count(),
        }
    ).fillna(0)
    cells = customers.groupby(["x", "T", "t", "n"], as_index=False).size().astype(float)
    unique = PurchaseStatistics(*(cells[c].to_numpy() for c in ("x", "t", "T", "size")))
    return unique, cells.n.to_numpy()


@pytest.mark.parametrize("name", PUBLISHED)
def test_cdnows_holdout_fell_evenly_and_intervals_held_what_they_hold(cdnow, name):
    customers, happened = cdnow
    forecast = (customers, ORDER_MODELS[name], PUBLISHED[name], HOLDOUT)
    assert pit_distance(*places(*forecast, happened), customers.customers) <= 0.05
    counts = order_intervals(*forecast, 0.9)
    inside = (happened >= counts.lower) & (happened <= counts.upper)
    held = customers.customers @ inside / customers.total
    assert held == pytest.approx(customers.customers @ counts.mass / customers.total, abs=0.03)
