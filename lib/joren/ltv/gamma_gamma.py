"""Gamma-Gamma: what a customer spends on a day she orders.

Fader & Hardie (2013), "The Gamma-Gamma Model of Monetary Value"; Fader, Hardie & Lee (2005),
RFM and CLV, Journal of Marketing Research 42.

1. A customer's spend per repeat day is Gamma(p, ν): mean p/ν.
2. ν differs between customers: Gamma(q, v); v in currency.
3. Spend does not depend on how often she orders.

The first day's value is left out, by the papers' convention. q > 1 is built in: below it the
mean spend of a new customer would be infinite.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln

from joren.ltv.statistics import Array, SpendStatistics, histogram

if TYPE_CHECKING:
    import pymc as pm

PARAMETERS = ("p", "q", "v")


@dataclass(frozen=True)
class CompressedSpend[Vector]:
    """The likelihood's sums: gamma terms by frequency, ln(spend + v) by unique total spend.

    A `Vector` is a numpy array or a graph variable.
    """

    frequency: Vector
    frequency_customers: Vector
    sum_log_spend: Vector
    spend: Vector
    spend_customers: Vector
    spend_orders: Vector


def compress(statistics: SpendStatistics) -> CompressedSpend[Array]:
    """Arrange unique statistics as the sums of the likelihood.

    `sum_log_spend` holds, by frequency, Σ ln(mean spend); `spend` unique total spends x·z̄.
    """
    x, z, customers = statistics.frequency, statistics.mean_spend, statistics.customers
    frequency, by_frequency = histogram(x, customers)
    spend, by_spend = histogram(x * z, customers)
    return CompressedSpend(
        frequency,
        by_frequency,
        histogram(x, customers * np.log(z))[1],
        spend,
        by_spend,
        histogram(x * z, customers * x)[1],
    )


def log_likelihood(statistics: SpendStatistics, p: float, q: float, v: float) -> float:
    """Log-likelihood of all repeat buyers (Fader & Hardie 2013, eq. 1a), on unique statistics.

    Parameters
    ----------
    statistics : unique (frequency, mean spend) with counts
    p, q, v : parameters; v in currency
    """
    return float(_log_likelihood(compress(statistics), p, q, v, np.log, gammaln))


def _log_likelihood(sums: CompressedSpend, p, q, v, log, gammaln):
    # one formula for numbers (numpy) and for PyMC's graph (pytensor)
    x, n = sums.frequency, sums.frequency_customers
    gammas = (n * (gammaln(p * x + q) - gammaln(p * x) + p * x * log(x))).sum()
    logs = ((p * x - 1) * sums.sum_log_spend).sum()
    constants = n.sum() * (q * log(v) - gammaln(q))
    both = ((p * sums.spend_orders + q * sums.spend_customers) * log(sums.spend + v)).sum()
    return gammas + logs + constants - both


def build_model(statistics: SpendStatistics) -> pm.Model:
    """The PyMC definition; the mean is relative to the median spend, so yen and dollars agree.

    The mean spend p·v/(q − 1) takes the place of v, which the data hardly tell apart from p.

    Parameters
    ----------
    statistics : unique (frequency, mean spend) with counts
    """
    import pymc as pm
    import pytensor.tensor as pt

    with pm.Model() as model:
        # data as shared variables: the compiled code is then the same for every client
        sums = CompressedSpend(
            *(pm.Data(name, column) for name, column in vars(compress(statistics)).items())
        )
        scale = pm.Data("median_spend", statistics.median_spend())
        p = pm.LogNormal("p", mu=np.log(3), sigma=1)
        excess = pm.LogNormal("q_excess", mu=np.log(2), sigma=1)
        mean = pm.LogNormal("mean_relative", mu=0, sigma=1)
        q = pm.Deterministic("q", 1 + excess)
        v = pm.Deterministic("v", mean * scale * excess / p)
        pm.Potential("customers", _log_likelihood(sums, p, q, v, pt.log, pt.gammaln))
    return model


# Where q + p·x <= 2 one order's variance is infinite; the floor keeps its sd below ten means.
_SMALLEST_TAIL = 0.01


@dataclass(frozen=True)
class SpendMoments:
    """Coefficients, by frequency, of a customer's spend moments as polynomials of her spend s.

    Averages over posterior draws; each array is (n_frequencies, 2 or 3), the constant first.

    mean : E[one order]                         A + B·s
    mean_square : E[(E one order)²] over draws  the part of `square` that parameters alone explain
    variance : E[Var(one order | ν)]            Poisson-like part of a total's second moment
    square : E[(p/ν)²]                          part shared by all of a customer's orders
    """

    frequency: Array
    mean: Array
    mean_square: Array
    variance: Array
    square: Array


def spend_moments(draws: Array, frequency: Array) -> SpendMoments:
    """Moments of spend given frequency x and total spend s of the repeat days.

    ν | x, s is Gamma(q + p·x, v + s), hence E[p/ν] = p(v + s)/(q + p·x − 1) and
    E[1/ν²] = (v + s)²/((q + p·x − 1)(q + p·x − 2)): all polynomials of s.

    Parameters
    ----------
    draws : (n_draws, 3) posterior samples of p, q, v
    frequency : (n,) unique repeat purchase days
    """
    p, q, v = draws.T[:, None, :]
    first = q + p * frequency[:, None] - 1
    second = np.maximum(first - 1, _SMALLEST_TAIL)
    slope = p / first
    spread = p / (first * second)
    return SpendMoments(
        frequency,
        np.column_stack([(slope * v).mean(1), slope.mean(1)]),
        _quadratic(slope**2, v),
        _quadratic(spread, v),
        _quadratic(p * spread, v),
    )


def expected_spend(draws: Array, frequency: Array) -> tuple[Array, Array]:
    """(A, B) per draw, so that E[one order | x, s] = A + B·s; each (n_frequencies, n_draws)."""
    p, q, v = draws.T[:, None, :]
    slope = p / (q + p * frequency[:, None] - 1)
    return slope * v, slope


def _quadratic(factor: Array, v: Array) -> Array:
    return np.column_stack([(factor * v**2).mean(1), (2 * factor * v).mean(1), factor.mean(1)])
