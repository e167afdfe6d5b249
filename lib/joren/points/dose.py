"""How much more points bring: margin against the size of the grant, and the grant that pays best.

1. The margin that a grant of d points adds per customer is A (1 − e^(−d/s)) with A ≥ 0: it never
   falls and levels off. A is flat, ln s is uniform from a quarter of the smallest grant tried to
   four times the largest.
2. Effects of arms are normal about it; arms of one campaign share their hold-out, whose noise is in
   all of them alike.
3. A grant costs its points at their value times the share that is redeemed, and the contact.

Given s, A is a normal cut off at zero, so the posterior is a sum over a grid of s. Nothing is said
beyond the largest grant tried. With fewer than three doses, the hold-out's zero among them, any
curve would be an assumption, and none is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr, ndtr, ndtri

from joren.errors import JorenError
from joren.stats.arrays import Array
from joren.stats.effects import Estimate

FEWEST_DOSES = 3
_SCALES = 80  # grid of s
_DRAWS = 4000
_STEPS = 100  # between no grant and the largest tried


@dataclass(frozen=True)
class Dose:
    """One arm: points granted per customer, margin per customer over the hold-out's, and errors.

    se : of the arm's own mean; se_control : of its hold-out's mean
    """

    campaign_id: str
    points: float
    effect: float
    se: float
    se_control: float


@dataclass(frozen=True)
class DoseResponse:
    """Posterior draws of the curve; A in currency and s in points, (n_draws,) each."""

    ceiling: Array
    scale: Array
    largest: float

    def margin(self, points: Array) -> Array:
        """(n_draws, n_points) margin per customer that a grant adds."""
        return self.ceiling[:, None] * -np.expm1(-np.asarray(points) / self.scale[:, None])


@dataclass(frozen=True)
class BestGrant:
    """The grant with the largest expected profit per customer.

    points : its size, with the interval of where the best grant may lie
    profit : per customer, in currency, at that size
    """

    points: Estimate
    profit: Estimate


def distinct_doses(doses: Sequence[Dose]) -> int:
    """How many sizes of grants were tried, the hold-out's zero among them."""
    return len({0.0, *(dose.points for dose in doses)})


def fit_dose_response(doses: Sequence[Dose], seed: int) -> DoseResponse:
    """Fit the curve to the arms of any number of campaigns.

    Raises
    ------
    JorenError if fewer than FEWEST_DOSES sizes were tried
    """
    if distinct_doses(doses) < FEWEST_DOSES:
        raise JorenError(
            f"{distinct_doses(doses)} sizes of grants cannot tell a curve",
            "",
            f"try {FEWEST_DOSES} or more, no grant included, in one campaign or several",
        )
    points = np.array([dose.points for dose in doses])
    precision = np.linalg.inv(_covariance(doses))
    effects = np.array([dose.effect for dose in doses])
    scales = np.geomspace(points.min() / 4, points.max() * 4, _SCALES)
    shapes = -np.expm1(-points / scales[:, None])
    bend = np.einsum("gi,ij,gj->g", shapes, precision, shapes)
    mean = shapes @ precision @ effects / bend
    sd = 1 / np.sqrt(bend)
    log_p = 0.5 * mean**2 * bend + np.log(sd) + log_ndtr(mean / sd)
    weights = np.exp(log_p - log_p.max())
    rng = np.random.default_rng(seed)
    shares = np.cumsum(weights) / weights.sum()
    at = np.searchsorted(shares, (np.arange(_DRAWS) + rng.random()) / _DRAWS)
    at = np.minimum(at, _SCALES - 1)
    return DoseResponse(_above_zero(mean[at], sd[at], rng), scales[at], float(points.max()))


def best_grant(
    response: DoseResponse,
    value_per_point: float,
    redemption: float,
    unit_cost: float,
    level: float,
) -> BestGrant:
    """The grant that pays best, up to the largest tried; no grant is one of the choices.

    Parameters
    ----------
    value_per_point : currency; redemption : share of granted points that are used
    unit_cost : of a contact, in currency
    level : of the intervals
    """
    grid = np.linspace(0, response.largest, _STEPS + 1)
    profits = profit(response, grid, value_per_point, redemption, unit_cost)
    best = int(profits.mean(axis=0).argmax())
    tails = [0.5 - level / 2, 0.5 + level / 2]
    where = grid[profits.argmax(axis=1)]
    at = profits[:, best]
    return BestGrant(
        Estimate(float(grid[best]), *map(float, np.quantile(where, tails)), float(where.std())),
        Estimate(float(at.mean()), *map(float, np.quantile(at, tails)), float(at.std())),
    )


def profit(
    response: DoseResponse,
    points: Array,
    value_per_point: float,
    redemption: float,
    unit_cost: float,
) -> Array:
    """(n_draws, n_points) profit per customer of a grant; nothing is granted at no cost."""
    cost = value_per_point * redemption * np.asarray(points) + unit_cost * (np.asarray(points) > 0)
    return response.margin(points) - cost


def _covariance(doses: Sequence[Dose]) -> Array:
    own = np.diag([dose.se**2 for dose in doses])
    same = np.array([[a.campaign_id == b.campaign_id for b in doses] for a in doses])
    shared = np.array([[a.se_control * b.se_control for b in doses] for a in doses])
    return own + same * shared


def _above_zero(mean: Array, sd: Array, rng: np.random.Generator) -> Array:
    """Draws of normals cut off below zero, by inversion of their upper tail."""
    tail = ndtr(mean / sd)
    return np.maximum(mean - sd * ndtri(np.maximum(tail * rng.random(len(mean)), 1e-300)), 0.0)
