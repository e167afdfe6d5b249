"""定期フロー: from order n to order n + 1, counting only those who could have continued.

The rule. After each order comes a decision: the next order, or the end. The next order is expected
one cycle later and may be half a cycle late; until then nobody can say, so a decision counts (is
`at_risk`) once one and a half cycles have passed since its order. It counts by that day alone and
never by its outcome: counting an order n as soon as it is there, with its next order missing
because it is not due, is the naive share, which is far off while subscribers keep coming in.

An order that comes about two cycles later skipped a delivery, about three or more, paused. Who has
neither ordered nor ended is open: she may yet come, as many as those did that were watched for
longer (Aalen–Johansen by cycles). Without open decisions the rate is continued / at_risk. Intervals
are Jeffreys at the effective size; the unit is the subscription.
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from ibis import _
from scipy.special import ndtri

from joren.errors import JorenError
from joren.stats.arrays import Array
from joren.stats.incidence import CameBy, came_by

ALL = "all"
LONGEST = 6  # cycles without an order, after which an open subscription is held to have stopped
_KEY = ("source", "subscription_id")
_ENDS = ("voluntary", "payment", "other")


def decisions(subscriptions: ir.Table, orders: ir.Table, as_of: date) -> ir.Table:
    """One row per order of a subscription: what followed it, and after how many cycles.

    Orders are taken from the order table; a subscription without any there is taken to have had
    its told renewals on time. Where the first orders are older than the order table, numbers are
    counted from the start of the subscription.

    Parameters
    ----------
    subscriptions, orders : canonical tables
    as_of : last day, inclusive

    Returns
    -------
    source, subscription_id, product_id; order_number; outcome (continued, voluntary, payment,
    other; open while nothing followed); cycles (after how many it did; null while open); watched
    (whole cycles in which it could be seen, at most LONGEST); committed (the contract held her)
    """
    known = subscriptions.filter(_.started_at.date() <= as_of)
    sent = parcels(orders, as_of)
    rows = followed(known, sent, as_of)
    made = ibis.union(_from_orders(rows, sent), _by_plan(rows, as_of))
    return _with_outcome(made, as_of)


def subscription_flow(rows: ir.Table, interval: float) -> pd.DataFrame:
    """The table `subscription_flow`: every product's decisions by order number, and all together.

    Only counts leave the engine.

    Parameters
    ----------
    rows : from `decisions`
    interval : probability of every lower and upper

    Raises
    ------
    JorenError if a product bears the name of the whole

    Returns
    -------
    product_id (`all` for the whole), order_number; at_risk, continued, cancelled (= voluntary +
    payment + other), open_now; continuation_rate, lower, upper; skipped, paused (of the
    continued); committed (of at_risk); free_rate, free_lower, free_upper (of those not held by
    their contract); had_order, naive_rate (everybody who had the order, and the share with a
    next one); reached, reached_lower, reached_upper (share of new subscribers that reaches the
    order)
    """
    everything = ibis.union(rows, rows.mutate(product_id=ibis.literal(ALL)))
    if rows.filter(_.product_id == ALL).count().to_pyarrow().as_py():
        raise JorenError(
            f"a subscription product is called {ALL!r}, which names the whole",
            "canonical/subscriptions.product_id",
            "give it another product_id",
        )
    counted = (
        everything.group_by(
            "product_id", "order_number", "outcome", "cycles", "watched", "committed"
        )
        .agg(n=_.count())
        .order_by("product_id", "order_number", "outcome", "cycles", "watched", "committed")
    ).to_pandas()
    if not (counted.watched >= 1).any():
        return pd.DataFrame(columns=_COLUMNS)
    return _flow(counted, interval)


_COLUMNS = [
    "product_id", "order_number", "at_risk", "continued", "cancelled", "open_now",
    "continuation_rate", "lower", "upper", "skipped", "paused", "voluntary", "payment", "other",
    "committed", "free_rate", "free_lower", "free_upper", "had_order", "naive_rate", "reached",
    "reached_lower", "reached_upper",
]  # fmt: skip


def parcels(orders: ir.Table, as_of: date, *keep: str) -> ir.Table:
    """The days on which orders of subscriptions were placed; a returned order was one.

    Parameters
    ----------
    orders : canonical table
    as_of : last day, inclusive
    keep : further columns of the orders

    Returns
    -------
    source, subscription_id, day, and the columns kept; each combination once
    """
    return (
        orders.filter(
            _.subscription_id.notnull()
            & (_.status != "cancelled")
            & (_.amount >= 0)
            & (_.ordered_at.date() <= as_of)
        )
        .select("source", "subscription_id", *keep, day=_.ordered_at.date())
        .distinct()
    )


def followed(known: ir.Table, sent: ir.Table, as_of: date) -> ir.Table:
    """Subscriptions whose cycle can be told, with what was delivered of them.

    Parameters
    ----------
    known : canonical/subscriptions, begun by as-of
    sent : from `parcels`
    as_of : last day, inclusive

    Returns
    -------
    the subscriptions with first_on, last_on, seen (days of parcels, and how many; null without
    any), cycle (days, from 1), started_on, ended_on (null while the end has not come)
    """
    first = sent.group_by(*_KEY).agg(first_on=_.day.min(), last_on=_.day.max(), seen=_.count())
    rows = _with_cycle(known.left_join(first, _KEY).drop("source_right", "subscription_id_right"))
    return rows.mutate(started_on=_.started_at.date(), ended_on=_known_end(as_of))


def _with_cycle(rows: ir.Table) -> ir.Table:
    """The cycle as told, else the product's usual gap between orders; rows with neither go."""
    told = (_.cycle_days > 0).ifelse(_.cycle_days, ibis.null("int64"))
    gap = _.last_on.delta(_.first_on, unit="day") / (_.seen - 1).nullif(0)
    rows = rows.mutate(told=told, gap=gap)
    usual = ibis.coalesce(_.told.cast("float64"), _.gap).median().over(group_by="product_id")
    return rows.mutate(cycle=ibis.coalesce(_.told, usual.round().cast("int64"))).filter(
        _.cycle >= 1
    )


