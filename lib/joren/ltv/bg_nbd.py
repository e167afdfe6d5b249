"""BG/NBD: when a customer orders, and when she silently stops.

Fader, Hardie & Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2).

1. While alive, a customer's orders are a Poisson process with rate λ.
2. λ differs between customers: Gamma(r, α), α in days.
3. After every repeat order she stops for good with probability p.
4. p differs between customers: Beta(a, b).
5. λ and p are independent.

A one-time buyer is alive for certain under (3): the model's own p_alive is no churn score.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln

from joren.ltv.statistics import Array, PurchaseStatistics, histogram

if TYPE_CHECKING:
    import pymc as pm

PARAMETERS = ("r", "alpha", "a", "b")


@dataclass(frozen=True)
class CompressedPurchases[Vector]:
    """The likelihood's three sums, each over no more rows than it needs.

    One-time buyers depend on T alone, the gamma terms on the frequency alone; only the log-sum
    runs over unique (frequency, recency, T). A `Vector` is a numpy array or a graph variable.
    """

    once_age: Vector
    once_customers: Vector
    frequency: Vector
    frequency_customers: Vector
    again_frequency: Vector
    again_recency: Vector
    again_age: Vector
    again_customers: Vector


def compress(statistics: PurchaseStatistics) -> CompressedPurchases[Array]:
    """Arrange unique statistics as the three sums of the likelihood."""
    x, customers = statistics.frequency, statistics.customers
    again = x > 0
    return CompressedPurchases(
        *histogram(statistics.age[~again], customers[~again]),
        *histogram(x[again], customers[again]),
        x[again],
        statistics.recency[again],
        statistics.age[again],
        customers[again],
    )


def log_likelihood(
    statistics: PurchaseStatistics, r: float, alpha: float, a: float, b: float
) -> float:
    """Log-likelihood of all customers (eq. 6), computed on unique statistics.

    Parameters
    ----------
    statistics : unique (frequency, recency, T) with counts
    r, alpha, a, b : parameters; alpha in the unit of recency and T
    """
    return float(_log_likelihood(compress(statistics), r, alpha, a, b, np.log, np.exp, gammaln))


def _log_likelihood(sums: CompressedPurchases, r, alpha, a, b, log, exp, gammaln):
    # one formula for numbers (numpy) and for PyMC's graph (pytensor)
    once, x, n = sums.once_customers, sums.frequency, sums.frequency_customers
    one_time = r * (log(alpha) * once.sum() - (once * log(alpha + sums.once_age)).sum())
    gammas = (n * (gammaln(r + x) + gammaln(b + x) - gammaln(a + b + x))).sum()
    constants = n.sum() * (r * log(alpha) - gammaln(r) + gammaln(a + b) - gammaln(b))
    last = log(alpha + sums.again_recency)
    shape = r + sums.again_frequency
    stopped = a / (b + sums.again_frequency - 1)
    alive = exp(shape * (last - log(alpha + sums.again_age)))
    repeats = (sums.again_customers * (log(stopped + alive) - shape * last)).sum()
    return one_time + gammas + constants + repeats


def build_model(statistics: PurchaseStatistics) -> pm.Model:
    """The PyMC definition, with priors that know no unit.

    α is relative to the median T, so that days and weeks give the same posterior; r, the mean
    dropout a/(a+b) and its concentration a+b are pure numbers.

    Parameters
    ----------
    statistics : unique (frequency, recency, T) with counts
    """
    import pymc as pm
    import pytensor.tensor as pt

    with pm.Model() as model:
        # data as shared variables: the compiled code is then the same for every client
        sums = CompressedPurchases(
            *(pm.Data(name, column) for name, column in vars(compress(statistics)).items())
        )
        scale = pm.Data("median_age", statistics.median_age())
        r = pm.LogNormal("r", mu=np.log(0.5), sigma=1.5)
        relative = pm.LogNormal("alpha_relative", mu=np.log(0.3), sigma=1.5)
        dropout = pm.Uniform("dropout", 0, 1)
        concentration = pm.LogNormal("concentration", mu=np.log(3), sigma=1)
        alpha = pm.Deterministic("alpha", relative * scale)
        a = pm.Deterministic("a", dropout * concentration)
        b = pm.Deterministic("b", (1 - dropout) * concentration)
        pm.Potential("customers", _log_likelihood(sums, r, alpha, a, b, pt.log, pt.exp, pt.gammaln))
    return model
