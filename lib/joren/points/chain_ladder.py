"""Chain ladder with Mack's standard errors: what a triangle says is still to come.

1. The next cumulative value of a cohort is the last one times a factor of its age, whatever the
   cohort and its past; its variance is proportional to the last one.
2. Cohorts are independent.

Mack, T. (1993) Distribution-free calculation of the standard error of chain ladder reserve
estimates, ASTIN Bulletin 23; (1999) for the recursion. Nothing is added behind the last age (no
tail).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from joren.stats.arrays import Array


@dataclass(frozen=True)
class ChainLadder:
    """What a triangle develops to.

    Attributes
    ----------
    factors : (n_ages − 1,) from each age to the next
    sigma2 : (n_ages − 1,) Mack's σ²; the last by min(σ⁴₋₁/σ²₋₂, σ²₋₂, σ²₋₁)
    latest : (n_cohorts,) cumulative values of the last diagonal
    ultimate : (n_cohorts,) cumulative values at the end of the development asked for
    se : (n_cohorts,) standard errors of `ultimate`, process and estimation together
    total_se : standard error of the sum over cohorts, which share their factors
    """

    factors: Array
    sigma2: Array
    latest: Array
    ultimate: Array
    se: Array
    total_se: float

    @property
    def ibnr(self) -> Array:
        """(n_cohorts,) what is still to come."""
        return self.ultimate - self.latest


def chain_ladder(
    cumulative: Array, recent: int | None = None, steps: int | None = None
) -> ChainLadder:
    """Develop a triangle.

    Parameters
    ----------
    cumulative : (n_cohorts, n_ages), NaN where not reached; every cohort has its first age
    recent : diagonals of links the factors are learned from, the last ones; None for all
    steps : ages ahead to develop each cohort; None to the last age

    Raises
    ------
    ValueError if a cohort has no value
    """
    known = ~np.isnan(cumulative)
    if not known[:, 0].all():
        raise ValueError("every cohort needs its first age")
    factors, sigma2, volume = _development(cumulative, known, recent)
    age = known.sum(axis=1) - 1
    rows = np.arange(len(age))
    latest = cumulative[rows, age]
    last = cumulative.shape[1] - 1
    end = np.full(len(age), last) if steps is None else np.minimum(age + steps, last)
    value, process, relative = latest.copy(), np.zeros(len(age)), np.zeros(len(age))
    moves = np.zeros((len(age), last), bool)
    for k in range(last):
        on = moves[:, k] = (age <= k) & (k < end)
        process[on] = factors[k] ** 2 * process[on] + sigma2[k] * value[on]
        relative[on] += _of_factor(factors[k], sigma2[k], volume[k])
        value[on] *= factors[k]
    # a factor's error moves all cohorts that it develops together
    together = (moves * value[:, None]).sum(axis=0)
    shared = [_of_factor(*of) for of in zip(factors, sigma2, volume, strict=True)]
    total = process.sum() + (together**2 * np.array(shared)).sum()
    se = np.sqrt(process + value**2 * relative)
    return ChainLadder(factors, sigma2, latest, value, se, float(np.sqrt(total)))


def _of_factor(factor: float, sigma2: float, volume: float) -> float:
    """Squared relative standard error of an estimated factor."""
    return sigma2 / factor**2 / volume if volume > 0 and factor > 0 else 0.0


def _development(
    cumulative: Array, known: np.ndarray, recent: int | None
) -> tuple[Array, Array, Array]:
    before, after = cumulative[:, :-1], cumulative[:, 1:]
    links = known[:, 1:] & (np.nan_to_num(before) > 0)
    if recent is not None:
        # the last `recent` cohorts that have a link at the age: the last diagonals
        links &= known[:, 1:][::-1].cumsum(axis=0)[::-1] <= recent
    base, grown = (np.where(links, part, 0.0) for part in (before, after))
    volume, count = base.sum(axis=0), links.sum(axis=0)
    factors = np.divide(grown.sum(axis=0), volume, out=np.ones(len(volume)), where=volume > 0)
    # no loss of what is there: all of a cohort given back leaves nothing to multiply
    factors = np.where(factors > 0, factors, 1.0)
    misses = np.divide((grown - factors * base) ** 2, base, out=np.zeros_like(base), where=links)
    sigma2 = np.where(count > 1, misses.sum(axis=0) / np.maximum(count - 1, 1), np.nan)
    for k in np.flatnonzero(np.isnan(sigma2)):
        sigma2[k] = _extrapolated(sigma2[:k]) if count[k] else 0.0
    return factors, sigma2, volume


def _extrapolated(earlier: Array) -> float:
    """Mack's σ² of an age that one cohort alone has seen."""
    if len(earlier) < 2:
        return float(earlier[-1]) if len(earlier) else 0.0
    second, last = earlier[-2:]
    return float(min(last**2 / second, second, last)) if second > 0 else 0.0
