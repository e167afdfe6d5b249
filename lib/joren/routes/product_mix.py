"""商品別 新規・リピート: who buys a product for the first time, and who again."""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from joren.routes.purchase_flow import FEWEST, FEWEST_FOLLOWED
from joren.routes.waiting import YEAR, waits


def product_mix(
    products: ir.Table, as_of: date, interval: float, horizon: int = YEAR
) -> pd.DataFrame:
    """The table `product_mix`.

    Parameters
    ----------
    products : from `bought.products_bought`
    as_of : last day, inclusive
    interval : probability of lower and upper
    horizon : days within which buying the product again is counted

    Returns
    -------
    product_id; customers (who ever bought it), new_customers (for whom it was among the very first
    purchases), purchases (days on which a customer bought it), again (of these, not the customer's
    first of this product), again_share; repeat_rate, lower, upper (share of its customers that
    buys it again within the horizon, Kaplan–Meier over customers; null below FEWEST customers or
    where none was watched that long); median_days (of those who do)
    """
    in_order = ibis.window(group_by=["customer_id", "product_id"], order_by="day")
    placed = products.mutate(
        place=ibis.row_number().over(in_order), again_on=_.day.lead().over(in_order)
    )
    counts = (
        placed.group_by("product_id")
        .agg(
            customers=(_.place == 0).sum(),
            new_customers=((_.place == 0) & (_.nth == 1)).sum(),
            purchases=_.count(),
            again=(_.place > 0).sum(),
        )
        .order_by("product_id")
    ).to_pandas()
    first = placed.filter(_.place == 0)
    rows = first.select(
        "product_id",
        waited=first.again_on.delta(first.day, unit="day"),
        watched=ibis.literal(as_of).delta(first.day, unit="day"),
    )
    found = waits(rows, ["product_id"], horizon)
    came = found.share()
    lower, upper = came.interval(interval)
    told = came.complete & (found.n >= FEWEST) & (found.followed >= FEWEST_FOLLOWED)
    rates = found.groups.assign(
        repeat_rate=came.share, lower=lower, upper=upper, median_days=found.usual_days()
    )
    rates.loc[~told, ["repeat_rate", "lower", "upper", "median_days"]] = float("nan")
    mix = counts.assign(again_share=counts.again / counts.purchases)
    return mix.merge(rates, on="product_id", how="left")
