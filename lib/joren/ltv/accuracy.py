"""Measures of a forecast against what happened, computed in the engine."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
from ibis import _
from scipy.special import betaincinv, ndtri


@dataclass(frozen=True)
class Measure:
    """A number with its interval, None where it has none, and the customers it rests on."""

    value: float
    lower: float | None
    upper: float | None
    n: int


def auc(customers: ir.Table, score: str, outcome: str, interval: float) -> Measure:
    """Chance that a customer with the outcome scores above one without; ties count half.

    The interval is that of Hanley & McNeil (1982), Radiology 143.

    Parameters
    ----------
    customers : one row each
    score, outcome : numeric and boolean column
    interval : probability of the interval
    """
    by_score = customers.group_by(_[score].name("score")).agg(
        came=_[outcome].sum(), stayed=(~_[outcome]).sum()
    )
    below = ibis.cumulative_window(order_by="score")
    ranked = by_score.mutate(below=_.stayed.sum().over(below) - _.stayed)
    sums = (
        ranked.agg(
            won=(_.came * (_.below + _.stayed / 2)).sum(),
            came=_.came.sum(),
            stayed=_.stayed.sum(),
        )
        .to_pyarrow()
        .to_pylist()[0]
    )
    came, stayed = int(sums["came"]), int(sums["stayed"])
    if came == 0 or stayed == 0:
        return Measure(float("nan"), None, None, came + stayed)
    value = float(sums["won"]) / (came * stayed)
    by_came, by_stayed = value / (2 - value), 2 * value**2 / (1 + value)
    variance = (
        value * (1 - value)
        + (came - 1) * (by_came - value**2)
        + (stayed - 1) * (by_stayed - value**2)
    ) / (came * stayed)
    half = ndtri((1 + interval) / 2) * np.sqrt(max(variance, 0.0))
    return Measure(value, max(value - half, 0.0), min(value + half, 1.0), came + stayed)


def mean_of(customers: ir.Table, error: ir.Value | ir.Deferred, interval: float) -> Measure:
    """Mean of a per-customer error, with the interval of the central limit theorem.

    Parameters
    ----------
    customers : one row each
    error : expression over its columns
    interval : probability of the interval
    """
    row = (
        customers.select(error=error)
        .agg(mean=_.error.mean(), sd=_.error.std(how="pop"), n=_.count())
        .to_pyarrow()
        .to_pylist()[0]
    )
    half = ndtri((1 + interval) / 2) * row["sd"] / np.sqrt(row["n"])
    return Measure(row["mean"], row["mean"] - half, row["mean"] + half, row["n"])


def share(hits: int, n: int, interval: float) -> Measure:
    """A share with its Jeffreys interval: Beta(hits + ½, misses + ½).

    Parameters
    ----------
    hits, n : how many of how many
    interval : probability of the interval
    """
    if n == 0:
        return Measure(float("nan"), None, None, 0)
    tails = (1 - interval) / 2
    posterior = (hits + 0.5, n - hits + 0.5)
    lower = 0.0 if hits == 0 else float(betaincinv(*posterior, tails))
    upper = 1.0 if hits == n else float(betaincinv(*posterior, 1 - tails))
    return Measure(hits / n, lower, upper, n)
