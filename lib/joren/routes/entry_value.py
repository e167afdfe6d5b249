"""Entry product → LTV: what customers are worth by the product they came in by.

The mean forecast of few customers says little: means of products are drawn towards each other by
as much as they agree (`stats.normal_pooling`). The interval is of the mean of customers like
these, over who happened to come. It is an association: customers choose their first product.
"""

from __future__ import annotations

import ibis.expr.types as ir
import numpy as np
import pandas as pd
from ibis import _

from joren.stats.normal_pooling import pool

FEWEST = 5  # customers of a product; rarer ones are put together as `other`
OTHER = ""


def value_by_entry(entry: ir.Table, ltv: ir.Table, interval: float) -> pd.DataFrame:
    """The table `entry_products`.

    Parameters
    ----------
    entry : from `bought.entry_products`
    ltv : the table `ltv`

    Returns
    -------
    product_id (empty for all rarer ones together); customers, raw_mean (of ltv_365d), mean, lower,
    upper (pooled), centre, centre_lower, centre_upper (of an average product: the same in every
    row). Empty below two products of FEWEST customers.
    """
    known = entry.join(ltv.select("customer_id", "ltv_365d"), "customer_id")
    size = _.count().over(group_by="product_id")
    named = known.mutate(size=size).mutate(
        product_id=(_.size >= FEWEST).ifelse(_.product_id, OTHER)
    )
    groups = (
        named.group_by("product_id")
        .agg(customers=_.count(), raw_mean=_.ltv_365d.mean(), variance=_.ltv_365d.var())
        .order_by("product_id")
    ).to_pandas()
    # a group whose forecasts happen to agree is not known without error
    usual = (
        float(np.average(groups.variance.fillna(0), weights=groups.customers)) if len(groups) else 0
    )
    groups = groups[groups.customers >= FEWEST]
    columns = ["product_id", "customers", "raw_mean", "mean", "lower", "upper", "centre",
               "centre_lower", "centre_upper"]  # fmt: skip
    if len(groups) < 2 or usual <= 0:
        return pd.DataFrame(columns=columns)
    weight = groups.customers - 1
    variance = (weight * groups.variance + FEWEST * usual) / (weight + FEWEST)
    pooled = pool(groups.raw_mean, np.sqrt(variance / groups.customers), interval)
    found = groups.assign(
        mean=pooled.mean, lower=pooled.lower, upper=pooled.upper, centre=pooled.centre,
        centre_lower=pooled.centre_lower, centre_upper=pooled.centre_upper,
    )  # fmt: skip
    return found[columns].sort_values(
        ["mean", "product_id"], ascending=[False, True], ignore_index=True
    )
