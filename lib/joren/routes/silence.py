"""When silence is churn: after how many days without an order a customer counts as lost.

The client's `routes.churn_after_days`, or what its own customers teach: nine in ten of all gaps
between two orders of a customer are shorter.
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from joren.routes.touchpoints import ORDER

_SHARE_OF_GAPS = 0.9
_WITHOUT_GAPS = 180


def churn_after_days(steps: ir.Table, setting: int | None) -> int:
    """Days of silence from which on a customer counts as lost.

    Parameters
    ----------
    steps : from `steps.coded_steps`
    setting : the client's own figure, if it gave one
    """
    if setting is not None:
        return setting
    orders = steps.filter(_.kind == ORDER)
    before = orders.at.lag().over(group_by="customer_id", order_by="step")
    gaps = orders.mutate(days=orders.at.date().delta(before.date(), unit="day"))
    found = gaps.filter(_.days > 0).days.quantile(_SHARE_OF_GAPS).to_pyarrow().as_py()
    return _WITHOUT_GAPS if found is None else max(int(-(-found // 1)), 1)


def outcomes(steps: ir.Table, as_of: date, days: int) -> ir.Table:
    """What became of every customer.

    Parameters
    ----------
    steps : from `steps.coded_steps`
    days : from `churn_after_days`

    Returns
    -------
    customer_id; orders; converted (ordered again after the first time); churned (ordered, and no
    more for longer than `days`)
    """
    by_customer = steps.group_by("customer_id").agg(
        orders=(_.kind == ORDER).sum(), last_on=_.at.max(where=_.kind == ORDER).date()
    )
    silent = ibis.literal(as_of).delta(by_customer.last_on, unit="day")
    return by_customer.select(
        "customer_id",
        "orders",
        converted=_.orders > 1,
        churned=(silent > days).fill_null(False),
    )
