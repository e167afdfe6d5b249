"""Customers without a contract who may have left: the rows of kind `lapse` of the table `churn`.

A lapse within 90 days is: no order within 90 days. Who is likely to lapse is said by the predictor
that ranked returners best in the answer check. Where that is the model, the probability is its own.
Where it is a naive rule, the rule only ranks; the probability then is the share of customers of the
same rank who lapsed in the 90 days just past, made monotone in the rank.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa
from ibis import _
from scipy.optimize import isotonic_regression

from joren.ltv.accuracy import share
from joren.ltv.baselines import RANKINGS
from joren.ltv.holdout import Cut, split

LAPSE_DAYS = 90
_RANKS = 20
_OVERDUE = 2.0
_EDGES = ("from_0", "from_20", "from_40", "from_60", "from_80")  # bands of equal width


def lapse_table(customers: ir.Table, chances: ir.Table) -> ir.Table:
    """One row per customer: the table `lapse`, in the columns of `churn`.

    Parameters
    ----------
    customers : customer_id, frequency, overdue_ratio
    chances : from `chances_by_model` or `chances_by_rule`

    Returns
    -------
    source, subscription_id (null), customer_id, kind (lapse), hazard_next (null: no order is due),
    p_end_90d, lower, upper, reasons (bought_once, overdue: silent for twice her usual gap)
    """
    none = ibis.literal([], "array<string>")

    def told(holds: ir.Deferred, reason: str) -> ir.Deferred:
        return holds.fill_null(False).ifelse(ibis.literal([reason], "array<string>"), none)

    once, overdue = _.frequency == 0, _.overdue_ratio >= _OVERDUE
    return (
        customers.join(chances, "customer_id")
        .select(
            "customer_id",
            source=ibis.null("string"),
            subscription_id=ibis.null("string"),
            kind=ibis.literal("lapse"),
            hazard_next=ibis.null("float64"),
            p_end_90d=_.p_end_90d,
            lower=_.lower,
            upper=_.upper,
            reasons=told(once, "bought_once").concat(told(overdue, "overdue")),
        )
        .cache()
    )


def churn_table(subscriptions: ir.Table, lapse: ir.Table) -> ir.Table:
    """Both kinds of leaving in one table: `churn`.

    Parameters
    ----------
    subscriptions : table subscription_churn; its further columns are null for lapses
    lapse : table lapse
    """
    further = {
        name: ibis.null(subscriptions[name].type())
        for name in subscriptions.columns
        if name not in lapse.columns
    }
    return subscriptions.union(lapse.mutate(**further).select(*subscriptions.columns))


def lapse_bands(lapse: ir.Table, ltv: ir.Table) -> pd.DataFrame:
    """Customers by their chance of no order within 90 days, the surest to lapse first.

    Parameters
    ----------
    lapse : table lapse
    ltv : table ltv

    Returns
    -------
    a row for each band that has customers: label (text key), customers, share (of all), chance,
    lower, upper (means), overdue (customers silent for twice their usual gap), ltv (margin
    expected of them within a year, in currency)
    """
    numbered = ibis.least((_.p_end_90d * len(_EDGES)).floor().cast("int64"), len(_EDGES) - 1)
    rows = lapse.mutate(band=numbered).left_join(
        ltv.select("customer_id", "ltv_365d"), "customer_id"
    )
    found = (
        rows.group_by("band")
        .agg(
            customers=_.count(),
            chance=_.p_end_90d.mean(),
            lower=_.lower.mean(),
            upper=_.upper.mean(),
            overdue=_.reasons.contains("overdue").sum(),
            ltv=_.ltv_365d.sum(),
        )
        .order_by(ibis.desc("band"))
    ).to_pandas()
    return found.assign(
        label=[f"ltv.lapse_band.{_EDGES[band]}" for band in found.band],
        share=found.customers / max(found.customers.sum(), 1),
    ).drop(columns="band")


def chances_by_model(ltv: ir.Table) -> ir.Table:
    """customer_id, p_end_90d, lower, upper as the model sees them.

    Parameters
    ----------
    ltv : table ltv with p_order_90d and its bounds from `order_chance.chance_intervals`
    """
    return ltv.select(
        "customer_id",
        p_end_90d=1 - _.p_order_90d,
        lower=1 - _.p_order_90d_upper,
        upper=1 - _.p_order_90d_lower,
    )


def chances_by_rule(
    summary: ir.Table, orders: ir.Table, as_of: date, rule: str, interval: float
) -> ir.Table:
    """customer_id, p_end_90d, lower, upper as what befell customers of the same rank says.

    Parameters
    ----------
    summary : purchase_summary as of `as_of`
    orders : from `summary.identified_orders`
    rule : one of `baselines.RANKINGS`
    interval : probability of the intervals (Jeffreys, of the customers pooled into one share)
    """
    before = as_of - timedelta(days=LAPSE_DAYS)
    known = split(orders, Cut(before, before, as_of))
    return _read_off(summary, rule, _shares_by_rank(known, rule, interval))


def _shares_by_rank(known: ir.Table, rule: str, interval: float) -> list[dict]:
    """Lowest place of each rank, highest rank first, with the share that lapsed and its bounds."""
    by_place = known.group_by(place=RANKINGS[rule]).agg(
        n=_.count(), lapsed=(_.orders_after == 0).sum()
    )
    # customers of one place stay together, whatever a rank then holds
    so_far = _.n.sum().over(ibis.cumulative_window(order_by=_.place))
    ranked = by_place.mutate(rank=(_RANKS * so_far / _.n.sum().over(ibis.window())).ceil())
    rows = (
        ranked.group_by("rank")
        .agg(place=_.place.min(), n=_.n.sum(), lapsed=_.lapsed.sum())
        .order_by(ibis.desc("place"))
        .to_pyarrow()
    )
    place, n, lapsed = (rows[name].to_numpy().astype(float) for name in ("place", "n", "lapsed"))
    blocks = isotonic_regression(lapsed / n, weights=n).blocks
    shares = []
    for first, end in pairwise(blocks):
        pooled = np.s_[first:end]
        found = share(int(lapsed[pooled].sum()), int(n[pooled].sum()), interval)
        shares.append({"place": place[end - 1], "measure": found})
    return shares


def _read_off(summary: ir.Table, rule: str, shares: list[dict]) -> ir.Table:
    found = [entry["measure"] for entry in shares]
    table = pa.table(
        {
            "rank": range(len(found)),
            "p_end_90d": [measure.value for measure in found],
            "lower": [measure.lower for measure in found],
            "upper": [measure.upper for measure in found],
        }
    )
    *higher, _lowest = [(_.place >= entry["place"], i) for i, entry in enumerate(shares)]
    rank = ibis.cases(*higher, else_=len(higher)) if higher else ibis.literal(0)
    placed = summary.select("customer_id", place=RANKINGS[rule]).mutate(rank=rank.cast("int64"))
    return placed.join(ibis.memtable(table), "rank").drop("place", "rank")
