"""By what customers are told apart: categories of the summary, and how often they have bought.

A group is named `dimension:level`; small levels are put together, so that every group is shown with
an interval that says something.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

from joren.ltv.counts import purchase_class

CATEGORIES = ("first_channel", "cohort", "first_category")
DIMENSIONS = (*CATEGORIES, "purchase_days")
EVERYBODY = "all"
TENTHS, FIFTHS = "tenth", "fifth"
UNKNOWN, REST = "unknown", "other"
_MOST_LEVELS = 8
_SMALLEST_LEVEL = 30


def with_dimensions(customers: ir.Table) -> ir.Table:
    """Add every dimension the customers have as a column of level names.

    Parameters
    ----------
    customers : frequency, and those of CATEGORIES that the client's orders tell

    Returns
    -------
    the columns of `customers` without CATEGORIES; `dim_<dimension>` for each of `dimensions_of`
    """
    told = [name for name in CATEGORIES if name in customers.columns]
    for name in told:
        level = customers[name].cast("string").fill_null(UNKNOWN)
        customers = with_rest(
            customers.mutate(**{f"dim_{name}": level}), f"dim_{name}", _SMALLEST_LEVEL, _MOST_LEVELS
        )
    return customers.drop(*told).mutate(dim_purchase_days=purchase_class(_.frequency))


def dimensions_of(customers: ir.Table) -> list[str]:
    """The dimensions that tell some of these customers apart.

    Parameters
    ----------
    customers : from `with_dimensions`
    """
    there = [name for name in DIMENSIONS if f"dim_{name}" in customers.columns]
    counts = customers.agg(**{name: _[f"dim_{name}"].nunique() for name in there})
    found = counts.to_pyarrow().to_pylist()[0]
    return [name for name in there if found[name] > 1]


def in_groups(customers: ir.Table, dimensions: list[str]) -> ir.Table:
    """One row per customer and group she is in, `all` among them.

    Parameters
    ----------
    customers : from `with_dimensions`
    dimensions : which of them

    Returns
    -------
    the columns of `customers` and group_name (`all`, `dimension:level`)
    """
    columns = [name for name in customers.columns if not name.startswith("dim_")]

    def grouped(group: ir.Value) -> ir.Table:
        return customers.mutate(group_name=group).select(*columns, "group_name")

    return ibis.union(
        grouped(ibis.literal(EVERYBODY)),
        *(grouped(ibis.literal(f"{name}:") + customers[f"dim_{name}"]) for name in dimensions),
    ) if dimensions else grouped(ibis.literal(EVERYBODY))  # fmt: skip


def groups_of_customers(grouped: ir.Table) -> ir.Table:
    """The groups every customer is in: the table `forecast_groups`.

    Parameters
    ----------
    grouped : from `in_groups`

    Returns
    -------
    customer_id, groups (names in ascending order)
    """
    return grouped.group_by("customer_id").agg(groups=_.group_name.collect(order_by="group_name"))


def with_rest(rows: ir.Table, column: str, smallest: int, most: int) -> ir.Table:
    """Levels of a column with fewer than `smallest` rows, or beyond the `most` largest, as one."""
    kept = (
        rows.group_by(column)
        .agg(size=_.count())
        .filter(_.size >= smallest)
        .order_by(ibis.desc("size"), column)
        .limit(most)
        .select(kept=column)
    )
    joined = rows.left_join(kept, rows[column] == kept.kept)
    return joined.mutate(**{column: _.kept.fill_null(REST)}).drop("kept")
