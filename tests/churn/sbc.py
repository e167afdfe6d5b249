"""Simulation-based calibration of the hazards of subscriptions, as `tests.ltv.sbc` of orders.

    python -m tests.churn.sbc --rounds 200

Coordinates are drawn from the prior, ends from the hazards they make, and the posterior from the
ends; the ranks of the truth among the posterior's draws are then uniform (Talts et al. 2018).
"""

from __future__ import annotations

import argparse

import numpy as np
from scipy.special import expit
from tests.ltv.sbc import RANKS, uniformity

from joren.churn.fit import posterior
from joren.churn.hazard import coordinates, log_odds
from joren.churn.levels import FACTORS
from joren.churn.risk import Categories, Cells, Places
from joren.churn.tenure import CAUSES
from joren.params import Ltv
from joren.stats.arrays import Array

STARTED = 400
_DECISIONS = 12
_WAIVED = (0, 2)  # of the two courses
_CATEGORIES = Categories(("a", "b"), dict.fromkeys(FACTORS, ("all",)))


def ranks(cause: str, inference: str, rounds: int, seed: int) -> Array:
    """Ranks (0 … RANKS) of the truth among the draws: (rounds, n_coordinates).

    Parameters
    ----------
    cause : one of CAUSES
    inference : `laplace` or `nuts`
    rounds : worlds simulated
    seed : of all of them
    """
    rng = np.random.default_rng(seed)
    asked = Ltv(inference=inference, draws=500, chains=2)
    found = []
    for i in range(rounds):
        truth = rng.standard_normal(len(coordinates(cause, _CATEGORIES)))
        drawn = posterior(cause, _world(cause, truth, rng), asked, seed + i)
        found.append((drawn.equally_weighted(RANKS) < truth).sum(0))
    return np.array(found)


def _world(cause: str, truth: Array, rng: np.random.Generator) -> Cells:
    """Two courses of which everybody ends by this cause or not at all."""
    course, decision = (grid.ravel() for grid in np.mgrid[0:2, 1 : _DECISIONS + 1])
    level = {factor: np.zeros_like(course) for factor in FACTORS}
    places = Places(course, level, np.array(_WAIVED, float)[course], decision.astype(float))
    hazard = expit(log_odds(cause, truth[:, None], places, _CATEGORIES)[:, 0])
    if cause == "voluntary":
        hazard[decision <= places.waived] = 0.0
    at_risk, ends = np.zeros(len(course)), np.zeros(len(course))
    left = STARTED
    for i in range(len(course)):
        left = STARTED if decision[i] == 1 else left
        at_risk[i], ends[i] = left, rng.binomial(left, hazard[i])
        left -= int(ends[i])
    nobody = {other: np.zeros_like(ends) for other in CAUSES}
    return Cells(_CATEGORIES, places, at_risk, nobody | {cause: ends})


def main() -> None:
    """Print, for every cause and both inferences, how likely ranks as uneven as found are."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    uneven = False
    for cause in CAUSES:
        for inference in ("laplace", "nuts"):
            p_values = uniformity(ranks(cause, inference, given.rounds, given.seed))
            uneven |= bool((p_values < 1e-3).any())
            print(f"{cause:12} {inference:8}", " ".join(f"{p:.3f}" for p in p_values), flush=True)
    if uneven:
        raise SystemExit("some ranks are not uniform")


if __name__ == "__main__":
    main()