def _known_end(as_of: date) -> ir.Value:
    on = _.ended_at.date()
    return (on <= as_of).ifelse(on, ibis.null("date"))


_CARRIED = (
    *_KEY, "product_id", "cycle", "ended_on", "end_reason", "commitment_orders", "order_number",
    "day", "next_day",
)  # fmt: skip


def _from_orders(rows: ir.Table, parcels: ir.Table) -> ir.Table:
    in_order = ibis.window(group_by=list(_KEY), order_by="day")
    numbered = parcels.mutate(
        place=ibis.row_number().over(in_order) + 1, next_day=_.day.lead().over(in_order)
    )
    made = numbered.join(rows, _KEY)
    late = _cycles(made.first_on.delta(made.started_on, unit="day"), made.cycle)
    return made.mutate(order_number=made.place + ibis.greatest(late, 0)).select(*_CARRIED)


def _by_plan(rows: ir.Table, as_of: date) -> ir.Table:
    """The orders of subscriptions without any in the order table, as their renewals tell."""
    until = ibis.coalesce(_.ended_on, ibis.literal(as_of))
    rows = rows.filter(_.seen.isnull()).mutate(until=until)
    planned = (_.until.delta(_.started_on, unit="day") // _.cycle + 1).cast("int64")
    told = _.renewals.notnull().ifelse(ibis.least(_.renewals + 1, planned), ibis.null("int64"))
    rows = rows.mutate(made=ibis.greatest(ibis.coalesce(told, planned), 1))
    each = rows.mutate(order_number=ibis.range(1, rows.made + 1).unnest())
    return (
        each.mutate(
            day=_.started_on + ((_.order_number - 1) * _.cycle).as_interval("D"),
            next_day=(_.order_number < _.made).ifelse(
                _.started_on + (_.order_number * _.cycle).as_interval("D"), ibis.null("date")
            ),
        )
        .mutate(day=_.day.cast("date"), next_day=_.next_day.cast("date"))
        .select(*_CARRIED)
    )


def _cycles(days: ir.Value, cycle: ir.Value) -> ir.Value:
    """The nearest whole number of cycles."""
    return (days / cycle + 0.5).floor().cast("int64")


def _with_outcome(made: ir.Table, as_of: date) -> ir.Table:
    committed = (_.order_number < _.commitment_orders).fill_null(False)
    made = made.mutate(committed=committed, until=ibis.coalesce(_.next_day, _.ended_on))
    cause = ibis.cases(
        (_.next_day.notnull(), "continued"),
        (_.ended_on.isnull(), "open"),
        (_.end_reason == "payment", "payment"),
        ((_.end_reason == "other").fill_null(False) | _.committed, "other"),
        else_="voluntary",
    )
    cycles = ibis.greatest(_cycles(_.until.delta(_.day, unit="day"), _.cycle), 1)
    age = ibis.literal(as_of).delta(made.day, unit="day")
    watched = (age / made.cycle - 0.5).floor().cast("int64")
    return made.mutate(
        outcome=cause,
        # of a null and a number the engine's `greatest` takes the number
        cycles=_.until.isnull().ifelse(ibis.null("int64"), cycles),
        watched=ibis.least(ibis.greatest(watched, 0), LONGEST),
    ).select(*_KEY, "product_id", "order_number", "outcome", "cycles", "watched", "committed")


def _flow(counted: pd.DataFrame, interval: float) -> pd.DataFrame:
    key = ["product_id", "order_number"]
    counted = counted.assign(
        at_risk=counted.watched >= 1,
        settled=(counted.cycles <= counted.watched).fillna(False).astype(bool),
    )
    counted["came"] = counted.settled & (counted.outcome == "continued")
    counted["went"] = counted.settled & (counted.outcome != "continued")

    def number(of: pd.Series) -> pd.Series:
        return counted.n.where(of, 0).groupby([counted[k] for k in key]).sum()

    columns = {
        "had_order": number(counted.n > 0),
        "had_next": number(counted.outcome == "continued"),
        "at_risk": number(counted.at_risk),
        "continued": number(counted.came),
        "cancelled": number(counted.went),
        "skipped": number(counted.came & (counted.cycles == 2)),
        "paused": number(counted.came & (counted.cycles >= 3)),
        "committed": number(counted.at_risk & counted.committed),
    } | {end: number(counted.went & (counted.outcome == end)) for end in _ENDS}
    flow = pd.DataFrame(columns)
    flow = flow[flow.at_risk > 0]
    flow["open_now"] = flow.at_risk - flow.continued - flow.cancelled
    flow["naive_rate"] = flow.had_next / flow.had_order
    everybody = _came(counted, flow.index)
    flow["continuation_rate"] = everybody.share
    flow["lower"], flow["upper"] = everybody.interval(interval)
    free = _came(counted[~counted.committed], flow.index)
    flow["free_rate"] = free.share
    flow["free_lower"], flow["free_upper"] = free.interval(interval)
    flow = flow.assign(sure=everybody.n).reset_index()
    reached = [_reached(of, interval) for _product, of in flow.groupby("product_id", sort=False)]
    return pd.concat(reached)[_COLUMNS].reset_index(drop=True)


def _came(counted: pd.DataFrame, index: pd.MultiIndex) -> CameBy:
    """Share that continues within LONGEST cycles, for each product and order number."""
    place = index.get_indexer(pd.MultiIndex.from_frame(counted[["product_id", "order_number"]]))
    counts = {name: np.zeros((len(index), LONGEST)) for name in ("came", "gone", "censored")}
    at_risk = (counted.at_risk & (place >= 0)).to_numpy()
    kinds = np.select([counted.came, counted.went], ["came", "gone"], "censored")
    step = np.where(counted.settled, counted.cycles.fillna(1), counted.watched).astype(int) - 1
    for kind, table in counts.items():
        of = at_risk & (kinds == kind)
        np.add.at(table, (place[of], step[of]), counted.n.to_numpy()[of])
    return came_by(**counts)


def _reached(flow: pd.DataFrame, interval: float) -> pd.DataFrame:
    """Add the share of new subscribers that reaches each order, with Greenwood's interval.

    The interval is of ln(−ln(share)), so that it stays within 0 and 1. Order numbers nobody could
    be watched at break the chain: none beyond them is given.
    """
    whole = flow.order_number.to_numpy() == np.arange(1, len(flow) + 1)
    whole = np.logical_and.accumulate(whole)
    rate, n = flow.continuation_rate.to_numpy(float), flow.sure.to_numpy(float)
    share = np.concatenate([[1.0], rate.cumprod()[:-1]])
    variance = np.concatenate([[0.0], ((1 - rate) / np.maximum(rate * n, 1e-12)).cumsum()[:-1]])
    lower, upper = log_log_interval(share, variance, interval)
    columns = {"reached": share, "reached_lower": lower, "reached_upper": upper}
    return flow.assign(**{name: np.where(whole, value, np.nan) for name, value in columns.items()})


def log_log_interval(share: Array, variance: Array, interval: float) -> tuple[Array, Array]:
    """Interval of a survival share from the variance of its logarithm (Kalbfleisch & Prentice).

    Where the share is 0 or 1 nothing varies, and both ends are the share.
    """
    inside = (share > 0) & (share < 1)
    log = np.log(np.where(inside, share, 0.5))
    half = ndtri((1 + interval) / 2) * np.sqrt(variance) / np.abs(log)
    lower, upper = np.exp(log * np.exp(half)), np.exp(log * np.exp(-half))
    return np.where(inside, lower, share), np.where(inside, upper, share)
