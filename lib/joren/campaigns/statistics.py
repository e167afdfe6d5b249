"""Sums of every measure by campaign, arm and segment: all of the campaigns that leaves the engine.

Money and counts are added up as decimals and integers, so the sums do not depend on the order of
rows. One pass makes the cells of all kinds of segments together; each kind is added up from them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from joren.campaigns.metrics import MEASURES, METRICS, Metric
from joren.campaigns.readings import Reading
from joren.campaigns.segments import ALL, KINDS, kind_of
from joren.stats.moments import Moments, from_record

# two amounts as they stand have a product that overflows
_WIDE, _SQUARE = "decimal(38, 4)", "decimal(38, 8)"
LOG_UNITS = 1_000_000  # logarithms are added up as whole millionths
_KEY = ["campaign_id", "arm", "window"]
_BASE = ("orders_before", "revenue_before", "points_before")
_OUTCOMES = tuple(name for name in MEASURES if name != "customers")


@dataclass(frozen=True)
class Cells:
    """The sums of every cell, by campaign, arm, window and segment."""

    rows: dict[tuple[str, str, str, str], dict[str, Any]]

    def row(self, reading: Reading, arm: str, segment: str) -> dict[str, Any] | None:
        """One cell; None where nobody is in it."""
        key = reading.campaign_id, arm, reading.window.name, segment
        return self.rows.get(key)

    def segments(self, reading: Reading) -> dict[str, list[str]]:
        """Kind of segment → the names that occur in a campaign, in order."""
        place = reading.campaign_id, reading.window.name
        names = {key[3] for key in self.rows if (key[0], key[2]) == place}
        found = defaultdict(list)
        for name in sorted(names):
            found[kind_of(name)].append(name)
        return dict(found)


def by_cell(outcomes: ir.Table) -> Cells:
    """Sums over the customers of every cell.

    Parameters
    ----------
    outcomes : from `outcomes.outcomes`, with columns of the kinds in `segments.KINDS`

    Returns
    -------
    a record a cell: n, and for each measure m the sums `m__total`, `m__squares`, `m__positive`,
    `m__positive_total`, `m__log`, `m__product` (with its covariate); `b__total`, `b__squares` of
    each covariate b; `revenue__orders`
    """
    present = [kind for kind in KINDS if kind in outcomes.columns]
    cells = outcomes.group_by([*_KEY, *present]).agg(n=_.count(), **_sums()).cache()
    sums = [name for name in cells.columns if name not in (*_KEY, *present)]

    def added(rows: ir.Table, segment: ir.Value | str) -> ir.Table:
        named = rows.mutate(segment=segment)
        return named.group_by([*_KEY, "segment"]).agg(**{s: _[s].sum() for s in sums})

    parts = [added(cells, ibis.literal(ALL))]
    parts += [added(cells.filter(cells[k].notnull()), cells[k]) for k in present]
    together = reduce(lambda a, b: a.union(b), parts)
    rows = together.order_by([*_KEY, "segment"]).to_pyarrow().to_pylist()
    return Cells({tuple(row[name] for name in (*_KEY, "segment")): row for row in rows})


def moments_of(row: dict, metric: Metric) -> Moments:
    """The moments of a metric in one cell.

    For a metric that is a ratio, the covariate is its denominator: the delta method needs the same
    sums.

    Parameters
    ----------
    row : a record of `Cells`
    """
    m = metric.numerator
    by = metric.denominator if metric.is_ratio else metric.covariate
    product = f"{m}__{metric.denominator}" if metric.is_ratio else f"{m}__product"
    record = {
        "n": int(row["n"]),
        "total": row[f"{m}__total"],
        "squares": row[f"{m}__squares"],
        "positive": row[f"{m}__positive"],
        "positive_total": row[f"{m}__positive_total"],
        "log_total": float(row[f"{m}__log"] or 0) / LOG_UNITS,
        "covariate": row[f"{by}__total"],
        "covariate_squares": row[f"{by}__squares"],
        "product": row.get(product),
    }
    return from_record(record)


def cross_products(metrics: Iterable[Metric] = tuple(METRICS.values())) -> list[tuple[str, str]]:
    """The pairs of measures whose products ratios need, each once."""
    return sorted({(m.numerator, m.denominator) for m in metrics if m.is_ratio})


def _sums() -> dict[str, ir.Value]:
    sums = {}
    for name in _OUTCOMES:
        value, up = _[name], _[name] > 0
        sums[f"{name}__total"] = value.sum()
        sums[f"{name}__product"] = _product(name, Metric(name, name).covariate)
        sums[f"{name}__log"] = ibis.literal(0)
        if MEASURES[name] == "share":
            sums[f"{name}__squares"] = sums[f"{name}__positive"] = value.sum()
            sums[f"{name}__positive_total"] = value.sum()
            continue
        sums[f"{name}__squares"] = _product(name, name)
        sums[f"{name}__positive"] = up.sum()
        if MEASURES[name] == "money":  # of what buyers spend; counts cannot be negative
            sums[f"{name}__positive_total"] = up.ifelse(value, 0).sum()
            # the engine takes logarithms of the rows that have one alone, and rounds as it casts
            log = (value.cast("float64").ln() * LOG_UNITS).cast("int64")
            sums[f"{name}__log"] = up.ifelse(log, 0).sum()
        else:
            sums[f"{name}__positive_total"] = value.sum()
    for name in _BASE:
        sums[f"{name}__total"] = _[name].sum()
        sums[f"{name}__squares"] = _product(name, name)
    for numerator, denominator in cross_products():
        sums[f"{numerator}__{denominator}"] = _product(numerator, denominator)
    return sums


def _product(one: str, other: str) -> ir.Value:
    """Σ of a product; of money with room for the square of any amount."""
    if not {_unit(one), _unit(other)} & {"money"}:
        return (_[one] * _[other]).sum().cast("decimal(38, 0)")
    return (_[one].cast(_WIDE) * _[other].cast(_WIDE)).cast(_SQUARE).sum().cast(_SQUARE)


def _unit(name: str) -> str:
    return MEASURES.get(name) or ("money" if name == "revenue_before" else "number")
