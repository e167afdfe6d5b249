"""Which channel customers order through, by how much they are worth.

A customer prefers the channel she ordered through on most days; of equal ones, that of her latest
order. By tenth of forecast LTV and by rank, with Jeffreys intervals over customers.
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from joren.stats.shares import jeffreys
from joren.text import has

TENTHS = 10
_RANK = "rank:"


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


def rank_groups(segments: ir.Table) -> ir.Table:
    """Customers by their rank.

    Parameters
    ----------
    segments : the table `segments`; presets without ranks are not used; may be empty

    Returns
    -------
    customer_id, group_name (`rank:high` …)
    """
    ranked = segments.filter(_["rank"].notnull())
    return ranked.select("customer_id", group_name=ibis.literal(_RANK) + ranked["rank"]).distinct()


def by_tenth(preference: pd.DataFrame) -> pd.DataFrame:
    """The rows of the table `channel_preference` that are of tenths."""
    return preference[~preference.group_name.str.startswith(_RANK)]


def by_rank(preference: pd.DataFrame, order: Sequence[str]) -> pd.DataFrame:
    """The rows that are of ranks, as the page shows them.

    Parameters
    ----------
    order : the ranks, the most valuable first

    Returns
    -------
    rank, channel_label (keys of texts; the channel itself where no text names it) and the columns
    of the table
    """
    ranks = preference[preference.group_name.str.startswith(_RANK)]
    levels = ranks.group_name.str.removeprefix(_RANK)
    keys = "flows.channel." + ranks.channel
    shown = ranks.assign(
        rank="segments.name.rank." + levels,
        channel_label=[k if has(k) else c for k, c in zip(keys, ranks.channel, strict=True)],
        place=levels.map(list(order).index),
    )
    return shown.sort_values(["place", "share"], ascending=[True, False]).drop(columns="place")


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
