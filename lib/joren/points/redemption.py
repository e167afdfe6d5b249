"""What becomes of points that are outstanding: used or gone, month by month, with every chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from joren.params import Ltv
from joren.points.breakage import (
    LONGEST_AGE,
    Cells,
    Design,
    age_bin,
    cells_of,
    design_of,
    log_odds,
    scales,
)
from joren.points.hazards import hazard_posterior
from joren.points.triangle import Triangle
from joren.stats.arrays import Array
from joren.stats.posterior import Posterior

FORECAST_DRAWS = 1_000
_SMALLEST = 0.01  # share of the points granted from which a class has a curve
_LEAST = 1e-3  # of a beta distribution's parameters


@dataclass(frozen=True)
class Breakage:
    """The posterior of the hazards of use, with the triangles it rests on."""

    triangles: dict[str, Triangle]
    cells: Cells
    hazards: Posterior

    @property
    def design(self) -> Design:
        return design_of(self.cells)

    def theta(self, size: int = FORECAST_DRAWS) -> Array:
        """(n_coordinates, size) equally weighted draws."""
        return self.hazards.equally_weighted(size).T


@dataclass(frozen=True)
class Ahead:
    """What is still to be used of what is outstanding.

    Attributes
    ----------
    cohorts : (n,) grant months; outstanding : (n,) points
    redeemed : (n_draws, n) points used within the horizon, chance included
    late : expected points of them at ages that no cohort of their class has reached
    """

    cohorts: NDArray[np.datetime64]
    outstanding: NDArray[np.int64]
    redeemed: Array
    late: float


def fit_breakage(triangles: dict[str, Triangle], params: Ltv, seed: int) -> Breakage:
    """The posterior of the hazards: laplace, or NUTS where that is not good enough.

    Parameters
    ----------
    triangles : validity class → triangle; all end in the same month
    params : inference, draws and chains
    seed : the same seed gives the same posterior

    Raises
    ------
    JorenError if `laplace` is asked for and the posterior has no proper mode
    """
    cells = cells_of(triangles)
    return Breakage(triangles, cells, hazard_posterior(cells, params, seed))


def redeem(breakage: Breakage, steps: int | None, seed: int, size: int = FORECAST_DRAWS) -> Ahead:
    """Forecast the use of what is outstanding at the end of the last month.

    Parameters
    ----------
    steps : months ahead; None until all points are over
    seed : the same seed gives the same draws
    size : draws

    Returns
    -------
    the cohorts of every grant month, all classes together
    """
    rng = np.random.default_rng(seed)
    cells, design, theta = breakage.cells, breakage.design, breakage.theta(size)
    curves = _curves(design, theta)
    horizon = max(LONGEST_AGE[name] for name in cells.classes) + 1
    horizon = horizon if steps is None else min(steps, horizon)
    weather = _month_scale(design, theta) * rng.standard_normal((horizon, size))
    first = next(iter(breakage.triangles.values()))
    total, late = np.zeros((size, len(first.cohorts))), 0.0
    for code, (name, triangle) in enumerate(breakage.triangles.items()):
        leaves = _leaving(triangle, name, cells.dispersion[code], size, rng)
        seen = int(cells.age[cells.validity == code].max())
        left = np.maximum(np.tile(triangle.outstanding().astype(float), (size, 1)), 0)
        youngest = np.arange(len(triangle.cohorts))[::-1]  # age completed at the last month
        for step in range(horizon):
            age = youngest + step + 1
            open_ = (left.max(axis=0) > 0) & (age <= LONGEST_AGE[name])
            if not open_.any():
                break
            at = age[open_]
            odds = curves[code][np.minimum(age_bin(at), cells.bins - 1)].T + weather[step][:, None]
            used = _share(1 / (1 + np.exp(-odds)), left[:, open_], cells.dispersion[code], rng)
            used *= left[:, open_]
            total[:, open_] += used
            late += float(used[:, at > seen].mean(axis=0).sum())
            left[:, open_] = (left[:, open_] - used) * (1 - leaves[:, at])
    outstanding = sum(triangle.outstanding() for triangle in breakage.triangles.values())
    return Ahead(first.cohorts, outstanding, total, late)


def _curves(design: Design, theta: Array) -> Array:
    """(n_classes, bins, n_draws) log-odds of use in a month like any other."""
    classes = range(len(design.classes))
    bins = np.arange(design.bins)
    return np.array([
        log_odds(design.rows(np.full(design.bins, code), bins), design, theta) for code in classes
    ])  # fmt: skip


def _month_scale(design: Design, theta: Array) -> Array:
    """(n_draws,) standard deviation of what a calendar month adds to the log-odds."""
    return scales(design, theta)[design.names.index("month[0]")]


def _share(hazard: Array, n: Array, dispersion: float, rng: np.random.Generator) -> Array:
    """A share whose variance over n points is φ times that of a binomial."""
    units = np.maximum(n / dispersion - 1, 0.0)
    return rng.beta(np.maximum(hazard * units, _LEAST), np.maximum((1 - hazard) * units, _LEAST))


def _leaving(
    triangle: Triangle, name: str, dispersion: float, size: int, rng: np.random.Generator
) -> Array:
    """(size, longest age + 1) share of what is left that is gone at the end of each age.

    Each age has a beta posterior of its own; ages not seen leave like the ages seen, and nothing
    outlives the last one.
    """
    seen = triangle.reached & triangle.ordinary[:, None]
    left = np.where(seen, triangle.at_risk() - triangle.used, 0)
    gone = np.clip(np.where(seen, triangle.gone, 0), 0, np.maximum(left, 0))
    n, x = np.maximum(left, 0).sum(axis=0) / dispersion, gone.sum(axis=0) / dispersion
    longest = LONGEST_AGE[name]
    everything = np.full(longest + 1 - min(len(n), longest + 1), n.sum())
    n = np.concatenate([n[: longest + 1], everything])
    x = np.concatenate([x[: longest + 1], np.full(len(everything), x.sum())])
    pooled = n == 0  # ages at which nothing was left
    n, x = np.where(pooled, n[~pooled].sum(), n), np.where(pooled, x[~pooled].sum(), x)
    leaves = rng.beta(x + 0.05, np.maximum(n - x, 0) + 0.95, (size, longest + 1))
    leaves[:, longest] = 1.0
    return leaves


def unused_curve(breakage: Breakage, interval: float, seed: int = 0) -> pd.DataFrame:
    """Share of granted points not used by the end of each age: the breakage survival curve.

    Parameters
    ----------
    interval : probability of lower and upper, of the expected curve

    Returns
    -------
    validity, age, points (granted points that have come to the age), observed (product of what was
    seen at each age; none where no cohort has come), mean, lower, upper; of the classes with at
    least one in a hundred of the points granted
    """
    rng = np.random.default_rng(seed)
    cells, theta = breakage.cells, breakage.theta()
    size = theta.shape[1]
    given = sum(triangle.granted.sum() for triangle in breakage.triangles.values())
    frames = []
    curves = _curves(breakage.design, theta)
    for code, (name, of_class) in enumerate(zip(cells.classes, curves, strict=True)):
        triangle = breakage.triangles[name]
        if triangle.granted.sum() < _SMALLEST * given:
            continue
        longest = LONGEST_AGE[name]
        ages = np.arange(longest + 1)
        leaves = _leaving(triangle, name, cells.dispersion[code], size, rng)
        weather = _month_scale(breakage.design, theta) * rng.standard_normal((len(ages), size))
        odds = of_class[np.minimum(age_bin(ages), cells.bins - 1)] + weather
        hazard = 1 / (1 + np.exp(-odds))
        unused = _unused(hazard, leaves.T)
        tail = (1 - interval) / 2
        lower, upper = np.quantile(unused, [tail, 1 - tail], axis=1)
        frames.append(pd.DataFrame({
            "validity": name, "age": ages, **_seen(triangle, longest),
            "mean": unused.mean(axis=1), "lower": lower, "upper": upper,
        }))  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def _unused(hazard: Array, leaves: Array) -> Array:
    """(n_ages, …) share of points never used up to and including each age."""
    stays = np.cumprod((1 - hazard) * (1 - leaves), axis=0)
    before = np.concatenate([np.ones_like(stays[:1]), stays[:-1]])
    return 1 - np.cumsum(before * hazard, axis=0)


def _seen(triangle: Triangle, longest: int) -> dict[str, Array]:
    reached = triangle.reached & triangle.ordinary[:, None]
    at_risk = np.where(reached, triangle.at_risk(), 0).sum(axis=0)
    used, gone = (np.where(reached, part, 0).sum(axis=0) for part in (triangle.used, triangle.gone))
    hazard = np.divide(used, at_risk, out=np.zeros(len(used)), where=at_risk > 0)
    rest = at_risk - used
    leaves = np.divide(gone, rest, out=np.zeros(len(rest)), where=rest > 0)
    points = (triangle.granted[:, None] * reached).sum(axis=0)
    observed = np.where(points > 0, _unused(hazard, leaves), np.nan)
    size = longest + 1
    fill = max(size - len(points), 0)
    return {
        "points": np.pad(points[:size], (0, fill)),
        "observed": np.pad(observed[:size], (0, fill), constant_values=np.nan),
    }
