"""Cross-sell: which product comes next, more often than it would by itself.

The rule. For every product a customer ever bought, her first purchase day with it that has a next
one is looked at: what is in that next purchase? So a customer counts once for each pair, and her
hundred orders no more than another's two. What would be there by itself is how often the product
is in a next purchase of that many products, each customer with the weight of one. Lift is the share
that has it over the share that would.

The interval is Jeffreys of the share that has it; what would be there is counted on far more
customers and is taken as known. q-values are of the one-sided binomial test that it is no more
than by itself (mid-p), over all pairs with FEWEST customers on either side, found or not.
Direction: of the customers who have both, on different days, the share that had the first one
first. Next is not because: an association.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from ibis import _
from scipy.stats import binom

from joren.stats.discoveries import q_values
from joren.stats.shares import jeffreys

FEWEST = 30  # customers of the first product with a next purchase, and of the next in any
FEWEST_TOGETHER = 5  # customers of a pair, for it to be shown
LARGEST_BASKET = 5  # larger next purchases are taken for one size


def cross_sell(products: ir.Table, interval: float, same: bool = False) -> pd.DataFrame:
    """The table `cross_sell`.

    Parameters
    ----------
    products : customer_id, product_id, day, next_day, one row a customer, day and product, from
        `bought.products_bought` or `by_category`
    interval : probability of lower and upper
    same : whether a product followed by itself is a pair too

    Returns
    -------
    product, next_product; customers (who bought it next), of_customers (who bought the first
    and came again), share, expected (share by itself), lift, lower, upper, q_value; first_before
    (see direction), before_lower, before_upper
    """
    baskets = products.select("customer_id", "product_id", "day", "next_day")
    sizes = baskets.group_by("customer_id", "day").agg(
        size=ibis.least(_.count(), LARGEST_BASKET), next_day=_.next_day.max()
    )
    usual = _by_itself(baskets, sizes)
    at = _starts(baskets, sizes)
    starts, followers = _frequent(baskets)
    tests = _pairs_tested(starts, followers, same)
    by_size = at.semi_join(starts, "product_id").group_by("product_id", "size").agg(n=_.count())
    next_up = baskets.select("customer_id", next_product="product_id", next_day="day")
    together = (
        at.semi_join(starts, "product_id")
        .join(next_up, ["customer_id", "next_day"])
        .filter((_.next_product != _.product_id) | same)
        .group_by("product_id", "next_product")
        .agg(customers=_.count())
        .filter(_.customers >= FEWEST_TOGETHER)
    )
    together = together.semi_join(followers.select(next_product="product_id"), "next_product")
    expected = (
        together.join(by_size, "product_id")
        .join(usual.select("size", "share", next_product="product_id"), ["next_product", "size"])
        .group_by("product_id", "next_product")
        .agg(expected=(_.n * _.share).sum())
    )
    pairs = (
        together.join(expected, ["product_id", "next_product"])
        .join(starts, "product_id")
        .join(_directions(baskets, together), ["product_id", "next_product"], how="left")
        .select(
            "customers", "of_customers", "expected", "before", "apart", "next_product",
            product="product_id",
        )
        .order_by("product", "next_product")
    )  # fmt: skip
    return _measured(pairs.to_pandas(), tests, interval)


def pairs_compared(products: ir.Table) -> int:
    """How many pairs `cross_sell` holds against chance, found together or not."""
    baskets = products.select("customer_id", "product_id", "day", "next_day")
    return _pairs_tested(*_frequent(baskets), False)


def by_category(products: ir.Table, names: ir.Table) -> ir.Table:
    """Purchases by category in place of product; products of no category are left out.

    Parameters
    ----------
    products : from `bought.products_bought`
    names : from `bought.catalogue`
    """
    known = names.filter(_.category.notnull()).select("product_id", "category")
    return (
        products.join(known, "product_id")
        .group_by("customer_id", "day", "next_day", product_id="category")
        .agg(spent=_.spent.sum())
    )


def _frequent(baskets: ir.Table) -> tuple[ir.Table, ir.Table]:
    """product_id, of_customers: products with enough customers who bought on, and product_id of
    those that enough customers have in a next purchase."""
    begun = baskets.filter(_.next_day.notnull()).group_by("product_id")
    starts = begun.agg(of_customers=_.customer_id.nunique()).filter(_.of_customers >= FEWEST)
    first = baskets.group_by("customer_id").agg(first=_.day.min())
    later = baskets.join(first, "customer_id").filter(_.day > _.first).group_by("product_id")
    followers = later.agg(customers=_.customer_id.nunique()).filter(_.customers >= FEWEST)
    return starts, followers.select("product_id")


def _by_itself(baskets: ir.Table, sizes: ir.Table) -> ir.Table:
    """product_id, size, share: how often it is in a next purchase of that size."""
    # every purchase day that is a next one, each customer with a weight of one for each size
    nexts = sizes.join(
        baskets.select("customer_id", day="next_day").distinct(), ["customer_id", "day"]
    ).select("customer_id", "day", "size")
    weighted = nexts.mutate(weight=1 / _.count().over(group_by=["customer_id", "size"]))
    of_size = nexts.group_by("size").agg(people=_.customer_id.nunique())
    inside = baskets.select("customer_id", "day", "product_id").join(
        weighted, ["customer_id", "day"]
    )
    # weights are rounded to exact numbers, so that their sum does not depend on its order
    return (
        inside.group_by("product_id", "size")
        .agg(weight=_.weight.cast("decimal(18, 9)").sum().cast("float64"))
        .join(of_size, "size")
        .select("product_id", "size", share=_.weight / _.people)
    )


def _starts(baskets: ir.Table, sizes: ir.Table) -> ir.Table:
    """For each customer and product its first day with a next purchase, and that one's size."""
    first = (
        baskets.filter(_.next_day.notnull())
        .group_by("customer_id", "product_id")
        .agg(next_day=_.next_day.min())
    )
    size = sizes.select("customer_id", "size", next_day="day")
    return first.join(size, ["customer_id", "next_day"]).select(
        "customer_id", "product_id", "next_day", "size"
    )


