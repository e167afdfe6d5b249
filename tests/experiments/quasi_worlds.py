"""Small worlds with a planted effect, in which a quasi-experiment's assumption holds or does not.

The tests look at a few seeds of each; `tests.experiments.calibrate_quasi` at hundreds.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from joren.experiments.period_moments import GroupMoments, of_matrix
from joren.stats.arrays import Array

EFFECT = 40.0  # yen per customer and period


def customers(
    seed: int, *, units: int = 800, periods: int = 8, start: int = 5, drift: float = 0.0
) -> tuple[GroupMoments, GroupMoments]:
    """Treated and control customers: skewed spend, own levels that persist, a common season.

    Parameters
    ----------
    drift : by how much more per period the treated spend; not 0 breaks parallel trends
    """
    rng = np.random.default_rng(seed)
    groups = []
    for treated in (1, 0):
        level = rng.gamma(1.5, 200, (units, 1)) * (1.3 if treated else 1.0)
        season = 60 * np.sin(np.arange(periods))
        wave = np.cumsum(rng.normal(0, 20, (units, periods)), axis=1)
        spend = level + season + wave + rng.normal(0, 150, (units, periods))
        spend = spend + treated * drift * np.arange(periods)
        spend[:, start:] += treated * EFFECT
        groups.append(of_matrix(spend))
    return groups[0], groups[1]


def stores(
    seed: int, *, donors: int = 20, before: int = 40, after: int = 8, effect: float = EFFECT,
    outside: float = 0.0, late_drift: float = 0.0,
) -> tuple[Array, Array]:  # fmt: skip
    """A treated store's series (T,) and its donors' (T, J), moved by three common factors.

    Parameters
    ----------
    outside : by how much the treated store's loading on a trend lies outside the donors'
    late_drift : per period, of the treated store from the middle of the time before
    """
    rng = np.random.default_rng(seed)
    time = np.arange(before + after)
    factors = np.stack(
        [
            100 * np.sin(2 * np.pi * time / 12),
            np.cumsum(rng.normal(0, 15, len(time))),
            4.0 * time,
        ]
    )
    loadings = rng.uniform(0.5, 1.5, (3, donors))
    donor = 1000 + loadings.T @ factors + rng.normal(0, 20, (donors, len(time)))
    mix = rng.dirichlet(np.ones(donors))
    own = loadings @ mix + np.array([0.0, 0.0, outside])
    treated = 1000 + own @ factors + rng.normal(0, 20, len(time))
    treated += late_drift * np.maximum(time - before // 2, 0)
    treated[before:] += effect
    return treated, donor.T


def daily(
    seed: int, *, before: int = 200, after: int = 40, effect: float = EFFECT,
    correlation: float = 0.4, bend: float = 0.0,
) -> Array:  # fmt: skip
    """A store's daily sales: trend, days of the week, errors that last, a step at the start.

    Parameters
    ----------
    bend : change of the trend per day from the middle of the time before the start
    """
    rng = np.random.default_rng(seed)
    time = np.arange(before + after)
    noise = rng.normal(0, 60, len(time) + 50)
    error = np.zeros(len(noise))
    for t in range(1, len(noise)):
        error[t] = correlation * error[t - 1] + noise[t]
    week = np.array([0, -50, -40, -20, 30, 150, 120])[time % 7]
    sales = 2000 + 1.0 * time + week + error[50:] + bend * np.maximum(time - before // 2, 0)
    sales[before:] += effect
    return sales


def threshold(
    seed: int, *, customers: int = 4000, effect: float = EFFECT, follow: float = 1.0,
    pushed: float = 0.0,
) -> tuple[Array, Array, Array, Array]:  # fmt: skip
    """Customers around a threshold at 5,000 points: distance, outcome, treated, past value.

    Parameters
    ----------
    follow : share of those above who have the campaign (below it a tenth of that, if not 1)
    pushed : share of those within 300 points below who buy a little more to get over
    """
    rng = np.random.default_rng(seed)
    points = np.round(rng.gamma(5.0, 1000.0, customers))
    near = (points >= 4700) & (points < 5000) & (rng.uniform(size=customers) < pushed)
    keen = near.astype(float)
    points[near] = 5000 + np.round(rng.uniform(0, 300, near.sum()))
    x = points - 5000
    treated = (x >= 0).astype(float)
    if follow < 1:
        treated = (rng.uniform(size=customers) < np.where(x >= 0, follow, follow / 10)).astype(
            float
        )
    past = 300 + 0.03 * points + rng.gamma(2, 40, customers)
    curve = 200 + 0.03 * x + 20 * np.sin(x / 1500)
    y = curve + effect * treated + 120 * keen + rng.gamma(2, 40, customers) - 80
    return x, y, treated, past


def uplift_test(seed: int, *, customers: int = 8000, differ: float = 1.0, money: bool = False):
    """A randomised test whose effect depends on `a` (unless `differ` is 0): rows and true effects.

    The outcome is 0/1, or money where it is not 0.
    """
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=customers), rng.gamma(2, 50, customers)
    c = rng.choice(["web", "store", "call"], customers)
    treated = rng.uniform(size=customers) < 0.5
    true = 0.06 + differ * np.where(a > 0.5, 0.14, np.where(a < -0.5, -0.06, 0.0))
    chance = 0.15 + 0.05 * (b > 100) + 0.03 * (c == "web") + treated * true
    outcome = (rng.uniform(size=customers) < chance).astype(float)
    if money:
        outcome = np.round(outcome * rng.gamma(3, 1000, customers))
    rows = pd.DataFrame({"treated": treated, "outcome": outcome, "a": a, "b": b, "c": c})
    rows.insert(0, "customer_id", [f"c{i:06}" for i in range(customers)])
    return rows, true
