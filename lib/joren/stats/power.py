"""How many customers a campaign needs, and what effect so many can show.

Normal test of a difference, two-sided, with the variance of each arm as it is (unpooled). Arms may
be of unequal size: a hold-out of a tenth has a share of .1.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from scipy.optimize import brentq
from scipy.stats import norm

from joren.errors import JorenError

ALPHA, POWER = 0.05, 0.8


@dataclass(frozen=True)
class Size:
    """Customers needed, before rounding up: in all, and in each of the two arms."""

    total: float
    treated: float
    control: float


def size_for_rate(
    base: float, lift: float, holdout: float = 0.5, alpha: float = ALPHA, power: float = POWER
) -> Size:
    """Customers needed to show that a rate of `base` becomes `base + lift`.

    Parameters
    ----------
    base : rate without the campaign, between 0 and 1
    lift : absolute change, not 0
    holdout : share of the two arms' customers that is held out
    alpha : chance of claiming an effect where there is none, two-sided
    power : chance of showing an effect of this size

    Raises
    ------
    JorenError if a rate would not lie between 0 and 1, or the hold-out is no share
    """
    if not (0 < base < 1 and 0 < base + lift < 1):
        raise JorenError("a rate must lie between 0 and 1", f"{base} + {lift}", "correct it")
    return _size(_bernoulli(base + lift), _bernoulli(base), lift, holdout, alpha, power)


def size_for_mean(
    sd: float,
    lift: float,
    holdout: float = 0.5,
    alpha: float = ALPHA,
    power: float = POWER,
    sd_treated: float | None = None,
) -> Size:
    """Customers needed to show that a mean changes by `lift`; other arguments as for rates.

    Parameters
    ----------
    sd : of the outcome between customers, those who buy nothing included, in the unit of `lift`
    sd_treated : of the treated arm; None means the same
    """
    if not sd > 0:
        raise JorenError("a standard deviation must be positive", f"{sd}", "correct it")
    return _size((sd_treated or sd) ** 2, sd**2, lift, holdout, alpha, power)


def detectable_rate(
    base: float, total: float, holdout: float = 0.5, alpha: float = ALPHA, power: float = POWER
) -> float | None:
    """The smallest increase of a rate that `total` customers show with the power asked for.

    Returns
    -------
    absolute lift, or None where even a rate of 1 would not be shown
    """
    if not 0 < base < 1:
        raise JorenError("a rate must lie between 0 and 1", f"{base}", "correct it")

    def missing(lift: float) -> float:
        needed = _size(_bernoulli(base + lift), _bernoulli(base), lift, holdout, alpha, power)
        return needed.total - total

    largest, smallest = 1 - base, 1e-9
    if missing(largest) > 0:
        return None
    # customers needed fall with the lift: the variance grows at most linearly, its square faster
    return brentq(missing, smallest, largest, xtol=1e-12)


def detectable_mean(
    sd: float, total: float, holdout: float = 0.5, alpha: float = ALPHA, power: float = POWER
) -> float:
    """The smallest change of a mean that `total` customers show with the power asked for."""
    return sqrt(size_for_mean(sd, 1.0, holdout, alpha, power).total / total)


def chance_to_show(lift: float, se: float, alpha: float = ALPHA) -> float:
    """Power of a test whose difference has the standard error `se`, for a true effect `lift`."""
    critical = float(norm.isf(alpha / 2))
    return float(norm.sf(critical - lift / se) + norm.cdf(-critical - lift / se))


def expected_chance(mean: float, sd: float, se: float, alpha: float = ALPHA) -> float:
    """Chance that a test shows an effect that is only known as N(mean, sd²): its assurance.

    Power answers for one effect, and a plan's hoped-for effect is rarely the true one (O'Hagan,
    Stevens & Campbell 2005). Only an effect in the direction of `mean` counts.

    Parameters
    ----------
    mean, sd : of what is believed about the true effect
    se : standard error that the test will have
    """
    critical = float(norm.isf(alpha / 2)) * se
    return float(norm.sf((critical - abs(mean)) / sqrt(sd**2 + se**2)))


def _size(
    treated: float, control: float, lift: float, holdout: float, alpha: float, power: float
) -> Size:
    if not 0 < holdout < 1:
        raise JorenError("a hold-out is a share between 0 and 1", f"{holdout}", "correct it")
    if lift == 0:
        raise JorenError("no number of customers shows an effect of 0", "lift", "give another")
    quantiles = float(norm.isf(alpha / 2) + norm.isf(1 - power))
    spread = treated / (1 - holdout) + control / holdout  # both are variances
    total = (quantiles / lift) ** 2 * spread
    return Size(total, total * (1 - holdout), total * holdout)


def _bernoulli(rate: float) -> float:
    return rate * (1 - rate)
