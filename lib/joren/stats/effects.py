"""What an arm did beside its control: absolute and relative effect, interval, chance of better.

Means: Welch's t. Rates: the unpooled normal, or beta posteriors where one answer is rare. Relative
effects: Fieller's interval, which excludes zero exactly when the absolute one does and, unlike the
delta method, says when the control is too small to be divided by. All are of the customers
assigned, whatever became of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite, nan, sqrt

import numpy as np
from scipy import stats
from scipy.optimize import brentq

from joren.stats.moments import Moments

RARE = 10  # customers with the rarer answer, in either arm, below which no normal is trusted
_NODES = 500  # of the control's posterior, at the middles of equal shares


@dataclass(frozen=True)
class Estimate:
    """A value with its interval and standard error; a bound is None where there is none."""

    value: float
    lower: float | None
    upper: float | None
    se: float | None = None


@dataclass(frozen=True)
class Effect:
    """An arm beside its control.

    absolute : per assigned customer, in the outcome's unit
    relative : as a share of the control's mean; None where that is not positive
    p_better : probability that the arm's true mean is above the control's, all effects having been
        equally likely beforehand (or under the model's prior, where `method` is a hierarchical one)
    mean, mean_control : of the outcome
    method : welch, unpooled, beta, cuped, sequential, laplace or nuts
    """

    n: int
    n_control: int
    mean: float
    mean_control: float
    absolute: Estimate
    relative: Estimate | None
    p_better: float | None
    method: str

    def excludes_zero(self) -> bool:
        """Whether the interval of the absolute effect has zero outside."""
        low, high = self.absolute.lower, self.absolute.upper
        return (low is not None and low > 0) or (high is not None and high < 0)


def mean_effect(treated: Moments, control: Moments, level: float) -> Effect:
    """Effect on the mean of any outcome, by Welch's t with its degrees of freedom.

    Parameters
    ----------
    level : of the intervals, such as .9

    Returns
    -------
    an effect without interval or p_better where an arm has fewer than two customers, or where no
    customer's outcome differs from another's
    """
    parts = [
        moments.variance() / moments.n if moments.n > 1 else nan for moments in (treated, control)
    ]
    squared = sum(parts)
    if not squared > 0:
        return _without_interval(treated, control, "welch")
    df = squared**2 / sum(
        part**2 / (moments.n - 1) for part, moments in zip(parts, (treated, control), strict=True)
    )
    student = stats.t(df)
    return _normal_effect(treated, control, parts, student.ppf, student.cdf, level, "welch")


def rate_effect(treated: Moments, control: Moments, level: float) -> Effect:
    """Effect on the share of customers whose outcome is 1, every other outcome being 0.

    The unpooled normal; where fewer than `RARE` customers of an arm gave the rarer answer, the
    difference of two beta posteriors under Jeffreys' prior, by quadrature.
    """
    if not (treated.n and control.n):
        return _without_interval(treated, control, "unpooled")
    arms = (treated, control)
    if min(min(m.positive, m.n - m.positive) for m in arms) < RARE:
        return _beta_effect(treated, control, level)
    parts = [m.mean() * (1 - m.mean()) / m.n for m in arms]
    normal = stats.norm
    return _normal_effect(treated, control, parts, normal.ppf, normal.cdf, level, "unpooled")


def relative_interval(
    mean: float, mean_control: float, var: float, var_control: float, quantile: float
) -> Estimate | None:
    """Fieller's interval of mean / mean_control − 1.

    Parameters
    ----------
    var, var_control : squared standard errors of the two independent means
    quantile : of the standardised difference, such as 1.645 for 90 %

    Returns
    -------
    None where the control's mean is not positive; without bounds where it cannot be told from zero
    (the set of Fieller is then unbounded)
    """
    if not mean_control > 0:
        return None
    ratio = mean / mean_control
    se = sqrt(var + ratio**2 * var_control) / mean_control
    g = quantile**2 * var_control / mean_control**2
    if g >= 1:
        return Estimate(ratio - 1, None, None, se)
    half = quantile / mean_control * sqrt(var * (1 - g) + ratio**2 * var_control)
    return Estimate(ratio - 1, (ratio - half) / (1 - g) - 1, (ratio + half) / (1 - g) - 1, se)


def _normal_effect(
    treated: Moments,
    control: Moments,
    parts: list[float],
    ppf: Callable[[float], float],
    cdf: Callable[[float], float],
    level: float,
    method: str,
) -> Effect:
    mean, base = treated.mean(), control.mean()
    se, quantile = sqrt(sum(parts)), float(ppf(0.5 + level / 2))
    value = mean - base
    return Effect(
        treated.n,
        control.n,
        mean,
        base,
        Estimate(value, value - quantile * se, value + quantile * se, se),
        relative_interval(mean, base, parts[0], parts[1], quantile),
        float(cdf(value / se)),
        method,
    )


def _beta_effect(treated: Moments, control: Moments, level: float) -> Effect:
    ours, theirs = (
        stats.beta(m.positive + 0.5, m.n - m.positive + 0.5) for m in (treated, control)
    )
    nodes = theirs.ppf((np.arange(_NODES) + 0.5) / _NODES)

    def difference_below(d: float) -> float:
        return float(ours.cdf(nodes + d).mean())

    def ratio_below(r: float) -> float:
        return float(ours.cdf(nodes * r).mean())

    tails = (0.5 - level / 2, 0.5 + level / 2)
    low, high = (_quantile(difference_below, t, -1.0, 1.0) for t in tails)
    value = treated.mean() - control.mean()
    relative = None
    if control.positive:
        largest = 1.0
        while ratio_below(largest) < tails[1]:
            largest *= 2
        bounds = [_quantile(ratio_below, t, 0.0, largest) - 1 for t in tails]
        relative = Estimate(value / control.mean(), *bounds)
    se = sqrt(ours.var() + theirs.var())
    return Effect(
        treated.n,
        control.n,
        treated.mean(),
        control.mean(),
        Estimate(value, low, high, se),
        relative,
        1 - difference_below(0.0),
        "beta",
    )


def _quantile(below: Callable[[float], float], level: float, low: float, high: float) -> float:
    return brentq(lambda value: below(value) - level, low, high, xtol=1e-12)


def _without_interval(treated: Moments, control: Moments, method: str) -> Effect:
    mean, base = treated.mean(), control.mean()
    ratio = mean / base - 1 if base > 0 else nan
    return Effect(
        treated.n,
        control.n,
        mean,
        base,
        Estimate(mean - base, None, None),
        Estimate(ratio, None, None) if isfinite(ratio) else None,
        None,
        method,
    )
