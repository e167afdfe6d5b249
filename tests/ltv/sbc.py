"""Simulation-based calibration: does the posterior hold the truth as often as it says?

    python -m tests.ltv.sbc --rounds 200

Parameters are drawn from the prior, customers from the parameters, and the posterior from the
customers; the rank of the truth among the posterior's draws is then uniform (Talts et al. 2018).
The unit the priors are relative to is fixed, and they are narrower than those of the product, as
some of its worlds have customers who order a thousand times a day.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np
import nutpie
import pymc as pm
from scipy.stats import chisquare

from joren.ltv import gamma_gamma
from joren.ltv.bg_bb import BG_BB
from joren.ltv.order_model import OrderModel, build
from joren.ltv.order_models import ORDER_MODELS
from joren.ltv.statistics import (
    PurchaseStatistics,
    SpendStatistics,
    purchase_statistics,
    spend_statistics,
)
from joren.stats.arrays import Array
from joren.stats.inference import nuts_draws
from joren.stats.laplace import density_of, laplace_draws

UNIT = 300.0
CUSTOMERS = 300
RANKS = 63
_SD = 0.5
_BINS = 8

MODELS = {
    name: replace(model, coordinates=tuple(replace(c, sd=_SD) for c in model.coordinates))
    for name, model in (ORDER_MODELS | {BG_BB.name: BG_BB}).items()
    if name in ("bg_nbd", "mbg_nbd", "pareto_nbd", "mbg_cnbd_2", "bg_bb")
}
SPEND = "gamma_gamma"
Statistics = PurchaseStatistics | SpendStatistics


def ranks(name: str, inference: str, rounds: int, seed: int) -> Array:
    """Ranks (0 … RANKS) of the truth among the draws: (rounds, n_parameters).

    Parameters
    ----------
    name : of MODELS, or SPEND
    inference : `laplace` or `nuts`
    rounds : worlds simulated
    seed : of all of them
    """
    rng = np.random.default_rng(seed)
    statistics = _world(name, rng)[1]
    definition, names = _definition(name, statistics)
    # compiled once: only the data change from world to world
    if inference == "laplace":
        density = density_of(definition, names)
    else:
        compiled = nutpie.compile_pymc_model(definition)
    found = []
    for i in range(rounds):
        truth, statistics = _world(name, rng)
        data = _data(name, statistics)
        if inference == "laplace":
            with definition:
                pm.set_data(data)
            posterior = laplace_draws(density, 1000, seed + i)
        else:
            posterior = nuts_draws(compiled.with_data(**data), names, 300, 2, seed + i)
        found.append((posterior.equally_weighted(RANKS) < truth).sum(0))
    return np.array(found)


def uniformity(found: Array) -> Array:
    """(n_parameters,) probability of ranks at least as uneven as these, were they uniform."""
    bins = found * _BINS // (RANKS + 1)
    counts = [np.bincount(column, minlength=_BINS) for column in bins.T]
    return np.array([chisquare(c).pvalue for c in counts])


def _world(name: str, rng: np.random.Generator) -> tuple[Array, Statistics]:
    if name == SPEND:
        return _spend_world(rng)
    model = MODELS[name]
    free = [np.exp(c.centre + c.sd * rng.standard_normal()) for c in model.coordinates]
    truth = np.array(model.natural(*free, UNIT))
    return truth, _customers(model, truth, rng)


def _definition(name: str, statistics: Statistics) -> tuple[pm.Model, tuple[str, ...]]:
    if name == SPEND:
        return gamma_gamma.build_model(statistics, unit=UNIT), gamma_gamma.PARAMETERS
    return build(MODELS[name], [statistics], unit=UNIT), MODELS[name].parameters


def _data(name: str, statistics: Statistics) -> dict[str, Array]:
    if name == SPEND:
        return gamma_gamma.compress(statistics)
    return MODELS[name].compress([statistics])


def _spend_world(rng: np.random.Generator) -> tuple[Array, SpendStatistics]:
    p, excess, mean = np.array([3, 2, 1]) * np.exp(rng.standard_normal(3))
    truth = np.array([p, 1 + excess, mean * UNIT * excess / p])
    x = rng.geometric(0.3, CUSTOMERS)
    spend = rng.gamma(p * x) / rng.gamma(truth[1], 1 / truth[2], CUSTOMERS) / x
    return truth, spend_statistics(x, spend)


def _customers(model: OrderModel, truth: Array, rng: np.random.Generator) -> PurchaseStatistics:
    if model is MODELS["bg_bb"]:
        return _occasional(truth, rng)
    age = rng.uniform(60, 540, CUSTOMERS)
    rate = rng.gamma(truth[0], 1 / truth[1], CUSTOMERS)
    if model is MODELS["pareto_nbd"]:
        death = rng.exponential(1 / rng.gamma(truth[2], 1 / truth[3], CUSTOMERS))
        return _ordering(rate, np.minimum(age, death), age, np.zeros(CUSTOMERS), 1, rng)
    stop = rng.beta(truth[2], truth[3], CUSTOMERS)
    stopped_at_once = (rng.random(CUSTOMERS) < stop) & (model is not MODELS["bg_nbd"])
    return _ordering(rate, np.where(stopped_at_once, 0, age), age, stop, model.stages, rng)


def _ordering(rate, until, age, stop, stages, rng) -> PurchaseStatistics:
    x, last, logs = np.zeros(CUSTOMERS), np.zeros(CUSTOMERS), np.zeros(CUSTOMERS)
    active = np.ones(CUSTOMERS, bool)
    while active.any():
        gap = rng.gamma(stages, 1 / rate)
        active &= last + gap <= until
        x += active
        last += np.where(active, gap, 0)
        logs += np.where(active, np.log(gap), 0)
        active &= rng.random(CUSTOMERS) >= stop
    return purchase_statistics(x, last, age, log_gaps=logs)


def _occasional(truth: Array, rng: np.random.Generator) -> PurchaseStatistics:
    alpha, beta, gamma, delta = truth
    n = 8
    used = rng.random((CUSTOMERS, n)) < rng.beta(alpha, beta, CUSTOMERS)[:, None]
    ends = rng.beta(gamma, delta, CUSTOMERS)[:, None]
    used &= (rng.random((CUSTOMERS, n)) >= ends).cumprod(1).astype(bool)
    last = np.where(used, np.arange(1, n + 1), 0).max(1)
    return purchase_statistics(used.sum(1), last, np.full(CUSTOMERS, n))


def main() -> None:
    """Print, for every model and both inferences, how likely ranks as uneven as found are."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--model", choices=[*MODELS, SPEND], action="append")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    uneven = False
    for name in given.model or [*MODELS, SPEND]:
        for inference in ("laplace", "nuts"):
            p_values = uniformity(ranks(name, inference, given.rounds, given.seed))
            uneven |= bool((p_values < 1e-3).any())
            print(f"{name:12} {inference:8}", " ".join(f"{p:.3f}" for p in p_values), flush=True)
    if uneven:
        raise SystemExit("some ranks are not uniform")


if __name__ == "__main__":
    main()
