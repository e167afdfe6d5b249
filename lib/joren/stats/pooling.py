"""What past campaigns say together: the prior of the next one, and winners less their luck.

The campaign that did best was good and lucky, and its next run does worse. Effects yᵢ ± sᵢ of past
campaigns are taken as yᵢ ~ N(θᵢ, sᵢ²), θᵢ ~ N(μ, τ²), μ ~ N(0, m²), and τ half-normal or half-t
(Röver 2020). Given τ all is normal in closed form; τ is summed over a fine grid, without sampling.
Effects should be relative, so that the scales of the priors mean the same for every client.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr
from scipy.stats import norm, t

from joren.errors import JorenError
from joren.stats.arrays import Array
from joren.stats.effects import Estimate

MEAN_SD = 0.5  # of μ: half more or half less on average is already rare
TAU_SCALE = 0.2  # of τ
_DEGREES_OF_FREEDOM = 3  # of the half-t
_NODES = 200


@dataclass(frozen=True)
class Pooled:
    """Past campaigns together.

    mean : μ, the average effect of campaigns like these
    tau : τ, by how much true effects differ between them
    next : the effect to expect of the next one: its mean and sd are the prior for it
    effects : of each campaign, shrunk, in the order given
    p_better : of each, probability that its true effect is above 0
    """

    mean: Estimate
    tau: Estimate
    next: Estimate
    effects: tuple[Estimate, ...]
    p_better: tuple[float, ...]


def pool(
    effects: Sequence[float],
    errors: Sequence[float],
    level: float,
    tau_prior: Literal["half_normal", "half_t"] = "half_normal",
    tau_scale: float = TAU_SCALE,
    mean_sd: float = MEAN_SD,
) -> Pooled:
    """Pool the effects of past campaigns.

    Parameters
    ----------
    effects, errors : relative effects with their standard errors; none is allowed, and gives priors
    level : of the intervals
    tau_prior, tau_scale : of τ; half-t has three degrees of freedom
    mean_sd : of the normal prior of μ about 0

    Raises
    ------
    JorenError if a standard error is not positive or a number is not finite
    """
    y, s = np.asarray(effects, dtype=float), np.asarray(errors, dtype=float)
    if y.shape != s.shape or not (np.isfinite(y).all() and np.isfinite(s).all() and (s > 0).all()):
        raise JorenError("every effect needs a positive standard error", "", "leave out the others")
    tau, weights, mu, mu_var = _grid(y, s, tau_prior, tau_scale, mean_sd)
    shrunk = [_campaign(y[i], s[i], tau, mu, mu_var) for i in range(len(y))]
    return Pooled(
        _mixture(mu, np.sqrt(mu_var), weights, level),
        _of_grid(tau, weights, level),
        _mixture(mu, np.sqrt(mu_var + tau**2), weights, level),
        tuple(_mixture(means, sds, weights, level) for means, sds in shrunk),
        tuple(float(weights @ ndtr(means / sds)) for means, sds in shrunk),
    )


def _grid(
    y: Array, s: Array, prior: str, scale: float, mean_sd: float
) -> tuple[Array, Array, Array, Array]:
    """τ with posterior weights, and mean and variance of μ given each.

    τ = scale u / (1 − u) takes the half line to (0, 1), heavy tails included.
    """
    points, gauss = np.polynomial.legendre.leggauss(_NODES)
    u = (points + 1) / 2
    tau = scale * u / (1 - u)
    log_prior = (norm if prior == "half_normal" else t(_DEGREES_OF_FREEDOM)).logpdf(tau / scale)
    precision = 1 / (s[:, None] ** 2 + tau**2)
    mu_var = 1 / (1 / mean_sd**2 + precision.sum(axis=0))
    mu = mu_var * (precision * y[:, None]).sum(axis=0)
    log_likelihood = 0.5 * (
        np.log(precision).sum(axis=0)
        - (precision * y[:, None] ** 2).sum(axis=0)
        + np.log(mu_var)
        + mu**2 / mu_var
    )
    log_weight = log_likelihood + log_prior + np.log(gauss) - 2 * np.log1p(-u)
    weights = np.exp(log_weight - log_weight.max())
    return tau, weights / weights.sum(), mu, mu_var


def _campaign(y: float, s: float, tau: Array, mu: Array, mu_var: Array) -> tuple[Array, Array]:
    """Mean and sd of θᵢ given each τ, μ integrated out."""
    own = tau**2 / (tau**2 + s**2)
    return own * y + (1 - own) * mu, np.sqrt(own * s**2 + (1 - own) ** 2 * mu_var)


def _mixture(means: Array, sds: Array, weights: Array, level: float) -> Estimate:
    mean = float(weights @ means)
    sd = float(np.sqrt(weights @ (sds**2 + (means - mean) ** 2)))
    low, high = (means - 12 * sds).min(), (means + 12 * sds).max()

    def bound(share: float) -> float:
        return brentq(lambda x: weights @ ndtr((x - means) / sds) - share, low, high, xtol=1e-9)

    return Estimate(mean, bound(0.5 - level / 2), bound(0.5 + level / 2), sd)


def _of_grid(values: Array, weights: Array, level: float) -> Estimate:
    mean = float(weights @ values)
    middles = np.cumsum(weights) - weights / 2
    low, high = np.interp([0.5 - level / 2, 0.5 + level / 2], middles, values)
    return Estimate(mean, float(low), float(high), float(np.sqrt(weights @ (values - mean) ** 2)))