def _pairs_tested(starts: ir.Table, followers: ir.Table, same: bool) -> int:
    first, following = (t.count().to_pyarrow().as_py() for t in (starts, followers))
    both = starts.semi_join(followers, "product_id").count().to_pyarrow().as_py()
    return first * following - (0 if same else both)


def _directions(baskets: ir.Table, together: ir.Table) -> ir.Table:
    """Of customers who have both products, apart in time: how many had the first one first."""
    began = baskets.group_by("customer_id", "product_id").agg(day=_.day.min())
    other = began.select("customer_id", next_product="product_id", other_day="day")
    return (
        began.join(other, "customer_id")
        .semi_join(together, ["product_id", "next_product"])
        .filter(_.day != _.other_day)
        .group_by("product_id", "next_product")
        .agg(apart=_.count(), before=(_.day < _.other_day).sum())
    )


def _measured(pairs: pd.DataFrame, tests: int, interval: float) -> pd.DataFrame:
    k, n = pairs.customers.to_numpy(float), pairs.of_customers.to_numpy(float)
    expected = np.clip(pairs.expected.to_numpy(float) / n, 1e-12, 1.0)
    lower, upper = jeffreys(k, n, interval)
    p = binom.sf(k, n, expected) + 0.5 * binom.pmf(k, n, expected)
    apart = pairs.apart.fillna(0).to_numpy(float)
    before = pairs.before.fillna(0).to_numpy(float)
    before_lower, before_upper = jeffreys(before, apart, interval)
    return pd.DataFrame({
        "product": pairs["product"], "next_product": pairs.next_product,
        "customers": pairs.customers, "of_customers": pairs.of_customers,
        "share": k / n, "expected": expected, "lift": k / n / expected,
        "lower": lower / expected, "upper": upper / expected, "q_value": q_values(p, tests),
        "first_before": np.where(apart > 0, before / np.maximum(apart, 1), np.nan),
        "before_lower": before_lower, "before_upper": before_upper,
    })  # fmt: skip
