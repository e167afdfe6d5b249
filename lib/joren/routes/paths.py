"""Whole routes as text: which touchpoints customers met, in the order in which they met them first.

A touchpoint met again does not lengthen a route, so that a customer of a hundred orders and one of
three share theirs where they came the same way; every customer has exactly one route, none is cut.

A route is written `A > B > C`. A name that holds `>`, a quote, a line break or blanks at its ends
stands in JSON quotes, so that `split` finds the same names again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

import ibis
import ibis.expr.types as ir
from ibis import _
from scipy.stats import t as student

from joren.routes.edges import EVERYBODY

_ARROW = " > "
_SMALLEST = 5  # customers from whom on a mean bears an interval
_LARGEST_T = 200


def quoted(name: str) -> str:
    """A touchpoint's name as it stands in a route."""
    plain = name == name.strip() and name and not any(mark in name for mark in '>"\n\r\\')
    return name if plain else json.dumps(name, ensure_ascii=False).replace(">", "\\u003e")


def join(names: Iterable[str]) -> str:
    """Names as one route."""
    return _ARROW.join(quoted(name) for name in names)


def split(path: str) -> list[str]:
    """The names of a route, as `join` or `customer_routes` wrote it."""
    parts = path.split(_ARROW)
    return [json.loads(part) if part.startswith('"') else part for part in parts]


def customer_routes(steps: ir.Table, codes: ir.Table) -> ir.Table:
    """Every customer's route.

    Parameters
    ----------
    steps : customer_id, step, code
    codes : touchpoint, code; from `steps.codes_of`

    Returns
    -------
    customer_id, path
    """
    found = codes.select("touchpoint", "code").to_pyarrow().to_pylist()
    rows = [(row["code"], quoted(row["touchpoint"])) for row in found]
    written = ibis.memtable(rows, schema={"code": "int64", "name": "string"})
    first = steps.group_by("customer_id", "code").agg(step=_.step.min())
    return (
        first.join(written, "code")
        .group_by("customer_id")
        .agg(path=_.name.group_concat(sep=_ARROW, order_by=_.step))
    )


def route_paths(
    routes: ir.Table, outcomes: ir.Table, groups: ir.Table | None, ltv: ir.Table, interval: float
) -> ir.Table:
    """The table `route_paths`: each route with what became of those who took it.

    Parameters
    ----------
    routes : from `customer_routes`
    outcomes : from `silence.outcomes`
    groups : customer_id, group_name; None for everybody only
    ltv : customer_id, ltv_365d; may be empty
    interval : probability of the interval of the mean

    Returns
    -------
    path, group_name; customers; share (of the group's customers); converted, churned (customers);
    mean_ltv, lower, upper (Student's interval of the mean over customers; null below
    5 customers with an LTV)
    """
    value = ltv.select("customer_id", "ltv_365d")
    each = (
        routes.join(outcomes, "customer_id")
        .left_join(value, "customer_id")
        .drop("customer_id_right")
    )
    everybody = each.mutate(group_name=ibis.literal(EVERYBODY))
    if groups is not None:
        named = each.join(groups.select("customer_id", "group_name"), "customer_id")
        everybody = ibis.union(everybody, named.select(*everybody.columns))
    sums = everybody.group_by("path", "group_name").agg(
        customers=_.count(),
        converted=_.converted.sum(),
        churned=_.churned.sum(),
        known=_.ltv_365d.count(),
        mean_ltv=_.ltv_365d.mean(),
        spread=_.ltv_365d.std(how="sample"),
    )
    reach = [(n, float(student.ppf((1 + interval) / 2, n - 1))) for n in range(2, _LARGEST_T + 1)]
    reached = ibis.memtable(reach, schema={"size": "int64", "reach": "float64"})
    sums = sums.mutate(size=ibis.least(_.known, _LARGEST_T)).left_join(reached, "size")
    half = _.reach * _.spread / _.known.sqrt()
    sums = sums.mutate(half=(_.known >= _SMALLEST).ifelse(half, ibis.null("float64")))
    of_group = _.customers.sum().over(group_by="group_name")
    return sums.select(
        "path", "group_name",
        customers=_.customers.cast("int64"),
        share=_.customers / of_group,
        converted=_.converted.cast("int64"),
        churned=_.churned.cast("int64"),
        mean_ltv=_.mean_ltv,
        lower=_.mean_ltv - _.half,
        upper=_.mean_ltv + _.half,
    )  # fmt: skip
