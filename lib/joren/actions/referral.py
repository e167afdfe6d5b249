"""What customers who came through others are worth beside those who came by themselves.

A touchpoint of a given name marks who was referred. The difference is an association: who has
friends among customers may be another kind of person.
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis.expr.types as ir
from ibis import _

from joren.stats.effects import Effect, mean_effect
from joren.stats.moments import Moments, from_record

LEAST = 30  # referred customers, below which no difference is shown


def referred(events: ir.Table, identity_map: ir.Table, touchpoints: Sequence[str]) -> ir.Table:
    """Customers with a touchpoint that says they were referred.

    Returns
    -------
    customer_id
    """
    told = events.filter(events.touchpoint.isin(list(touchpoints)))
    owned = told.inner_join(identity_map, ["source", "source_id"])
    return owned.select("customer_id").distinct()


def referral_value(ltv: ir.Table, referred: ir.Table, level: float) -> Effect:
    """LTV of a year and past value together, of customers referred beside all others.

    Parameters
    ----------
    ltv : table
    referred : customer_id

    Returns
    -------
    the difference in currency a customer, by Welch's t; without interval where fewer than two are
    in a group
    """
    marked = referred.mutate(came=True)
    joined = ltv.left_join(marked, "customer_id").drop("customer_id_right")
    value = (joined.ltv_365d + joined.past_value.cast("float64")).round(2).cast("decimal(18, 2)")
    rows = joined.select(came=joined.came.fill_null(False), value=value)
    sums = rows.group_by("came").agg(
        n=_.count(),
        total=_.value.sum().cast("decimal(38, 2)"),
        squares=(_.value * _.value).cast("decimal(38, 4)").sum().cast("decimal(38, 4)"),
    )
    found = {row["came"]: from_record(row) for row in sums.to_pyarrow().to_pylist()}
    nobody = Moments(0)
    return mean_effect(found.get(True, nobody), found.get(False, nobody), level)
