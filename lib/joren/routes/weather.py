"""What rain takes from a shop's till, and whether a rule that answers rain would pay.

Orders are counted by shop and day; only those counts leave the engine. In each shop they follow a
log-linear model with the day of the week, the month, rain (or snow) of the day, and of the day
before: a visit put off comes later, so a day after rain is fuller, and leaving that out would take
the next wet day's catching up for its own. Shops are then drawn towards each other by as much as
they agree. Weather is nobody's choice, but it is no experiment of ours: the figures are
associations, net of weekday and month.

The trigger ("rain → double points, told three hours before") is run over the past with the weather
as it was recorded, as if the forecast had been right. What it would have brought is not known
without trying; what it would have to bring in order to pay is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from ibis import _

from joren.stats.counts import log_linear
from joren.stats.normal_pooling import pool

WET_WORDS = (
    "雨",
    "雪",
    "みぞれ",
    "霙",
    "雷",
    "rain",
    "snow",
    "sleet",
    "shower",
    "drizzle",
    "storm",
)
FEWEST_DAYS = 90  # of a shop
FEWEST_WET = 20
ALL = "all"


def is_wet(condition: ir.StringValue) -> ir.BooleanValue:
    """Whether the words of a day's weather name rain or snow: 雨, 曇のち雨, 大雪, Light rain …

    A day without it by its words (雨なし) is dry.
    """
    words = condition.lower()
    dry = words.contains("なし") | words.contains("no rain")
    return reduce(or_, [words.contains(word) for word in WET_WORDS]) & ~dry


def store_days(orders: ir.Table, stores: ir.Table, weather: ir.Table) -> ir.Table:
    """Valid till orders by shop and day, days without any included, with the day's weather.

    A shop's days run from its first to its last order; days its area has no weather for are left
    out.

    Parameters
    ----------
    orders, stores, weather : canonical tables

    Returns
    -------
    store, day, orders, amount, points (granted), wet, wet_before (of the day before; null where it
    is not known)
    """
    sold = orders.filter(_.store.notnull() & (_.status == "valid") & (_.amount >= 0)).mutate(
        day=_.ordered_at.date()
    )
    by_day = sold.group_by("store", "day").agg(
        orders=_.count(), amount=_.amount.sum(), points=_.points_granted.sum()
    )
    open_days = by_day.group_by("store").agg(opened=_.day.min(), closed=_.day.max())
    areas = stores.filter(_.area.notnull()).group_by("store").agg(area=_.area.min())
    by_area = (
        weather.group_by("area", "date")
        .agg(wet=is_wet(_.condition).any())
        .mutate(day=_.date.cast("date"))
    )
    yesterday = by_area.select(
        "area", wet_before="wet", day=(_.day + ibis.interval(days=1)).cast("date")
    )
    grid = (
        open_days.join(areas, "store")
        .join(by_area.select("area", "day", "wet"), "area")
        .filter(_.day.between(_.opened, _.closed))
        .left_join(yesterday, ["area", "day"])
        .select("store", "day", "wet", "wet_before")
    )
    joined = grid.left_join(by_day, ["store", "day"])
    return joined.select(
        "store",
        "day",
        "wet",
        "wet_before",
        orders=_.orders.fill_null(0),
        amount=_.amount.fill_null(0),
        points=_.points.fill_null(0),
    ).order_by("store", "day")


def rain_effect(frame: pd.DataFrame, interval: float) -> pd.DataFrame:
    """The table `weather_uplift`: orders on wet days relative to dry ones, by shop.

    Parameters
    ----------
    frame : the rows of `store_days`
    interval : probability of lower and upper

    Returns
    -------
    store (`all` for the typical one); days, wet_days, orders; change (relative, −0.2 for a fifth
    fewer), lower, upper (pooled over shops); own_change (unpooled), day_after (relative change of
    the day after rain, unpooled), dispersion. Shops with fewer than FEWEST_DAYS days or FEWEST_WET
    wet or dry ones are left out; `all` needs two shops.
    """
    rows = []
    for store, of in frame.dropna(subset=["wet_before"]).groupby("store", sort=True):
        wet = of.wet.to_numpy(bool)
        if len(of) < FEWEST_DAYS or min(wet.sum(), (~wet).sum()) < FEWEST_WET:
            continue
        fitted = log_linear(of.orders.to_numpy(float), _design(of))
        if fitted is None:
            continue
        rows.append({
            "store": store, "days": len(of), "wet_days": int(wet.sum()),
            "orders": int(of.orders.sum()), "log": fitted.coefficients[0],
            "error": fitted.errors[0], "own_change": np.expm1(fitted.coefficients[0]),
            "day_after": np.expm1(fitted.coefficients[1]), "dispersion": fitted.dispersion,
        })  # fmt: skip
    columns = ["store", "days", "wet_days", "orders", "change", "lower", "upper", "own_change",
               "day_after", "dispersion"]  # fmt: skip
    if not rows:
        return pd.DataFrame(columns=columns)
    found = pd.DataFrame(rows)
    if len(found) == 1:
        from scipy.special import ndtri

        half = ndtri((1 + interval) / 2) * found.error
        return found.assign(
            change=found.own_change, lower=np.expm1(found.log - half),
            upper=np.expm1(found.log + half),
        )[columns]  # fmt: skip
    pooled = pool(found.log, found.error, interval)
    found = found.assign(
        change=np.expm1(pooled.mean), lower=np.expm1(pooled.lower), upper=np.expm1(pooled.upper)
    )
    whole = {
        "store": ALL, "days": found.days.sum(), "wet_days": found.wet_days.sum(),
        "orders": found.orders.sum(), "change": np.expm1(pooled.centre),
        "lower": np.expm1(pooled.centre_lower), "upper": np.expm1(pooled.centre_upper),
    }  # fmt: skip
    return pd.concat([found[columns], pd.DataFrame([whole])], ignore_index=True)[columns]


def _design(of: pd.DataFrame) -> np.ndarray:
    """(n, k): wet, wet_before, intercept, weekdays but one, months but one."""
    day = pd.DatetimeIndex(of.day)
    weekday, month = np.asarray(day.dayofweek), np.asarray(day.year * 12 + day.month)
    columns = [of.wet.to_numpy(float), of.wet_before.to_numpy(float), np.ones(len(of))]
    columns += [(weekday == w).astype(float) for w in np.unique(weekday)[1:]]
    columns += [(month == m).astype(float) for m in np.unique(month)[1:]]
    return np.column_stack(columns)


@dataclass(frozen=True)
class Money:
    """What an order is worth: margin_rate of its amount; point_rate of its amount is given back in
    points as things are; value_per_point in the client's currency."""

    margin_rate: float
    point_rate: float
    value_per_point: float


