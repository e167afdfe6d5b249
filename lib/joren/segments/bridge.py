"""From the incumbent's figure to ours, one difference of definition at a time.

Each step changes one definition and keeps the ones before; the figures are recounted, not split
up, so that the steps add up to the difference exactly.

1. `incumbent`: members of every system, every order whatever its status, tax included.
2. `valid_only`: cancelled, pending and returned orders out, refunds taken off.
3. `one_person`: members of several systems are one customer.
4. `same_day`: orders of one day are one purchase.
5. `excluding_tax`: value without tax where known. This is ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from joren.contract import MONEY
from joren.purchases import counted_orders, identified_orders

STEPS = ("incumbent", "valid_only", "one_person", "same_day", "excluding_tax")
MEASURES = ("customers", "repeat_rate", "purchases", "value_per_customer")


@dataclass(frozen=True)
class Definitions:
    """What a figure counts."""

    valid_only: bool
    one_person: bool
    same_day: bool
    excluding_tax: bool


def bridge(orders: ir.Table, identity_map: ir.Table, as_of: date) -> list[dict[str, object]]:
    """The figures after each step.

    Parameters
    ----------
    orders : canonical/orders

    Returns
    -------
    rows of step, measure, value, change (from the step before; None at the first)
    """
    rows, before = [], None
    for place, step in enumerate(STEPS):
        held = Definitions(*(place >= level for level in range(1, len(STEPS))))
        figures = _figures(orders, identity_map, as_of, held)
        for measure in MEASURES:
            value = figures[measure]
            change = None if before is None else value - before[measure]
            rows.append({"step": step, "measure": measure, "value": value, "change": change})
        before = figures
    return rows


def _figures(
    orders: ir.Table, identity_map: ir.Table, as_of: date, held: Definitions
) -> dict[str, float]:
    members = orders.filter(_.source_id.notnull())
    if not held.excluding_tax:
        members = members.mutate(amount_excluding_tax=ibis.null(MONEY))
    known = identified_orders(members, identity_map)
    if held.valid_only:
        counted = counted_orders(known, as_of)
        member = known.select("source", "order_id", "source_id").distinct()
        counted = counted.left_join(member, ["source", "order_id"])
    else:
        counted = known.filter(_.day <= as_of).mutate(is_purchase=_.value >= 0)
    whose = (
        counted.customer_id
        if held.one_person
        else counted.source + ibis.literal("\x1f") + counted.source_id
    )
    counted = counted.mutate(whose=whose).filter(_.whose.notnull())
    one = counted.day.cast("string") if held.same_day else counted.source + counted.order_id
    by_person = (
        counted.mutate(one=one)
        .group_by("whose")
        .agg(
            purchases=_.one.nunique(where=_.is_purchase),
            value=_.value.sum(),
        )
        .filter(_.purchases > 0)
    )
    row = by_person.agg(
        customers=_.count(),
        repeaters=(_.purchases > 1).sum(),
        purchases=_.purchases.sum(),
        value=_.value.sum().cast("float64"),
    ).to_pyarrow().to_pylist()[0]  # fmt: skip
    customers = row["customers"] or 0
    return {
        "customers": float(customers),
        "repeat_rate": row["repeaters"] / customers if customers else 0.0,
        "purchases": float(row["purchases"] or 0),
        "value_per_customer": row["value"] / customers if customers else 0.0,
    }
