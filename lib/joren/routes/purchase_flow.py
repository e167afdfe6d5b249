"""Purchase flow F1 → F2 → … → Fn: how many buy again, and after how many days.

An order n is a purchase day. Many have only just bought: that they have not come back says nothing
yet. The share that goes on within a horizon is therefore a Kaplan–Meier estimate with everybody
watched for as long as as-of allows, never customers with order n + 1 over customers with order n
(the naive share, given beside it). The unit is the customer.
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from ibis import _
from scipy.special import ndtr

from joren.routes.waiting import YEAR, Waits, waits
from joren.stats.discoveries import q_values

ALL = "all"
LAST_STEP = 10  # orders beyond are few, and look like it
STEPS_BY_PRODUCT = 3
FEWEST = 30  # customers of an entry product, for a flow of its own
FEWEST_FOLLOWED = 10  # whose outcome is known, for a share to be given
HORIZONS = (YEAR, 180, 90)  # days; a client with a year of data has watched nobody for a year


def longest_flow(
    days: ir.Table, entry: ir.Table | None, as_of: date, interval: float
) -> tuple[pd.DataFrame, int]:
    """The table `purchase_flow` for the longest horizon that first purchases were watched for.

    Parameters
    ----------
    days, entry, as_of, interval : as in `purchase_flow`

    Returns
    -------
    the table, and its horizon (days); no rows and the shortest where none was watched for that
    """
    for horizon in HORIZONS:
        flow = purchase_flow(days, entry, as_of, interval, horizon)
        if (flow["product"].isna() & (flow.from_order == 1)).any():
            return flow, horizon
    return flow.iloc[:0], HORIZONS[-1]


def purchase_flow(
    days: ir.Table, entry: ir.Table | None, as_of: date, interval: float, horizon: int = YEAR
) -> pd.DataFrame:
    """The table `purchase_flow`.

    Parameters
    ----------
    days : from `bought.purchase_days`
    entry : from `bought.entry_products`; None where products are not known
    as_of : last day, inclusive
    interval : probability of every lower and upper
    horizon : days within which going on is counted

    Returns
    -------
    from_order, to_order, product (that the customers came in by; null for everybody); customers
    (who made from_order), rate, lower, upper (share going on within the horizon); median_days (of
    those who do), days_to_half (by which half of all have; null while they have not); followed
    (customers whose outcome is known), naive_rate. Steps with fewer than FEWEST_FOLLOWED
    followed, or none watched for the whole horizon, are left out. horizon (days)
    """
    steps = _steps(days, as_of)
    everybody = steps.filter(_.nth <= LAST_STEP).mutate(product=ibis.literal(ALL), whole=True)
    rows = everybody
    if entry is not None:
        by_entry = entry.select("customer_id", product="product_id")
        many = by_entry.group_by("product").agg(n=_.count()).filter(_.n >= FEWEST)
        of_product = steps.filter(_.nth <= STEPS_BY_PRODUCT).join(
            by_entry.semi_join(many, "product"), "customer_id"
        )
        rows = ibis.union(everybody, of_product.mutate(whole=False).select(*everybody.columns))
    flow = _flow(waits(rows, ["whole", "product", "nth"], horizon), interval)
    product = flow["product"].astype(object).where(~flow.whole.astype(bool), None)
    flow = flow.assign(product=product, from_order=flow.nth, to_order=flow.nth + 1, horizon=horizon)
    columns = [
        "from_order", "to_order", "product", "customers", "rate", "lower", "upper", "median_days",
        "days_to_half", "followed", "naive_rate", "horizon",
    ]  # fmt: skip
    return flow[columns].sort_values(
        ["product", "from_order"], na_position="first", ignore_index=True
    )


def leaving_products(
    products: ir.Table, as_of: date, interval: float, horizon: int = YEAR
) -> pd.DataFrame:
    """After which product customers do not come back: no purchase of anything within the horizon.

    A customer counts once for each product, from the first day she bought it.

    Parameters
    ----------
    products : from `bought.products_bought`

    Returns
    -------
    product_id, customers, left, lower, upper (share that does not come back), others (that share
    after all other products' first days), q_value (two-sided, of the difference; Benjamini–
    Hochberg over the products)
    """
    first = products.mutate(
        place=ibis.row_number().over(group_by=["customer_id", "product_id"], order_by="day")
    ).filter(_.place == 0)
    watched = ibis.literal(as_of).delta(first.day, unit="day")
    rows = first.select(
        "product_id", watched=watched, waited=first.next_day.delta(first.day, unit="day")
    )
    found = waits(rows, ["product_id"], horizon)
    came = found.share()
    rest = Waits(found.groups, found.came.sum(0) - found.came, found.lost.sum(0) - found.lost)
    others = rest.share()
    lower, upper = came.interval(interval)
    table = found.groups.assign(
        customers=found.n.astype(int), left=1 - came.share, lower=1 - upper, upper=1 - lower,
        others=1 - others.share,
    )  # fmt: skip
    variance = sum(s.share * (1 - s.share) / np.maximum(s.n, 1) for s in (came, others))
    z = (came.share - others.share) / np.sqrt(np.maximum(variance, 1e-12))
    keep = came.complete & (found.n >= FEWEST) & (found.followed >= FEWEST_FOLLOWED)
    table, z = table[keep], z[keep]
    table = table.assign(q_value=q_values(2 * ndtr(-np.abs(z))))
    return table.sort_values(["left", "product_id"], ascending=[False, True], ignore_index=True)


def _steps(days: ir.Table, as_of: date) -> ir.Table:
    """customer_id, nth, waited, watched: every purchase day with what followed it."""
    return days.select(
        "customer_id",
        "nth",
        waited=days.next_day.delta(days.day, unit="day"),
        watched=ibis.literal(as_of).delta(days.day, unit="day"),
    )


def _flow(found: Waits, interval: float) -> pd.DataFrame:
    came = found.share()
    lower, upper = came.interval(interval)
    flow = found.groups.assign(
        customers=found.n.astype(int), rate=came.share, lower=lower, upper=upper,
        median_days=found.usual_days(), days_to_half=found.days_to_half(),
        followed=found.followed.astype(int), naive_rate=found.came.sum(axis=1) / found.n,
    )  # fmt: skip
    return flow[came.complete & (found.followed >= FEWEST_FOLLOWED)]