def trigger(frame: pd.DataFrame, money: Money, rest_days: int = 0) -> pd.DataFrame:
    """The table `weather_trigger`: what the rule would have done in each shop.

    With points doubled, every order of the day costs its points once more, also those that would
    have come anyway; an order more brings its margin less twice its points. The rule pays where
    uplift ≥ c / (m − 2c), c the points' and m the margin's share of the amount.

    Parameters
    ----------
    frame : the rows of `store_days`
    money : what orders and points are worth
    rest_days : days the rule keeps still after it fired

    Returns
    -------
    store, fired (days), days, share_fired, last_fired; orders, value (amount of the days it
    fired), cost (of the second points on them, had nobody come more), needed_uplift (null where
    points eat the margin and no uplift would pay), needed_orders (more a fired day)
    """
    c, m = money.point_rate * money.value_per_point, money.margin_rate
    needed = c / (m - 2 * c) if m > 2 * c else float("nan")
    rows = []
    for store, of in frame.groupby("store", sort=True):
        fired = of[_fires(of, rest_days)]
        amount = float(fired.amount.sum())
        rows.append({
            "store": store, "fired": len(fired), "days": len(of),
            "share_fired": len(fired) / len(of),
            "last_fired": fired.day.max() if len(fired) else None,
            "orders": int(fired.orders.sum()), "value": amount, "cost": c * amount,
            "needed_uplift": needed,
            "needed_orders": needed * fired.orders.mean() if len(fired) else float("nan"),
        })  # fmt: skip
    return pd.DataFrame(rows)


def fired_days(frame: pd.DataFrame, rest_days: int = 0) -> pd.DataFrame:
    """store, day on which the rule would have fired, latest first."""
    parts = [of[_fires(of, rest_days)] for _store, of in frame.groupby("store", sort=True)]
    days = pd.concat(parts) if parts else frame.iloc[:0]
    return days[["store", "day", "orders", "amount"]].sort_values(
        ["day", "store"], ascending=[False, True], ignore_index=True
    )


def _fires(of: pd.DataFrame, rest_days: int) -> np.ndarray:
    wet = of.wet.to_numpy(bool)
    if rest_days == 0:
        return wet
    days = pd.DatetimeIndex(of.day).to_numpy().astype("datetime64[D]").astype(int)
    fires, last = np.zeros(len(of), bool), -np.inf
    for at in np.flatnonzero(wet):
        if days[at] - last > rest_days:
            fires[at], last = True, days[at]
    return fires


def point_rate(frame: pd.DataFrame) -> float:
    """Points granted per unit of amount at the tills; 0 where none are recorded."""
    amount = float(frame.amount.sum())
    return float(frame.points.sum()) / amount if amount else 0.0


def last_day(frame: pd.DataFrame) -> date | None:
    """The last day of `store_days`."""
    return frame.day.max() if len(frame) else None
