"""Measures of a forecast against what happened, computed in the engine."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
from ibis import _
from scipy.special import ndtri

from joren.stats.shares import jeffreys

_NARROWEST = 1e-9


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
    everybody = customers.mutate(everybody=ibis.literal("all"))
    found = auc_by_group(everybody, "everybody", score, outcome, interval)
    return found.get("all", Measure(float("nan"), None, None, 0))


def auc_by_group(
    customers: ir.Table, group: str, score: str, outcome: str, interval: float
) -> dict[str, Measure]:
    """`auc` within each group, by its name.

    Parameters
    ----------
    customers : one row each
    group : column of names
    score, outcome, interval : as in `auc`
    """
    by_score = customers.group_by(_[group].name("group"), _[score].name("score")).agg(
        came=_[outcome].sum(), stayed=(~_[outcome]).sum()
    )
    below = ibis.cumulative_window(group_by="group", order_by="score")
    ranked = by_score.mutate(below=_.stayed.sum().over(below) - _.stayed)
    sums = ranked.group_by("group").agg(
        won=(_.came * (_.below + _.stayed / 2)).sum(), came=_.came.sum(), stayed=_.stayed.sum()
    )
    return {
        row["group"]: _auc(float(row["won"]), int(row["came"]), int(row["stayed"]), interval)
        for row in sums.to_pyarrow().to_pylist()
    }


def _auc(won: float, came: int, stayed: int, interval: float) -> Measure:
    if came == 0 or stayed == 0:
        return Measure(float("nan"), None, None, came + stayed)
    value = won / (came * stayed)
    by_came, by_stayed = value / (2 - value), 2 * value**2 / (1 + value)
    variance = (
        value * (1 - value)
        + (came - 1) * (by_came - value**2)
        + (stayed - 1) * (by_stayed - value**2)
    ) / (came * stayed)
    half = ndtri((1 + interval) / 2) * np.sqrt(max(variance, 0.0))
    return Measure(value, max(value - half, 0.0), min(value + half, 1.0), came + stayed)


def gini(customers: ir.Table, score: str, outcome: str, interval: float) -> Measure:
    """Normalised Gini: how much of the outcome's concentration the order of the score finds.

    1 where the score puts customers in the order of the outcome, 0 where it knows nothing; ties
    count half. The interval is of the normal distribution with the delta method's variance.

    Parameters
    ----------
    customers : one row each
    score, outcome : numeric columns, the outcome not negative
    interval : probability of the interval
    """
    rows = customers.select(
        score=_[score].cast("float64"), outcome=_[outcome].cast("float64")
    ).mutate(ideal=_.outcome)
    for order in ("score", "ideal"):
        rows = rows.join(_influence_of_place(rows, order), order)
    at_score, at_ideal = (
        _.outcome * (_[f"below_{order}"] - 0.5) + _[f"above_{order}"]
        for order in ("score", "ideal")
    )
    sums = (
        rows.select(a=at_score, b=at_ideal, y=_.outcome)
        .agg(
            n=_.count(),
            a=(_.a.mean() - _.y.mean() / 2) / 2,
            b=(_.b.mean() - _.y.mean() / 2) / 2,
            aa=_.a.var(how="pop"),
            bb=_.b.var(how="pop"),
            ab=_.a.cov(_.b, how="pop"),
        )
        .to_pyarrow()
        .to_pylist()[0]
    )
    if not sums["b"] or sums["b"] <= 0:
        return Measure(float("nan"), None, None, sums["n"])
    value = sums["a"] / sums["b"]
    variance = sums["aa"] - 2 * value * sums["ab"] + value**2 * sums["bb"]
    half = ndtri((1 + interval) / 2) * np.sqrt(max(variance, 0.0) / sums["n"]) / sums["b"]
    return Measure(value, max(value - half, -1.0), min(value + half, 1.0), sums["n"])


def _influence_of_place(rows: ir.Table, order: str) -> ir.Table:
    """By value of `order`: the share of customers below, and the outcome above per customer."""
    by_value = rows.group_by(order).agg(n=_.count(), total=_.outcome.sum())
    so_far = ibis.cumulative_window(order_by=order)
    placed = by_value.mutate(n_to=_.n.sum().over(so_far), total_to=_.total.sum().over(so_far))
    everybody = ibis.window()
    return placed.select(
        order,
        **{
            f"below_{order}": (_.n_to - _.n / 2) / _.n.sum().over(everybody),
            f"above_{order}": (_.total.sum().over(everybody) - _.total_to + _.total / 2)
            / _.n.sum().over(everybody),
        },
    )


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


def pit_distance(below: np.ndarray, up_to: np.ndarray, weight: np.ndarray) -> float:
    """Largest distance of the outcomes' probability integral transform from uniform.

    A count has no place of its own in its distribution: it is spread over P(N < n) … P(N <= n),
    the expectation of the randomised transform (Czado, Gneiting & Held 2009, Biometrics 65, eq. 2),
    so that no chance enters. 0 is perfect calibration.

    Parameters
    ----------
    below, up_to : (n,) P(N < outcome) and P(N <= outcome)
    weight : (n,) how many outcomes each row stands for
    """
    width = np.maximum(up_to - below, _NARROWEST)
    at = np.concatenate([below, below + width, [0.0, 1.0]])
    slope = np.concatenate([weight / width, -weight / width, [0.0, 0.0]]) / weight.sum()
    order = np.argsort(at)
    rising = np.cumsum(slope[order])[:-1]
    reached = np.concatenate([[0.0], np.cumsum(rising * np.diff(at[order]))])
    return float(np.abs(reached - np.clip(at[order], 0, 1)).max())


def share(hits: int, n: int, interval: float) -> Measure:
    """A share with its Jeffreys interval; see `stats.shares`.

    Parameters
    ----------
    hits, n : how many of how many
    interval : probability of the interval
    """
    if n == 0:
        return Measure(float("nan"), None, None, 0)
    lower, upper = (float(end) for end in jeffreys(hits, n, interval))
    return Measure(hits / n, lower, upper, n)
