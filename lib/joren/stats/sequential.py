"""Effects that may be looked at every day: intervals that hold at all looks at once.

An interval at a fixed level holds at one look; whoever looks twenty times at a campaign without
effect sees it exclude zero in a quarter of cases. The asymptotic confidence sequence of
Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (Annals of Statistics 2024, Theorem 2.2) holds at
every look together, whenever one stops. It is a little wider, least so at the size it is tuned for.
"""

from __future__ import annotations

from dataclasses import replace
from math import log, sqrt

from joren.errors import JorenError
from joren.stats.effects import Effect, Estimate, relative_interval
from joren.stats.moments import Moments


def sequential_effect(plain: Effect, control: Moments, level: float, tuned_at: int) -> Effect:
    """An effect with an interval that holds at all looks at once.

    Parameters
    ----------
    plain : the effect by one look (`mean_effect`, `rate_effect`, or `adjusted_effect`)
    control : moments of the control, from which the variance of its mean is taken
    level : share of campaigns in which no look at all misses the truth
    tuned_at : customers of both arms at which the interval shall be shortest, such as those planned

    Returns
    -------
    the effect with method `sequential`, without p_better: a probability by one look is not one that
    may be watched
    """
    se = plain.absolute.se
    if se is None or not se > 0:
        return replace(plain, p_better=None, method="sequential")
    wide = quantile(plain.n + plain.n_control, level, tuned_at)
    value = plain.absolute.value
    var_control = min(control.variance() / control.n, se**2)
    return replace(
        plain,
        absolute=Estimate(value, value - wide * se, value + wide * se, se),
        relative=relative_interval(
            plain.mean, plain.mean_control, se**2 - var_control, var_control, wide
        ),
        p_better=None,
        method="sequential",
    )


def quantile(n: int, level: float, tuned_at: int) -> float:
    """How many standard errors the sequence is wide, to each side, when n customers are seen.

    Theorem 2.2 gives the half width of a mean as σ √(2(nρ² + 1)/(n²ρ²) · ln(√(nρ² + 1)/α)), which
    is this number times σ/√n; ρ by `_tuning`. σ²/n of a difference between arms is the sum of the
    squared standard errors of their means, that being the variance of the mean of its influence
    function (section 3).

    Raises
    ------
    JorenError if n or `tuned_at` is not positive
    """
    if n <= 0 or tuned_at <= 0:
        raise JorenError("a sequence needs customers", f"{n}, {tuned_at}", "give their number")
    alpha = 1 - level
    grown = n * _tuning(alpha, tuned_at)
    return sqrt(2 * (grown + 1) / grown * log(sqrt(grown + 1) / alpha))


def _tuning(alpha: float, tuned_at: int) -> float:
    """ρ² that makes the sequence (nearly) shortest at `tuned_at` (their appendix)."""
    return (-2 * log(alpha) + log(-2 * log(alpha) + 1)) / tuned_at
