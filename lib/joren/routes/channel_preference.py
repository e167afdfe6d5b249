"""Which channel customers order through, by how much they are worth.

A customer prefers the channel she ordered through on most days; of equal ones, that of her latest
order. By tenth of forecast LTV, or by any other group of customers, with Jeffreys intervals over
customers.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from joren.stats.shares import jeffreys

TENTHS = 10


def ltv_tenths(ltv: ir.Table) -> ir.Table:
    """Customers in ten equal parts by forecast LTV, 1 the most valuable.

    Parameters
    ----------
    ltv : the table `ltv`

    Returns
    -------
    customer_id, group_name (`01` … `10`)
    """
    order = ibis.window(order_by=[ibis.desc("ltv_365d"), "customer_id"])
    place = ibis.ntile(TENTHS).over(order) + 1
    return ltv.select("customer_id", group_name=place.cast("string").lpad(2, "0"))


def channel_preference(bought: ir.Table, groups: ir.Table, interval: float) -> pd.DataFrame:
    """The table `channel_preference`.

    Parameters
    ----------
    bought : from `bought.customer_orders`; orders without a channel do not count
    groups : customer_id, group_name

    Returns
    -------
    group_name, channel; customers (of the group, who ordered through any), preferring, share,
    lower, upper
    """
    by_channel = (
        bought.filter(_.channel.notnull())
        .group_by("customer_id", "channel")
        .agg(days=_.day.nunique(), last=_.ordered_at.max())
    )
    ranked = by_channel.mutate(
        place=ibis.row_number().over(
            group_by="customer_id",
            order_by=[ibis.desc("days"), ibis.desc("last"), "channel"],
        )
    )
    preferred = ranked.filter(_.place == 0).join(groups, "customer_id")
    counted = (
        preferred.group_by("group_name", "channel")
        .agg(preferring=_.count())
        .order_by("group_name", "channel")
    ).to_pandas()
    table = counted.pivot_table(
        index="group_name", columns="channel", values="preferring", fill_value=0
    )
    long = table.stack().rename("preferring").reset_index()
    long["customers"] = long.group_name.map(table.sum(axis=1)).astype(int)
    long["preferring"] = long.preferring.astype(int)
    long["share"] = long.preferring / long.customers
    long["lower"], long["upper"] = jeffreys(long.preferring, long.customers, interval)
    return long[["group_name", "channel", "customers", "preferring", "share", "lower", "upper"]]
