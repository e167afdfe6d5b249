"""Whether the effect until the horizon is held as often as its interval says: `make calibrate`.

    python -m tests.ltv.calibrate_arms

Each seed is a campaign of its own on customers of its own, whose treated arm orders at a rate that
is higher for good, or not at all. What is still to come of both arms is forecast in three ways: by
one model for all, by a model of each arm fitted apart, and by models that learn from each other.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import pymc as pm
from scipy.stats import norm

from joren.ltv.arm_models import arm_posteriors, compare, forecast_arms
from joren.ltv.mbg_nbd import MBG_NBD
from joren.ltv.order_model import build, median_age
from joren.ltv.statistics import PurchaseStatistics, purchase_statistics
from joren.stats.arrays import Array
from joren.stats.laplace import density_of, laplace_draws
from joren.stats.posterior import Posterior

WAYS = ("one model", "apart", "learning")
LEVEL, SEEN, AHEAD = 0.9, 180, 365
_TRUE = 40  # times 10,000 customers the truth is taken from
_PROPOSALS = 2000


@dataclass(frozen=True)
class Found:
    """How the forecasts of one way stand against the truth, in orders per customer."""

    way: str
    lift: float
    true: float
    bias: float
    error: float
    width: float
    held: int
    seeds: int

    def is_off(self) -> bool:
        """Whether less is held than chance explains where the arms have a model each."""
        lowest = LEVEL - 2.6 * sqrt(LEVEL * (1 - LEVEL) / self.seeds)
        return self.way != WAYS[0] and self.held < lowest * self.seeds


def customers(rng: np.random.Generator, n: int, lift: float, days: int) -> tuple[Array, Array]:
    """(n,) orders made within the days seen and those of all `days`, and the day of the last seen.

    MBG/NBD: orders at a rate of the customer's own until she stops after one of them, or at once.
    """
    rate = rng.gamma(0.8, lift / 60, n)
    lives = rng.geometric(np.clip(rng.beta(0.9, 4, n), 1e-9, 1)) - 1
    at = rng.exponential(1 / rate[:, None], (n, 200)).cumsum(1)
    at[np.arange(200) >= lives[:, None]] = np.inf
    seen, made = (at <= SEEN).sum(1), (at <= days).sum(1)
    last = np.where(seen > 0, at[np.arange(n), np.maximum(seen - 1, 0)], 0.0)
    return np.stack([seen, made]), np.ceil(last)


def truth(lift: float, seed: int = 1) -> float:
    """Orders a customer makes from the last day seen to the horizon, treated less held out."""
    means = []
    for factor in (lift, 1.0):
        rng = np.random.default_rng(seed)
        made = [customers(rng, 10_000, factor, SEEN + AHEAD)[0] for _part in range(_TRUE)]
        means.append(np.mean([(counts[1] - counts[0]).mean() for counts in made]))
    return float(means[0] - means[1])


def calibrate(seeds: int, n: int, lift: float, first: int = 0) -> list[Found]:
    """Forecast `seeds` campaigns of n customers an arm in every way."""
    sample = _Sampler()
    true, told = truth(lift), {way: [] for way in WAYS}
    for seed in range(first, first + seeds):
        rng = np.random.default_rng([seed, 7])
        arms = []
        for factor in (lift, 1.0):
            counts, last = customers(rng, n, factor, SEEN)
            arms.append(purchase_statistics(counts[0], last, np.full(n, SEEN)))
        for way in WAYS:
            told[way].append(effect(arms, sample(way, arms, seed)))
    reach = float(norm.ppf((1 + LEVEL) / 2))
    found = []
    for way, pairs in told.items():
        value, se = np.array(pairs).T
        held = int((np.abs(value - true) <= reach * se).sum())
        error = float(np.sqrt(((value - true) ** 2).mean()))
        width = float(2 * reach * se.mean())
        found.append(Found(way, lift, true, float(value.mean() - true), error, width, held, seeds))
    return found


def effect(
    arms: Sequence[PurchaseStatistics], posteriors: Sequence[Posterior]
) -> tuple[float, float]:
    """The difference in orders still to come, with its standard error."""
    pair = compare(*forecast_arms(MBG_NBD, arms, posteriors, AHEAD, 0.0), (1.0, 1.0))
    means, variance = [], pair.prior_sd**2
    for arm, values in zip(arms, (pair.treated, pair.control), strict=True):
        means.append(arm.customers @ values / arm.total)
        variance += arm.customers @ (values - means[-1]) ** 2 / arm.total**2
    return float(means[0] - means[1]), sqrt(variance)


class _Sampler:
    """The ways' posteriors; a model is compiled once, its data set anew for every campaign."""

    def __init__(self) -> None:
        self._compiled = None

    def __call__(
        self, way: str, arms: Sequence[PurchaseStatistics], seed: int
    ) -> tuple[Posterior, ...]:
        if way == "apart":
            return tuple(self._posterior(arm, seed) for arm in arms)
        if way == "one model":
            names = ("frequency", "recency", "age", "customers")
            columns = [np.concatenate([getattr(arm, name) for arm in arms]) for name in names]
            return (self._posterior(purchase_statistics(*columns), seed),) * 2
        found = arm_posteriors(MBG_NBD, arms, _PROPOSALS, seed)
        assert found is not None, f"no proper mode in campaign {seed}"
        return found

    def _posterior(self, purchases: PurchaseStatistics, seed: int) -> Posterior:
        if self._compiled is None:
            model = build(MBG_NBD, [purchases])
            self._compiled = model, density_of(model, MBG_NBD.parameters)
        model, density = self._compiled
        with model:
            pm.set_data(MBG_NBD.compress([purchases]) | {"unit": median_age([purchases])})
        found = laplace_draws(density, _PROPOSALS, seed)
        assert found is not None, f"no proper mode in campaign {seed}"
        return found


def show(found: Sequence[Found]) -> str:
    """A line a way."""
    return "\n".join(
        f"rate x {f.lift:.1f}: {f.way:9} truth {f.true:.3f}, bias {f.bias:+.3f}, "
        f"error {f.error:.3f}, width {f.width:.3f}, "
        f"held {f.held} of {f.seeds} = {f.held / f.seeds:.0%}"
        f"{'  off' if f.is_off() else ''}"
        for f in found
    )


def main(arguments: Sequence[str]) -> int:
    """Campaigns that do nothing, and some that raise the rate for good; 1 if too little is held."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--customers", type=int, default=1000)
    given = parser.parse_args(arguments)
    found = [f for lift in (1.0, 1.2) for f in calibrate(given.seeds, given.customers, lift)]
    print(
        f"{given.seeds} campaigns of {given.customers:,} customers an arm, intervals of {LEVEL:.0%}"
    )
    print(show(found), flush=True)
    return int(any(f.is_off() for f in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
