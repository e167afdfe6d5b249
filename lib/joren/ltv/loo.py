"""Leave-one-out predictive density of an order model, from unique customers.

Every customer of a unique row has one leave-one-out density; those of one row are equal. With very
many rows a sample stands for all, corrected by what is known of every row: its density at the
posterior mean (Magnusson et al. 2020). Weights are Pareto-smoothed (Vehtari, Gelman & Gabry 2017).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from joren.ltv.order_model import OrderModel
from joren.ltv.statistics import PurchaseStatistics
from joren.stats.arrays import Array

_MOST_ROWS = 4000
_DRAWS = 1000
_ROWS_AT_ONCE = 500
_NO_DIFFERENCE = 1e-9


@dataclass(frozen=True)
class LeaveOneOut:
    """Expected log predictive density of all customers.

    elpd, se : sum over customers, and its standard error as of a sample of customers
    sampling_se : what of the error comes from looking at some rows only; 0 when all were seen
    k_hat : the largest of any row
    by_row : (n,) density of one customer of each row looked at; customers : (n,) that stand behind
    """

    elpd: float
    se: float
    sampling_se: float
    k_hat: float
    by_row: Array
    customers: Array

    def lead_over(self, other: LeaveOneOut) -> tuple[float, float]:
        """How much higher the density is than of `other`, and the standard error of that.

        Both must come from the same statistics: their rows are then the same.
        """
        gap = self.by_row - other.by_row
        sampling = np.hypot(self.sampling_se, other.sampling_se)
        return self.elpd - other.elpd, float(np.hypot(_spread(gap, self.customers), sampling))


def leave_one_out(
    model: OrderModel, groups: Sequence[PurchaseStatistics], draws: Sequence[Array], seed: int
) -> LeaveOneOut:
    """Leave-one-out density of an order model.

    Parameters
    ----------
    model : which
    groups : unique statistics, one for each set of parameters
    draws : for each group (n_draws, n_parameters) equally weighted posterior draws
    seed : of the sample of rows; the same for every model that is compared
    """
    thinned = [d[:: max(1, len(d) // _DRAWS)] for d in draws]
    parts = [_constants(model, g) for g in groups]
    customers = np.concatenate([g.customers for g in groups])
    roughly = np.concatenate(
        [
            model.pointwise(g, d.mean(0, keepdims=True))[0] + c
            for g, d, c in zip(groups, thinned, parts, strict=True)
        ]
    )
    group = np.repeat(np.arange(len(groups)), [len(g) for g in groups])
    first = np.r_[0, np.cumsum([len(g) for g in groups])]
    seen, weight = _sample(customers, seed)
    by_row, k_hat = np.empty(len(seen)), np.empty(len(seen))
    for g, (statistics, some, constant) in enumerate(zip(groups, thinned, parts, strict=True)):
        here = np.flatnonzero(group[seen] == g)
        for at in np.array_split(here, max(1, -(-len(here) // _ROWS_AT_ONCE))):
            rows = seen[at] - first[g]
            by_row[at], k_hat[at] = _of_rows(model, statistics.rows(rows), some)
            by_row[at] += constant[rows]
    correction = by_row - roughly[seen]
    sampled = len(seen) < len(customers)
    return LeaveOneOut(
        float(customers @ roughly + weight @ correction),
        _spread(by_row, weight),
        float(weight.sum() * correction.std() / np.sqrt(len(seen))) if sampled else 0.0,
        float(k_hat.max(initial=0.0)),
        by_row,
        weight,
    )


def _of_rows(
    model: OrderModel, statistics: PurchaseStatistics, draws: Array
) -> tuple[Array, Array]:
    from arviz_stats.base import array_stats

    density = model.pointwise(statistics, draws).T
    # who came today is as likely under every draw: there is no tail to smooth
    tells = np.ptp(density, axis=1) > _NO_DIFFERENCE
    log_weights, k_hat = np.full_like(density, -np.log(len(draws))), np.zeros(len(density))
    if tells.any():
        log_weights[tells], k_hat[tells] = array_stats.psislw(density[tells])
    return logsumexp(density + log_weights, axis=1), k_hat


def _constants(model: OrderModel, statistics: PurchaseStatistics) -> Array:
    """What `pointwise` leaves out, per customer: it decides between models, not within one."""
    return model.constants(statistics) / statistics.customers


def _sample(customers: Array, seed: int) -> tuple[np.ndarray, Array]:
    """Rows to look at, and the customers each stands for: all of them, or drawn by their number."""
    if len(customers) <= _MOST_ROWS:
        return np.arange(len(customers)), customers
    ends = np.cumsum(customers)
    steps = np.arange(_MOST_ROWS) + np.random.default_rng(seed).random(_MOST_ROWS)
    seen = np.searchsorted(ends, steps / _MOST_ROWS * ends[-1])
    return seen, np.full(_MOST_ROWS, ends[-1] / _MOST_ROWS)


def _spread(by_row: Array, customers: Array) -> float:
    """Standard error of a sum over customers."""
    n = customers.sum()
    mean = customers @ by_row / n
    return float(np.sqrt(customers @ (by_row - mean) ** 2))
