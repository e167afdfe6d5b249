"""CUPED: take off what was known of customers before the campaign, where that explains anything.

x − θ (y − ȳ) has the mean of x and less variance, θ being the slope of outcome x on covariate y
within arms (Deng, Xu, Kohavi & Walker 2013, eq. 4). Randomisation makes y's mean the same in all
arms, so the effect stays unbiased. The covariate must date from before the assignment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atanh, sqrt, tanh

from scipy.stats import norm, t

from joren.stats.effects import Effect, Estimate, mean_effect, relative_interval
from joren.stats.moments import Moments

SMALLEST_GAIN = 0.01  # of the variance; half a percent of an interval's length


@dataclass(frozen=True)
class Cuped:
    """What a covariate explains of an outcome.

    theta : slope within arms, of all arms together
    reduction : share of the variance it takes off, with interval (Fisher's z of the correlation)
    gain : whether the interval of `reduction` lies above `SMALLEST_GAIN`; without, the plain effect
        is the one to show
    """

    theta: float
    reduction: Estimate
    gain: bool


def explain(arms: Sequence[Moments], level: float) -> Cuped:
    """θ and the reduction of variance from the moments of all arms, control included.

    Parameters
    ----------
    arms : with the sums of the covariate; arms of fewer than two customers say nothing
    level : of the interval
    """
    told = [arm for arm in arms if arm.n > 1]
    df = sum(arm.n - 1 for arm in told)
    xx = sum((arm.n - 1) * arm.variance() for arm in told)
    yy = sum((arm.n - 1) * arm.covariate_variance() for arm in told)
    xy = sum((arm.n - 1) * arm.covariance() for arm in told)
    if not (xx > 0 and yy > 0 and df > 3):
        return Cuped(0.0, Estimate(0.0, None, None), False)
    correlation = min(abs(xy) / sqrt(xx * yy), 1 - 1e-12)
    half = float(norm.ppf(0.5 + level / 2)) / sqrt(df - 2)
    low, high = (tanh(atanh(correlation) + step) for step in (-half, half))
    reduction = Estimate(correlation**2, max(low, 0.0) ** 2, high**2)
    return Cuped(xy / yy, reduction, max(low, 0.0) ** 2 > SMALLEST_GAIN)


def adjusted_effect(treated: Moments, control: Moments, found: Cuped, level: float) -> Effect:
    """The effect on the mean outcome, adjusted by θ; the plain one where the covariate has no gain.

    Parameters
    ----------
    found : of all arms of the campaign
    """
    plain = mean_effect(treated, control, level)
    if not found.gain or plain.absolute.lower is None:
        return plain
    arms = (treated, control)
    pulled = sum(arm.n * arm.covariate_mean() for arm in arms) / sum(arm.n for arm in arms)
    means = [arm.mean() - found.theta * (arm.covariate_mean() - pulled) for arm in arms]
    parts = [_variance(arm, found.theta) / arm.n for arm in arms]
    df = sum(parts) ** 2 / sum(part**2 / (arm.n - 1) for part, arm in zip(parts, arms, strict=True))
    quantile, se, value = float(t.ppf(0.5 + level / 2, df)), sqrt(sum(parts)), means[0] - means[1]
    return Effect(
        treated.n,
        control.n,
        means[0],
        means[1],
        Estimate(value, value - quantile * se, value + quantile * se, se),
        relative_interval(means[0], means[1], parts[0], parts[1], quantile),
        float(t.cdf(value / se, df)),
        "cuped",
    )


def _variance(arm: Moments, theta: float) -> float:
    adjusted = arm.variance() - 2 * theta * arm.covariance() + theta**2 * arm.covariate_variance()
    return max(adjusted, 1e-12 * arm.variance())  # rounding, where the covariate says it all
