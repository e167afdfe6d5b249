"""Synthetic control: a store, segment or area beside a weighted mix of others that was like it.

1. The treated unit's outcome without the campaign is the same mix of the others' after as before.
2. The mix lies within the others: weights are not negative and add up to one (no extrapolation).
3. The campaign does not reach the others (donors), and nothing else befell the treated unit.

Abadie, Diamond & Hainmueller (2010), on the outcome's own past. The interval is conformal
(Chernozhukov, Wüthrich & Zhu 2021): an effect is believed unless, once it is taken off, the gaps
after the start stand out among the gaps of all spans of that length. It needs no law of errors and
no large number of donors, and holds for errors that last, since spans are kept whole.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import ibis.expr.types as ir
import numpy as np
from ibis import _
from scipy.optimize import nnls

from joren.errors import JorenError
from joren.experiments.evidence import Evidence
from joren.stats.arrays import Array

LEAST_BEFORE = 10  # periods; of fewer, any unit is a mix of the others
LEAST_DONORS = 3
_GRID = 61
_HALVINGS = 8


@dataclass(frozen=True)
class Series:
    """Outcomes by period of the treated unit and of those it is compared with.

    Parameters
    ----------
    treated : (T,) mean outcome where several units are treated
    donors : (T, J)
    names : J
    start : first period with the campaign
    """

    treated: Array
    donors: Array
    names: tuple[str, ...]
    start: int

    def without(self, donor: int) -> Series:
        """The same series with one donor less."""
        names = (*self.names[:donor], *self.names[donor + 1 :])
        return Series(self.treated, np.delete(self.donors, donor, 1), names, self.start)

    def as_if(self, donor: int) -> Series:
        """One donor in the place of the treated unit, which is left out."""
        rest = self.without(donor)
        return Series(self.donors[:, donor], rest.donors, rest.names, self.start)

    def until(self, end: int, start: int) -> Series:
        """The periods before `end`, with another start."""
        return Series(self.treated[:end], self.donors[:end], self.names, start)


def series(outcomes: ir.Table, treated: Collection[str], periods: int, start: int) -> Series:
    """Series by unit and period, added up in the engine.

    Parameters
    ----------
    outcomes : unit, period (0 … periods − 1), value; a unit without rows in a period has 0 there
    treated : units with the campaign; the others are the donors

    Raises
    ------
    JorenError if periods or donors are too few, or no treated unit has rows
    """
    sums = (
        outcomes.filter(_.period.between(0, periods - 1))
        .group_by("unit", "period")
        .agg(value=_.value.cast("decimal(18, 2)").sum().cast("float64"))
        .order_by("unit", "period")
        .to_pandas()
    )
    wide = sums.pivot(index="period", columns="unit", values="value")
    wide = wide.reindex(range(periods)).fillna(0.0)
    ours = [name for name in wide.columns if name in set(treated)]
    others = [name for name in wide.columns if name not in set(treated)]
    if not ours:
        raise JorenError("no treated unit has outcomes", "", "check the names of the units")
    made = Series(
        wide[ours].mean(axis=1).to_numpy(float), wide[others].to_numpy(float),
        tuple(map(str, others)), start,
    )  # fmt: skip
    check_enough(made)
    return made


def check_enough(given: Series) -> None:
    """Refuse series of which no mix can be judged."""
    after = len(given.treated) - given.start
    if given.start < LEAST_BEFORE or after < 1:
        raise JorenError(
            f"{given.start} periods lie before the start and {after} after",
            "",
            f"look at {LEAST_BEFORE} or more before and 1 or more after",
        )
    if len(given.names) < LEAST_DONORS:
        raise JorenError(
            f"{len(given.names)} units are left to compare with", "", f"find {LEAST_DONORS} or more"
        )


def mix(treated: Array, donors: Array) -> Array:
    """(J,) weights on the simplex that bring the donors closest to the treated unit.

    Because they add up to one, min ‖y − Xw‖ is the shortest vector among mixes of the columns of
    A = X − y1ᵀ, and that direction is min ‖Au‖² + (1ᵀu − 1)² over u ≥ 0: a problem in non-negative
    least squares, solved exactly by active sets.
    """
    away = donors - treated[:, None]
    size = float(np.sqrt((away**2).mean())) * np.sqrt(len(treated)) or 1.0
    rows = np.vstack([away / size, np.ones(donors.shape[1])])
    target = np.zeros(len(rows))
    target[-1] = 1.0
    weights, _rest = nnls(rows, target)
    return weights / weights.sum()


def gaps(given: Series) -> Array:
    """(T,) treated less synthetic, with the mix found before the start."""
    before = slice(None, given.start)
    return given.treated - given.donors @ mix(given.treated[before], given.donors[before])


def effect_of(given: Series) -> float:
    """Mean gap from the start on."""
    return float(gaps(given)[given.start :].mean())


def conformal_p(given: Series, effect: float) -> float:
    """How well the data bear a constant effect: share of spans with a mean gap at least as large.

    The mix is found with the effect taken off, on all periods, so that under the hypothesis no
    span is special; spans run around the end of the series.
    """
    tried = given.treated.copy()
    tried[given.start :] -= effect
    residual = tried - given.donors @ mix(tried, given.donors)
    length = len(tried) - given.start
    around = np.concatenate([residual, residual[: length - 1]])
    spans = np.abs(np.convolve(around, np.ones(length), "valid"))
    ours = spans[given.start]
    return float((spans >= ours * (1 - 1e-12)).mean())


def synthetic_control(given: Series, level: float) -> Evidence:
    """Mean effect per period from the start on.

    Parameters
    ----------
    given : from `series`
    level : the interval's probability; 1 − level must not be below 1 / T

    Raises
    ------
    JorenError if periods or donors are too few, for the interval too
    """
    check_enough(given)
    if 1 / len(given.treated) > 1 - level:
        raise JorenError(
            f"{len(given.treated)} periods cannot give an interval at {level:.0%}",
            "",
            f"look at {int(np.ceil(1 / (1 - level)))} or more",
        )
    effect = effect_of(given)
    lower, upper = _interval(given, effect, 1 - level)
    synthetic = float(given.treated[given.start :].mean() - effect)
    return Evidence(
        "synthetic_control", effect, lower, upper, None, level, 1, len(given.names), synthetic,
        "quasi.assumption.synthetic_control",
    )  # fmt: skip


def _interval(given: Series, effect: float, alpha: float) -> tuple[float, float]:
    """The outermost effects around the estimate whose p-value is above alpha."""
    noise = float(np.sqrt((gaps(given)[: given.start] ** 2).mean())) or abs(effect) or 1.0
    ends = []
    for sign in (-1.0, 1.0):
        reach = 4 * noise
        for _again in range(6):
            steps = np.linspace(0, reach, _GRID)
            borne = [conformal_p(given, effect + sign * s) > alpha for s in steps]
            if not borne[-1]:
                break
            reach *= 3
        inside = max((i for i, good in enumerate(borne) if good), default=0)
        near, far = steps[inside], steps[min(inside + 1, _GRID - 1)]
        for _halving in range(_HALVINGS):
            middle = (near + far) / 2
            if conformal_p(given, effect + sign * middle) > alpha:
                near = middle
            else:
                far = middle
        ends.append(effect + sign * far)
    return ends[0], ends[1]
