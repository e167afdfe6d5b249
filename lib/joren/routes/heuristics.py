"""Credit by rule: to the first touchpoint of a converted journey, to the last, or to all alike.

The rules are kept beside the chain because clients know them; none of them looks at journeys that
did not convert. Sums by journey length leave the engine, so that fractions never depend on the
order in which they are added.
"""

from __future__ import annotations

import ibis.expr.types as ir
import numpy as np
from ibis import _

from joren.routes.chain import JOURNEY
from joren.stats.arrays import Array

RULES = ("first", "last", "linear")


def rule_rows(touches: ir.Table) -> ir.Table:
    """Converted touchpoints with what each rule needs to know of them.

    Parameters
    ----------
    touches : customer_id, journey, place, code, converted, value

    Returns
    -------
    customer_id, code, rule, size (how many share the credit), converted, value
    """
    import ibis

    length = touches.place.max().over(group_by=list(JOURNEY))
    won = touches.mutate(length=length).filter(_.converted > 0)
    one = ibis.literal(1, "int64")

    def rows(of: ir.Table, rule: str, size: ir.Value) -> ir.Table:
        return of.select(
            "customer_id", "code", "converted", "value", rule=ibis.literal(rule), size=size
        )

    return ibis.union(
        rows(won.filter(_.place == 1), "first", one),
        rows(won.filter(_.place == _.length), "last", one),
        rows(won, "linear", won.length.cast("int64")),
    )


def credit_by_rule(rows: ir.Table, touchpoints: int) -> dict[str, tuple[Array, Array]]:
    """Conversions and value credited to every touchpoint.

    Parameters
    ----------
    rows : code, rule, size, converted, value; from `rule_rows` or `shapley.shapley_rows`
    touchpoints : C, the largest code

    Returns
    -------
    rule → (conversions (C,), value (C,))
    """
    sums = rows.group_by("rule", "code", "size").agg(
        converted=_.converted.sum(), value=_.value.sum().cast("float64")
    )
    found = sums.order_by("rule", "code", "size").to_pandas()
    credit = {}
    for rule, of in found.groupby("rule"):
        credit[str(rule)] = tuple(
            np.bincount(of.code - 1, weights=of[gain] / of["size"], minlength=touchpoints)
            for gain in ("converted", "value")
        )
    return credit
