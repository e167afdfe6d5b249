"""The effect of one arm on one metric, by the estimator that fits the metric.

Shares are compared as shares, sums as means; where past behaviour explains an outcome, CUPED takes
that part of the noise off. A ratio of two outcomes (the basket) is the ratio of their means in each
arm, with the delta method's variance. Without a hold-out there is only before and after: the same
customers' pace in the window against their pace in the days before it.
"""

from __future__ import annotations

from dataclasses import replace
from math import nan, sqrt

from scipy.stats import norm

from joren.campaigns.metrics import Metric
from joren.campaigns.outcomes import BEFORE_DAYS, Window
from joren.stats.cuped import Cuped, adjusted_effect
from joren.stats.effects import RARE, Effect, Estimate, mean_effect, rate_effect, relative_interval
from joren.stats.moments import Moments

# outcomes whose covariate is the same quantity, so that before and after can be set side by side
_SAME_BEFORE = ("orders", "revenue", "points_used")


def effect_of(
    metric: Metric, treated: Moments, control: Moments, found: Cuped | None, level: float
) -> Effect:
    """An arm beside its hold-out.

    Parameters
    ----------
    treated, control : from `statistics.moments_of`
    found : what the covariate explains in all arms; None to leave it aside
    level : of the intervals

    Returns
    -------
    `p_better` counts the direction that is better for the metric
    """
    if metric.is_ratio:
        effect = _ratio_effect(treated, control, level)
    elif found is not None and found.gain and not _is_rare(metric, treated, control):
        effect = adjusted_effect(treated, control, found, level)
    elif metric.unit == "share":
        effect = rate_effect(treated, control, level)
    else:
        effect = mean_effect(treated, control, level)
    return better_way(metric, effect)


def better_way(metric: Metric, effect: Effect) -> Effect:
    """The effect with `p_better` of the direction that is better for the metric."""
    if metric.better == "fewer" and effect.p_better is not None:
        return replace(effect, p_better=1 - effect.p_better)
    return effect


def before_after(metric: Metric, arm: Moments, window: Window, level: float) -> Effect | None:
    """The same customers in the window and, at their daily pace, in the days before it.

    Everything else that changed between the two is in it too: season, prices, and that customers
    were chosen for what they did before.

    Returns
    -------
    None for a metric whose past is not known
    """
    if metric.is_ratio or metric.numerator not in _SAME_BEFORE or arm.n < 2:
        return None
    pace = (window.until - window.begin).days / BEFORE_DAYS
    base = pace * arm.covariate_mean()
    variance = (
        arm.variance() - 2 * pace * arm.covariance() + pace**2 * arm.covariate_variance()
    ) / arm.n
    half = float(norm.ppf(0.5 + level / 2)) * sqrt(max(variance, 0.0))
    value = arm.mean() - base
    relative = Estimate(value / base, None, None) if base > 0 else None
    interval = Estimate(value, value - half, value + half, sqrt(max(variance, 0.0)))
    return Effect(arm.n, 0, arm.mean(), base, interval, relative, None, "before_after")


def _is_rare(metric: Metric, treated: Moments, control: Moments) -> bool:
    if metric.unit != "share":
        return False
    return min(min(m.positive, m.n - m.positive) for m in (treated, control)) < RARE


def _ratio_effect(treated: Moments, control: Moments, level: float) -> Effect:
    ratios, parts = [], []
    for arm in (treated, control):
        per = arm.covariate_mean() if arm.n else nan
        if not per > 0 or arm.n < 2:
            ratios.append(nan)
            parts.append(nan)
            continue
        ratio = arm.mean() / per
        spread = arm.variance() - 2 * ratio * arm.covariance() + ratio**2 * arm.covariate_variance()
        ratios.append(ratio)
        parts.append(max(spread, 0.0) / (arm.n * per**2))
    value, variance = ratios[0] - ratios[1], sum(parts)
    if not variance > 0:
        bare = Estimate(value, None, None)
        return Effect(treated.n, control.n, *ratios, bare, None, None, "ratio")
    quantile, se = float(norm.ppf(0.5 + level / 2)), sqrt(variance)
    return Effect(
        treated.n,
        control.n,
        *ratios,
        Estimate(value, value - quantile * se, value + quantile * se, se),
        relative_interval(*ratios, *parts, quantile),
        float(norm.cdf(value / se)),
        "ratio",
    )
