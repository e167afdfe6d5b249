"""Breakage as a survival curve: the hazard of use by age and validity class, with its interval.

1. In each month of its age a point still there is used with a probability that depends on its age,
   on its validity class and on the calendar month; what the month does, it does to all classes and
   cohorts alike. The curve over age is a slope on log(1 + age) with a random walk around it, which
   all classes share; each class departs from it by a walk of its own.
2. Points are used by the lot, and a customer uses her lots together. A month's points of a cohort
   therefore vary φ times as much as independent points would, and count as points / φ (quasi-
   likelihood). φ is estimated for each class from how far its cells lie from ages and months; what
   customers do to several cohorts at once is part of the month's effect.
3. What is left at the end of an age lapses (or is cancelled, or moves away) with a share that
   depends on class and age; at the longest age of a class all of it does.
4. Grant months out of the ordinary are forecast, but nothing is learned from them.
5. What is outstanding is right-censored: it has its age, and is forecast from there on.

Given the scales of the walks and of the months the log-odds are linear in the coordinates, each of
which is standard normal a priori; `hazards` draws from the posterior.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from joren.points.triangle import Triangle
from joren.stats.arrays import Array

if TYPE_CHECKING:
    import pymc as pm

OPEN_END = 60  # months after which a point without a nearer end counts as never used
# the age by whose end a lot of the class is over, whatever the lengths of its months
LONGEST_AGE = {
    "<=31d": 2,
    "<=92d": 4,
    "<=12m": 13,
    ">12m": OPEN_END,
    "none": OPEN_END,
    "untold": OPEN_END,
}
_LAST_OWN_AGE = 12  # later ages share a year's hazard each
# what one unit of a coordinate means for the log-odds, where the data do not choose it
_LEVEL, _LEVEL_SD, _CLASS_SD = np.log(0.05 / 0.95), 1.5, 0.7
_SLOPE_SD = 0.5  # on log(1 + age): who uses points at all uses them early
SCALES = ("walk", "apart", "month")  # what the data choose: exp of a normal
_SCALE, _SCALE_SD = np.log(0.2), 0.7
_BLOCK = 2_000_000  # cells × draws at once

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Cells:
    """Points at risk and used, by class, age and calendar month.

    Attributes
    ----------
    classes : validity classes; n_months : calendar months seen, the last one is the last code
    bins : how many classes of age there are
    validity, bin, month : (n,) codes; age : (n,) months
    at_risk, used : (n,) points
    dispersion : (n_classes,) φ, at least 1
    """

    classes: tuple[str, ...]
    n_months: int
    bins: int
    validity: Codes
    bin: Codes
    month: Codes
    age: Codes
    at_risk: Array
    used: Array
    dispersion: Array


def age_bin(age: Codes) -> Codes:
    """The class of an age: single months for a year, then a year each."""
    return np.where(age <= _LAST_OWN_AGE, age, _LAST_OWN_AGE + 1 + (age - _LAST_OWN_AGE - 1) // 12)


def bin_age(bins: Codes) -> Array:
    """The age in the middle of a class of age."""
    return np.where(bins <= _LAST_OWN_AGE, bins, _LAST_OWN_AGE + 12.0 * (bins - _LAST_OWN_AGE) - 6)


def cells_of(triangles: dict[str, Triangle]) -> Cells:
    """The cells of all classes, with the dispersion of each.

    Parameters
    ----------
    triangles : validity class → triangle; all end in the same month
    """
    parts: dict[str, list[Array]] = {n: [] for n in ("validity", "age", "month", "n", "y")}
    for code, triangle in enumerate(triangles.values()):
        at_risk = triangle.at_risk()
        row, age = np.nonzero(triangle.reached & (at_risk > 0) & triangle.ordinary[:, None])
        n = at_risk[row, age].astype(float)
        columns = (
            np.full(len(row), code), age, row + age, n,
            np.clip(triangle.used[row, age], 0, n),  # points given back were never used
        )  # fmt: skip
        for values, column in zip(parts.values(), columns, strict=True):
            values.append(column)
    validity, age, month, n, y = (np.concatenate(values) for values in parts.values())
    bins = age_bin(age)
    months = int(month.max()) + 1
    return Cells(
        tuple(triangles), months, int(bins.max()) + 1, validity, bins, month, age, n, y,
        _dispersion(validity, bins, month, n, y),
    )  # fmt: skip


def _dispersion(validity: Codes, bins: Codes, month: Codes, n: Array, y: Array) -> Array:
    """φ of every class from a fit by age and month; cells weigh by what varies in them."""
    place = validity * (bins.max() + 1) + bins
    places = np.unique(place).size
    hazard = _ratio(place, y, n)[place]
    pace = _ratio(month, y, n * hazard)[month]
    hazard = np.clip(_ratio(place, y, n * pace)[place] * pace, 0, 0.99)
    spread = n * hazard * (1 - hazard)
    missed = (y - n * hazard) ** 2
    # the fit has taken so many degrees of freedom off the cells
    free = max(len(n) - places - np.unique(month).size, 1) / len(n)
    overall = missed.sum() / max(spread.sum(), 1e-9) / free
    found = []
    for code in range(int(validity.max()) + 1):
        of = validity == code
        # a class of few cells says little by itself
        weight = of.sum() / (of.sum() + 5)
        own = missed[of].sum() / max(spread[of].sum(), 1e-9) / free
        found.append(max(weight * own + (1 - weight) * overall, 1.0))
    return np.array(found)


def _ratio(code: Codes, y: Array, n: Array) -> Array:
    total = np.bincount(code, n)
    return np.divide(np.bincount(code, y), total, out=np.zeros(len(total)), where=total > 0)


@dataclass(frozen=True)
class Design:
    """The linear part of the hazards.

    Attributes
    ----------
    names : (n_effects,) of the effects
    scale : (n_effects,) position of its scale in SCALES, or −1 for `fixed`
    fixed : (n_effects,) its scale where the data do not choose one
    bins, own : shared bins of age, and those that each class has come to
    """

    names: tuple[str, ...]
    scale: Codes
    fixed: Array
    classes: tuple[str, ...]
    bins: int
    own: tuple[int, ...]

    def rows(self, validity: Codes, bins: Codes, month: Codes | None = None) -> Array:
        """(n, n_effects) which effects add up to each place; without month an average one.

        A class beyond the ages it has come to keeps its last distance from the shared curve.
        """
        place = {name: i for i, name in enumerate(self.names)}
        rows = np.zeros((len(validity), len(self.names)))
        rows[:, place["level"]] = 1
        rows[:, place["slope"]] = np.log1p(bin_age(bins))
        for b in range(1, self.bins):
            rows[:, place[f"walk[{b}]"]] = bins >= b
        if month is not None:
            rows[np.arange(len(month)), place["month[0]"] + month] = 1
        if len(self.classes) > 1:
            for code, name in enumerate(self.classes):
                rows[:, place[f"class:{name}"]] = validity == code
                for b in range(1, self.own[code]):
                    rows[:, place[f"apart:{name}[{b}]"]] = (validity == code) & (bins >= b)
        return rows

    @property
    def coordinates(self) -> tuple[str, ...]:
        """The names of all coordinates: the scales, then the effects."""
        return (*SCALES, *self.names)


def design_of(cells: Cells) -> Design:
    """The effects that the cells tell of."""
    own = tuple(int(cells.bin[cells.validity == c].max()) + 1 for c in range(len(cells.classes)))
    parts = [(["level"], -1, _LEVEL_SD), (["slope"], -1, _SLOPE_SD)]
    parts += [([f"walk[{b}]" for b in range(1, cells.bins)], 0, 0.0)]
    parts += [([f"month[{m}]" for m in range(cells.n_months)], 2, 0.0)]
    if len(cells.classes) > 1:
        parts += [([f"class:{name}" for name in cells.classes], -1, _CLASS_SD)]
        for name, bins in zip(cells.classes, own, strict=True):
            parts += [([f"apart:{name}[{b}]" for b in range(1, bins)], 1, 0.0)]
    names = tuple(name for of, _scale, _fixed in parts for name in of)
    scale = np.concatenate([np.full(len(of), scale) for of, scale, _fixed in parts])
    fixed = np.concatenate([np.full(len(of), fixed) for of, _scale, fixed in parts])
    return Design(names, scale.astype(int), fixed, cells.classes, cells.bins, own)


def scales(design: Design, theta: Any, exp: Any = np.exp) -> Any:
    """(n_effects, …) scale of every effect; theta: (≥ 3, …) coordinates, the scales first."""
    chosen = exp(_SCALE + _SCALE_SD * theta[:3])
    known = design.fixed.reshape(-1, *[1] * (theta.ndim - 1))
    free = (design.scale >= 0).astype(float).reshape(known.shape)
    return known + free * chosen[np.maximum(design.scale, 0)]


def log_odds(rows: Array, design: Design, theta: Any, exp: Any = np.exp) -> Any:
    """(n, …) log-odds of use at places.

    Parameters
    ----------
    rows : (n, n_effects) from `Design.rows`
    theta : (n_coordinates, …), numbers or a graph
    """
    return _LEVEL + rows @ (scales(design, theta, exp) * theta[3:])


def log_posterior(cells: Cells, theta: Array) -> Array:
    """Log-density of draws of the coordinates, up to a constant; `build_model` in numbers.

    Parameters
    ----------
    theta : (n_coordinates, n_draws)

    Returns
    -------
    (n_draws,)
    """
    design = design_of(cells)
    rows = design.rows(cells.validity, cells.bin, cells.month)
    used, at_risk = units(cells)
    total = -0.5 * (theta**2).sum(axis=0)
    size = max(_BLOCK // max(len(used), 1), 1)
    for start in range(0, theta.shape[1], size):
        block = slice(start, start + size)
        odds = log_odds(rows, design, theta[:, block])
        total[block] += used @ odds - at_risk @ np.logaddexp(0.0, odds)
    return total


def units(cells: Cells) -> tuple[Array, Array]:
    """(n,) used and at risk in units that are used independently: points / φ, not whole."""
    weight = 1 / cells.dispersion[cells.validity]
    return cells.used * weight, cells.at_risk * weight


def build_model(cells: Cells) -> pm.Model:
    """The PyMC definition, its `coordinates` as one vector `theta`."""
    import pymc as pm
    import pytensor.tensor as pt

    design = design_of(cells)
    rows = design.rows(cells.validity, cells.bin, cells.month)
    used, at_risk = units(cells)
    with pm.Model() as model:
        theta = pm.Normal("theta", 0, 1, shape=len(design.coordinates))
        odds = log_odds(rows, design, theta, pt.exp)
        pm.Potential("used", (used * odds - at_risk * pt.softplus(odds)).sum())
    return model
