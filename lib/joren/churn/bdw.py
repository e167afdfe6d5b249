"""Beta-discrete-Weibull: after how many orders a subscriber leaves of her own will.

Fader & Hardie (2007), How to project customer retention, J. of Interactive Marketing 21(1), and
Fader, Hardie, Liu, Davin & Steenburgh (2018), Marketing Science 37(2).

1. After each order a subscriber either goes on to the next one or leaves.
2. She is still there after t decisions with probability (1 − θ)^(t^c): with c < 1 she grows
   readier to stay, with c > 1 readier to leave; c = 1 is the shifted beta-geometric (sBG).
3. θ differs between subscribers: Beta(a, b).
4. Decisions count from the first at which the contract lets her leave.

Whoever is still there is alive for certain; what is ahead of her is S(t + 1)/S(t), which rises
with t because those with a large θ have left.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln

from joren.stats.arrays import Array

# the functions a formula needs, of numbers; pytensor.tensor has the same names for a graph
NUMBERS = SimpleNamespace(
    exp=np.exp, expm1=np.expm1, log=np.log, maximum=np.maximum, gammaln=gammaln
)
_LOG_OF_ZERO = -690.0  # t^c and its gradient vanish, without the 0 · ∞ of a true log 0
_SMALLEST_DROP = 1e-12  # of log S in one period; below it the difference is rounding


def logs(periods: ArrayLike) -> Array:
    """(n,) log t, with a finite stand-in at t = 0."""
    t = np.asarray(periods, float)
    return np.where(t > 0, np.log(np.maximum(t, 1e-300)), _LOG_OF_ZERO)


def survival(t: ArrayLike, a: ArrayLike, b: ArrayLike, c: ArrayLike = 1.0) -> Array:
    """S(t): probability that a subscriber is still there after t decisions.

    Parameters
    ----------
    t : decisions; a, b, c : parameters (c = 1 is the sBG); all broadcast
    """
    return np.exp(_log_survival(logs(t), np.asarray(a, float), b, c, NUMBERS))


def retention(t: ArrayLike, a: ArrayLike, b: ArrayLike, c: ArrayLike = 1.0) -> Array:
    """S(t)/S(t − 1): probability of going on at decision t, given that she came to it.

    Parameters
    ----------
    t : decisions, at least 1; a, b, c : parameters; all broadcast
    """
    return 1 / (1 + np.exp(log_odds(t, a, b, c)))


def log_odds(t: ArrayLike, a: ArrayLike, b: ArrayLike, c: ArrayLike = 1.0) -> Array:
    """Log-odds of leaving at decision t, given that she came to it; arguments broadcast."""
    t = np.asarray(t, float)
    return odds_formula(logs(t), logs(t - 1), np.asarray(a, float), b, c, NUMBERS)


def odds_formula(log_t: Any, log_before: Any, a: Any, b: Any, c: Any, maths: Any) -> Any:
    """`log_odds` from log t and log(t − 1): one formula for numbers and for PyMC's graph.

    Parameters
    ----------
    log_t, log_before : from `logs`
    maths : NUMBERS or pytensor.tensor
    """
    drop = _log_survival(log_before, a, b, c, maths) - _log_survival(log_t, a, b, c, maths)
    return maths.log(maths.expm1(maths.maximum(drop, _SMALLEST_DROP)))


def _log_survival(log_t: Any, a: Any, b: Any, c: Any, maths: Any) -> Any:
    grown = maths.exp(c * log_t)
    ratio = maths.gammaln(b + grown) - maths.gammaln(a + b + grown)
    return ratio + maths.gammaln(a + b) - maths.gammaln(b)


def log_likelihood(
    at_risk: ArrayLike, left: ArrayLike, a: float, b: float, c: float = 1.0
) -> float:
    """Log-likelihood of counts by decision: Σ left·log(S(t−1) − S(t)) + Σ stayed·log S.

    Parameters
    ----------
    at_risk, left : (n,) subscribers who came to decision 1, 2, …, and who left at it
    a, b, c : parameters (c = 1 is the sBG)
    """
    n, y = np.asarray(at_risk, float), np.asarray(left, float)
    odds = log_odds(np.arange(1, len(n) + 1), a, b, c)
    return float((y * odds - n * np.logaddexp(0.0, odds)).sum())


def residual_orders(
    made: int, a: float, b: float, c: float = 1.0, discount_rate: float = 0.1, periods: int = 20_000
) -> float:
    """Discounted expected residual lifetime: orders still to come, the pending one undiscounted.

    Fader & Hardie (2010), Customer-Base Valuation in a Contractual Setting, Marketing Science
    29(1), with its sum taken term by term, so that c may differ from 1.

    Parameters
    ----------
    made : renewals made so far; the next is pending
    discount_rate : per period
    periods : terms of the sum; what lies beyond is discounted to nothing
    """
    ahead = np.arange(1, periods + 1)
    alive = survival(made + ahead, a, b, c) / survival(made, a, b, c)
    return float((alive * (1 + discount_rate) ** (1.0 - ahead)).sum())
