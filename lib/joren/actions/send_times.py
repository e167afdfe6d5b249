"""The day and hour at which each customer is most often there, drawn towards her store's usual.

1. A moment counts where a customer did something herself online: an order without a store, a click,
   an open, a visit. Calls and tills tell when shops are open, not when she reads.
2. Her shares of weekdays (and of hours) are a Dirichlet's mean: her counts and `strength` moments
   spread like everybody's. The strength is what makes two moments of one customer fall together as
   often as they do (method of moments on pairs); where they do not do so clearly more often than
   anybody's, her own moments tell nothing and everybody's time is hers.
3. Below `LEAST` moments of her own, everybody's time is hers too.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt

import ibis
import ibis.expr.types as ir
from ibis import _
from ibis.backends.duckdb import Backend

from joren.engine import keep

LEAST = 5
CLEARLY = 3  # standard errors by which pairs of one customer must agree more often
SLOTS = {"weekday": 7, "hour": 24}
_NOT_READING = ("call", "pos", "store", "event")


@dataclass(frozen=True)
class SendTimes:
    """What is known of when customers are there.

    table : customer_id, weekday (1 Monday), hour, own, events, day_share, hour_share
    strength : weekday and hour → moments that everybody's distribution counts for
    usual : weekday and hour → everybody's most frequent
    moments, customers, own : moments seen, of how many customers, of whom so many go by their own
    """

    table: ir.Table
    strength: dict[str, float]
    usual: dict[str, int]
    moments: int
    customers: int
    own: int

    def hours_differ(self) -> bool:
        """Whether somebody has an hour of her own."""
        return bool(self.own) and self.strength["hour"] < inf


def moments(orders: ir.Table, events: ir.Table, identity_map: ir.Table) -> ir.Table:
    """When customers did something online.

    Returns
    -------
    customer_id, weekday, hour
    """
    bought = orders.filter(_.store.isnull() & (_.status == "valid") & _.subscription_id.isnull())
    seen = events.filter(~_.channel.fill_null("").isin(_NOT_READING))
    both = bought.select("source", "source_id", at="ordered_at").union(
        seen.select("source", "source_id", at="occurred_at")
    )
    owned = both.inner_join(identity_map, ["source", "source_id"])
    return owned.select(
        "customer_id",
        # a moment without its time of day is not midnight
        weekday=owned["at"].day_of_week.index() + 1,
        hour=(owned["at"] == owned["at"].truncate("D")).ifelse(
            ibis.null("int64"), owned["at"].hour().cast("int64")
        ),
    )


def send_times(con: Backend, seen: ir.Table) -> SendTimes | None:
    """Everybody's best day and hour.

    Parameters
    ----------
    seen : from `moments`

    Returns
    -------
    None where no moment is known with its hour
    """
    seen = keep(con, "send_moments", seen.filter(_.hour.notnull()))
    totals = seen.agg(moments=_.count(), customers=_.customer_id.nunique()).to_pyarrow()
    told = totals.to_pylist()[0]
    if not told["moments"]:
        return None
    best, strength, usual = {}, {}, {}
    for slot in SLOTS:
        strength[slot] = pair_strength(seen, slot)
        shares = _everybody(seen, slot)
        usual[slot] = max(shares, key=lambda at: (shares[at], -at))
        best[slot] = keep(con, f"best_{slot}", _best(seen, slot, shares, strength[slot]))
    hours = best["hour"].select("customer_id", "hour", hour_share="share", by_hour="own")
    joined = best["weekday"].inner_join(hours, "customer_id")
    table = joined.select(
        "customer_id", "weekday", "hour", "events", "hour_share",
        own=joined.own | joined.by_hour, day_share=joined.share,
    )  # fmt: skip
    own = table.own.sum().to_pyarrow().as_py() or 0
    return SendTimes(table, strength, usual, told["moments"], told["customers"], int(own))


def pair_strength(seen: ir.Table, slot: str) -> float:
    """Concentration of the Dirichlet from pairs of moments.

    Two moments of one customer share a slot with chance (1 + K s) / (1 + K), where s is the chance
    that two of different customers do.

    Returns
    -------
    K, infinite where pairs of one customer do not agree clearly more often than others'
    """
    of_slot = seen.group_by("customer_id", slot).agg(n=_.count())
    of_one = of_slot.group_by("customer_id").agg(n=_.n.sum(), same=(_.n * (_.n - 1)).sum())
    pairs = of_one.agg(same=_.same.sum(), all=(_.n * (_.n - 1)).sum(), n=_.n.sum())
    within = pairs.to_pyarrow().to_pylist()[0]
    if not within["all"]:
        return inf
    shares = _everybody(seen, slot)
    apart = sum(share**2 for share in shares.values())
    pairs = int(within["all"]) / 2
    together = int(within["same"]) / 2 / pairs
    chance = sqrt(apart * (1 - apart) / pairs)  # of so many pairs of different customers
    if together - apart <= CLEARLY * chance:
        return inf
    return (1 - together) / (together - apart)


def _everybody(seen: ir.Table, slot: str) -> dict[int, float]:
    rows = seen.group_by(slot).agg(n=_.count()).order_by(slot).to_pyarrow().to_pylist()
    total = sum(row["n"] for row in rows)
    return {int(row[slot]): row["n"] / total for row in rows}


def _best(seen: ir.Table, slot: str, shares: dict[int, float], strength: float) -> ir.Table:
    people = seen.group_by("customer_id").agg(events=_.count())
    counted = seen.group_by("customer_id", slot).agg(n=_.count())
    usual = ibis.memtable({slot: list(shares), "prior": list(shares.values())})
    grid = people.cross_join(usual).left_join(counted, ["customer_id", slot])
    n, events = grid.n.fill_null(0), grid.events
    if strength == inf:
        share, own = grid.prior, ibis.literal(False)
    else:
        own = events >= LEAST
        share = own.ifelse((n + strength * grid.prior) / (events + strength), grid.prior)
    rows = grid.select("customer_id", "events", slot, share=share, own=own)
    order = [rows.share.desc(), rows[slot]]
    return rows.group_by("customer_id").agg(
        **{slot: rows[slot].first(order_by=order)},
        share=rows.share.max(),
        events=rows.events.max().cast("int64"),
        own=rows.own.any(),
    )
