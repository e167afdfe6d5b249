"""Too much of a product in stock: who would want it, and how far its price may fall.

A product is overstocked when what is there would last longer than COVER_DAYS at the pace it sold
lately, even at the upper end of what that pace may be. Its candidates are customers ranked by how
likely their next purchase is to be of its category: their own share of category purchases, drawn
towards everybody's by PRIOR purchases, times their chance of ordering at all where it is known.
Who has it already lately, and who has never bought, is not asked.

Margin guard: a coupon may bring the price down to unit cost plus the least margin, no further; a
product that is not above that already gets no offer. The list names candidates only: consent,
contact cap and hold-out are applied where lists leave the run.
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from ibis import _
from scipy.special import gammaincinv

PACE_DAYS = 90
COVER_DAYS = 180
LEAST_MARGIN = 0.1  # of the price after a coupon
PRIOR = 3.0  # purchases of everybody's mix that a customer's own are weighed against
MOST = 200  # candidates a product
STALE_DAYS = 45


def stock_cover(
    stock: ir.Table, lines: ir.Table, orders: ir.Table, products: ir.Table, names: ir.Table,
    as_of: date, interval: float,
) -> pd.DataFrame:  # fmt: skip
    """The table `stock_cover`: what is there, how fast it sells, how long it lasts.

    Parameters
    ----------
    stock, lines, orders, products : canonical tables
    names : from `bought.catalogue`

    Returns
    -------
    product_id, name, category; counted_on, on_hand; sold (units in the PACE_DAYS to as-of),
    cover_days (on_hand at that pace; null where nothing sold), cover_lower, cover_upper (Gamma
    posterior of the pace under Jeffreys' prior; cover_upper null where nothing sold), overstocked;
    unit_cost, price (median paid a unit in twice that time), floor_price, largest_discount (share
    of price; null where cost or price is not known, 0 where there is no room), money_bound (cost
    of what is there). Counts older than STALE_DAYS are left out.
    """
    recent = stock.filter(
        (_.date.cast("date") <= as_of)
        & (_.date.cast("date") >= ibis.literal(as_of) - ibis.interval(days=STALE_DAYS))
    )
    last = recent.group_by("source", "product_id").agg(
        counted_on=_.date.max(), on_hand=_.quantity.argmax(_.date)
    )
    on_hand = last.group_by("product_id").agg(
        counted_on=_.counted_on.max().cast("date"), on_hand=_.on_hand.sum().cast("float64")
    )
    age = ibis.literal(as_of).delta
    valid = orders.filter((_.status == "valid") & (_.amount >= 0))
    valid = valid.select("source", "order_id", age=age(valid.ordered_at.date(), unit="day"))
    sold = lines.filter((_.amount >= 0) & (_.quantity > 0)).join(valid, ["source", "order_id"])
    sold = sold.filter((_.age >= 0) & (_.age < 2 * PACE_DAYS))
    pace = sold.group_by("product_id").agg(
        sold=_.quantity.sum(where=_.age < PACE_DAYS).cast("float64"),
        price=(_.amount / _.quantity).cast("float64").median(),
    )
    cost = products.group_by("product_id").agg(unit_cost=_.unit_cost.max().cast("float64"))
    joined = on_hand.left_join(pace, "product_id").drop("product_id_right")
    joined = joined.left_join(cost, "product_id").drop("product_id_right")
    joined = joined.left_join(names, "product_id").drop("product_id_right")
    frame = joined.mutate(sold=_.sold.fill_null(0.0)).order_by("product_id").to_pandas()
    return _covered(frame, interval)


def _covered(frame: pd.DataFrame, interval: float) -> pd.DataFrame:
    tail = (1 - interval) / 2
    sold, there = frame.sold.to_numpy(float), frame.on_hand.to_numpy(float)
    slow, fast = (gammaincinv(sold + 0.5, p) / PACE_DAYS for p in (tail, 1 - tail))
    with np.errstate(divide="ignore"):
        cover = np.where(sold > 0, there * PACE_DAYS / np.maximum(sold, 1e-9), np.nan)
        upper = np.where(sold > 0, there / slow, np.nan)
    lower = there / fast
    price, cost = frame.price.to_numpy(float), frame.unit_cost.to_numpy(float)
    floor = cost / (1 - LEAST_MARGIN)
    room = np.where(price > 0, np.clip(1 - floor / np.where(price > 0, price, 1), 0, None), np.nan)
    table = frame.assign(
        cover_days=cover, cover_lower=lower, cover_upper=upper,
        overstocked=(lower > COVER_DAYS) & (there > 0), floor_price=floor, largest_discount=room,
        money_bound=there * cost,
    )  # fmt: skip
    return table[[
        "product_id", "name", "category", "counted_on", "on_hand", "sold", "cover_days",
        "cover_lower", "cover_upper", "overstocked", "unit_cost", "price", "floor_price",
        "largest_discount", "money_bound",
    ]]  # fmt: skip


def candidates(
    cover: pd.DataFrame,
    products: ir.Table,
    names: ir.Table,
    ltv: ir.Table | None,
    as_of: date,
) -> ir.Table:
    """The table `stock_candidates`: for every overstocked product with room for a coupon, whom to
    ask first.

    Parameters
    ----------
    cover : from `stock_cover`
    products : from `bought.products_bought`
    names : from `bought.catalogue`
    ltv : the table `ltv`, for the chance of an order within 90 days; None where there is none
    as_of : last day, inclusive

    Returns
    -------
    product_id, place (1 for the likeliest), customer_id, score (expected, on one scale within a
    product), category_days, days (purchase days with the category, and all), largest_discount
    """
    offered = cover[cover.overstocked & (cover.largest_discount > 0) & cover.category.notna()]
    con = products.get_backend()
    wanted = con.create_table(
        "stock_offered",
        ibis.memtable(
            offered[["product_id", "category", "largest_discount"]].astype(
                {"product_id": "string", "category": "string", "largest_discount": "float64"}
            ),
            schema={"product_id": "string", "category": "string", "largest_discount": "float64"},
        ),
        temp=True, overwrite=True,
    )  # fmt: skip
    shares = category_shares(products, names)
    ranked = wanted.join(shares, "category")
    lately = ibis.literal(as_of) - ibis.interval(days=PACE_DAYS)
    holders = products.filter(_.day >= lately).select("customer_id", "product_id")
    ranked = ranked.anti_join(holders, ["customer_id", "product_id"])
    if ltv is not None:
        ranked = ranked.join(ltv.select("customer_id", "p_order_90d"), "customer_id").mutate(
            score=_.share * _.p_order_90d
        )
    else:
        ranked = ranked.mutate(score=_.share)
    order = ibis.window(
        group_by="product_id", order_by=[ibis.desc("score"), ibis.desc("days"), "customer_id"]
    )
    return (
        ranked.mutate(place=ibis.row_number().over(order) + 1)
        .filter(_.place <= MOST)
        .select(
            "product_id", "place", "customer_id", "score", "category_days", "days",
            "largest_discount",
        )
    )  # fmt: skip


def category_shares(products: ir.Table, names: ir.Table) -> ir.Table:
    """How much of each customer's buying is of each category she ever bought.

    Parameters
    ----------
    products : from `bought.products_bought`
    names : from `bought.catalogue`

    Returns
    -------
    customer_id, category, category_days, days, share: (category_days + PRIOR × everybody's share)
    / (days + PRIOR), of purchase days with a product of a known category
    """
    known = names.filter(_.category.notnull()).select("product_id", "category")
    by_day = products.join(known, "product_id").select("customer_id", "day", "category").distinct()
    days = by_day.group_by("customer_id").agg(days=_.day.nunique())
    own = by_day.group_by("customer_id", "category").agg(category_days=_.count())
    everybody = own.group_by("category").agg(n=_.category_days.sum())
    usual = everybody.select("category", usual=_.n / days.days.sum().as_scalar())
    return (
        own.join(days, "customer_id")
        .join(usual, "category")
        .select(
            "customer_id", "category", "category_days", "days",
            share=(_.category_days + PRIOR * _.usual) / (_.days + PRIOR),
        )
    )  # fmt: skip
