"""How much of what was granted is used, and by whom least: use and open balances by channel.

The rate of a group is a ratio of two sums over customers; its interval takes the customers as
a sample and is that of a ratio estimator (Cochran 1977, 6.4: linearised variance), from sums alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy.special import ndtri

LEAST_CUSTOMERS = 30
OTHERS = "expiry.other_channels"


@dataclass(frozen=True)
class Use:
    """Use of granted points.

    Attributes
    ----------
    groups : channels (sorted, joined by +; or the text key `OTHERS`), customers, remaining (open
        points), rate, lower, upper; the lowest rate first, `OTHERS` last
    everybody : the same columns, one row, channels empty
    lowest_is_apart : whether the lowest group's rate is below everybody's beyond its interval,
        widened for having looked at all groups (Bonferroni)
    """

    groups: pd.DataFrame
    everybody: pd.DataFrame
    lowest_is_apart: bool


def use_by_channels(lots: ir.Table, customers: ir.Table, interval: float) -> Use:
    """Share of granted points that were used, by where a customer is known.

    Groups of fewer than `LEAST_CUSTOMERS` are put together.

    Parameters
    ----------
    lots : table point_lots
    customers : customer_id, channels
    interval : probability of the interval
    """
    sums = _sums_by_group(lots, customers).to_pandas()
    small = sums.customers < LEAST_CUSTOMERS
    sums["channels"] = sums.channels.where(~small, OTHERS)
    sums = sums.groupby("channels", as_index=False).sum()
    everybody = _rates(sums.assign(channels="").groupby("channels", as_index=False).sum(), interval)
    groups = _rates(sums, interval)
    groups["rest"] = groups.channels == OTHERS  # not a group that anybody could address
    groups = groups.sort_values(["rest", "rate", "channels"], ignore_index=True).drop(
        columns="rest"
    )
    apart = False
    if len(groups) > 1:
        widened = _rates(sums, 1 - (1 - interval) / len(groups))
        lowest = widened[widened.channels == groups.channels[0]]
        apart = bool(lowest.upper.iloc[0] < everybody.rate[0])
    return Use(groups, everybody, apart)


def use_sentence(use: Use, name: Callable[[str], str]) -> tuple[str, dict[str, Any]]:
    """Which sentence says who uses points least, and its facts.

    Parameters
    ----------
    name : channels → what a sentence calls them
    """
    everybody = use.everybody.iloc[0]
    row = use.groups.iloc[0] if use.lowest_is_apart else everybody
    facts: dict[str, Any] = {"value": float(row.rate), "n": int(row.customers)}
    facts |= {end: float(row[end]) for end in ("lower", "upper")}
    if not use.lowest_is_apart:
        return "expiry.even_use", facts
    return "expiry.least_used", facts | {
        "group": name(row.channels),
        "remaining": int(row.remaining),
        "everybody": float(everybody.rate),
    }


def _rates(sums: pd.DataFrame, interval: float) -> pd.DataFrame:
    sums = sums[sums.granted > 0]
    rate = sums.used / sums.granted
    residual = (sums.uu - 2 * rate * sums.ug + rate**2 * sums.gg).clip(lower=0)
    n = sums.customers.clip(lower=2)
    half = ndtri((1 + interval) / 2) * np.sqrt(residual * n / (n - 1)) / sums.granted
    return pd.DataFrame({
        "channels": sums.channels, "customers": sums.customers.astype("int64"),
        "remaining": sums.remaining.astype("int64"), "rate": rate,
        "lower": (rate - half).clip(lower=0), "upper": (rate + half).clip(upper=1),
    })  # fmt: skip


def _sums_by_group(lots: ir.Table, customers: ir.Table) -> ir.Table:
    # what was cancelled or moved away was never theirs to use
    held = lots.group_by("customer_id").agg(
        used=lots.points_used.sum(),
        granted=(lots.points_granted - lots.points_cancelled - lots.points_transferred).sum(),
        remaining=lots.points_remaining.sum(),
    )
    held = held.filter(held.granted > 0)
    named = held.inner_join(customers.select("customer_id", "channels"), "customer_id")
    x = named.mutate(
        channels=named.channels.sort().join("+"),
        used=named.used.cast("float64"),
        granted=named.granted.cast("float64"),
        remaining=named.remaining.cast("int64"),
    )
    return x.group_by("channels").agg(
        customers=x.count(), used=x.used.sum(), granted=x.granted.sum(),
        remaining=x.remaining.sum(), uu=(x.used * x.used).sum(), ug=(x.used * x.granted).sum(),
        gg=(x.granted * x.granted).sum(),
    )  # fmt: skip
