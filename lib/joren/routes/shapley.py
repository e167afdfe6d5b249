"""Shapley values of one game, in closed form.

The game: a set of touchpoints is worth the conversions of the journeys that meet no others. A
journey is then a unanimity game over the touchpoints it meets, and its Shapley value splits its
conversions equally among them, however often each was met. Other games on the same journeys have
other Shapley values; this one is meant wherever the model is called `shapley`.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

from joren.routes.chain import JOURNEY

SHAPLEY = "shapley"


def shapley_rows(touches: ir.Table) -> ir.Table:
    """Converted journeys' distinct touchpoints; sum them with `heuristics.credit_by_rule`.

    Parameters
    ----------
    touches : customer_id, journey, code, converted, value

    Returns
    -------
    customer_id, code, rule, size (distinct touchpoints of the journey), converted, value
    """
    won = touches.filter(_.converted > 0)
    met = won.group_by(*JOURNEY, "code").agg(converted=_.converted.max(), value=_.value.max())
    size = met.code.count().over(group_by=list(JOURNEY))
    return met.select(
        "customer_id", "code", "converted", "value",
        rule=ibis.literal(SHAPLEY), size=size.cast("int64"),
    )  # fmt: skip
