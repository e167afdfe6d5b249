"""The expiry cliff: who loses how many points when, and who is about to.

A lot is valid in the half-open [from, expires): what expires at midnight was last valid on the day
before, and that day is the one it lapses on. All moments are local time. Nothing is estimated: what
customers will still use of these points is the subject of the liability.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from joren.lists.addressing import address_on
from joren.lists.draw import LISTED
from joren.lists.labels import labelled
from joren.lists.plan import ListPlan

DAYS_SHOWN = 90
CAMPAIGN = "expiring_points"
# column → text key of its header, in the order of the file
EXPORT_COLUMNS = {
    name: f"lists.column.{name}"
    for name in (
        "list_id", "campaign_id", "customer_id", "full_name", "channel", "address", "points",
        "last_valid_on",
    )
}  # fmt: skip
_HOUR = 3600 * 10**6  # microseconds


@dataclass(frozen=True)
class Concentration:
    """How points are spread over the people who hold them: the top tenth, and its share."""

    people: int
    top: int
    share: float


@dataclass(frozen=True)
class NextList:
    """The first later day at whose end somebody would be on the list, if nothing were used."""

    as_of: date
    people: int
    points: int


def end_of(as_of: date) -> datetime:
    """The midnight that ends the day."""
    return datetime.combine(as_of + timedelta(days=1), time())


def lapsing(lots: ir.Table, moment: datetime) -> ir.Table:
    """Lots that hold points which can still be used, and when they lapse.

    Parameters
    ----------
    lots : table point_lots
    moment : from it on; what expires at it has lapsed

    Returns
    -------
    customer_id (null: of an account nobody is known for), points, expires_at (null: never),
    lapses_on (last valid day)
    """
    open_lots = lots.filter(
        lots.points_remaining > 0, lots.expires_at.isnull() | (lots.expires_at > moment)
    )
    last_valid = open_lots.expires_at - ibis.interval(microseconds=1)
    return open_lots.select(
        "customer_id", "expires_at", points="points_remaining", lapses_on=last_valid.date()
    )


def expiry_cliff(lots: ir.Table, as_of: date) -> pd.DataFrame:
    """Table `expiry_cliff`: points by the day they lapse on for 90 days, by month afterwards.

    Returns
    -------
    grain (day, month), starts_on, ends_on (both included), points, customers; without gaps up to
    the last month in which points lapse
    """
    held = lapsing(lots, end_of(as_of)).filter(_.expires_at.notnull())
    last_day = as_of + timedelta(days=DAYS_SHOWN)
    soon = held.lapses_on <= last_day
    start = soon.ifelse(held.lapses_on, held.lapses_on.truncate("M"))
    counted = (
        held.group_by(grain=soon.ifelse("day", "month"), starts_on=start)
        .agg(points=held.points.sum(), customers=held.customer_id.nunique())
        .to_pandas()
    )
    return _without_gaps(counted, as_of + timedelta(days=1), last_day)


def _without_gaps(counted: pd.DataFrame, first_day: date, last_day: date) -> pd.DataFrame:
    counted = counted.assign(starts_on=pd.to_datetime(counted.starts_on))
    by_grain = counted.set_index(["grain", "starts_on"])[["points", "customers"]]
    days = pd.date_range(first_day, last_day, freq="D")
    after = pd.DatetimeIndex([])
    if len(months := counted.starts_on[counted.grain == "month"]):
        first_month = pd.Timestamp(last_day + timedelta(days=1)).replace(day=1)
        after = pd.date_range(first_month, months.max(), freq="MS")
    index = pd.MultiIndex.from_tuples(
        [("day", day) for day in days] + [("month", month) for month in after],
        names=["grain", "starts_on"],
    )
    filled = by_grain.reindex(index, fill_value=0).astype("int64").reset_index()
    is_month = filled.grain == "month"
    ends_on = filled.starts_on.where(~is_month, filled.starts_on + pd.offsets.MonthEnd(0))
    # the first month is what the days have left of it
    starts_on = filled.starts_on.clip(lower=pd.Timestamp(last_day + timedelta(days=1)))
    filled["starts_on"] = filled.starts_on.where(~is_month, starts_on).dt.date
    filled["ends_on"] = ends_on.dt.date
    return filled[["grain", "starts_on", "ends_on", "points", "customers"]]


def expiring_customers(
    lots: ir.Table, moment: datetime, within_hours: int, min_points: int, list_id: str
) -> ir.Table:
    """Customers who lose points within some hours, summed over their accounts.

    A moment of expiry t counts where moment < t <= moment + hours: at `moment` itself the points
    are gone, and what expires at the end of the hours can be used to the last instant before it.

    Returns
    -------
    list_id, customer_id, points, due_at (the first expiry), last_valid_on (the day before which
    the first of them must be used, included), qualifies (points >= min_points), stratum (points in
    doublings of min_points, for the hold-out draw)
    """
    until = moment + timedelta(hours=within_hours)
    soon = _owned(lapsing(lots, moment)).filter(_.expires_at <= until)
    held = soon.group_by("customer_id").agg(
        points=soon.points.sum().cast("int64"),
        due_at=soon.expires_at.min(),
        last_valid_on=soon.lapses_on.min(),
    )
    doublings = (held.points >= 2 * min_points).cast("int64") + (
        held.points >= 4 * min_points
    ).cast("int64")
    return held.mutate(
        list_id=ibis.literal(list_id),
        qualifies=held.points >= min_points,
        stratum=doublings.cast("string"),
    )


def next_list(lots: ir.Table, as_of: date, within_hours: int, min_points: int) -> NextList | None:
    """The next day whose list would have members, on today's balances; None if no day would.

    Day k later sees what expires in (end of that day, that + hours].
    """
    moment = end_of(as_of)
    held = _owned(lapsing(lots, moment)).filter(_.expires_at.notnull())
    ahead = held.expires_at.epoch_seconds().cast("int64") * 10**6
    ahead = ahead + held.expires_at.microsecond() - _microseconds(moment)
    day = 24 * _HOUR
    # integer ceilings; a lot is seen from the first day within the hours to the last before expiry
    first = ibis.greatest((ahead - within_hours * _HOUR + day - 1) // day, 1)
    last = (ahead + day - 1) // day - 1
    seen = held.mutate(first=first, last=last).filter(_["last"] >= _["first"])
    seen = seen.select(
        "customer_id", "points", day=ibis.range(seen["first"], seen["last"] + 1).unnest()
    )
    people = seen.group_by(["day", "customer_id"]).agg(points=seen.points.sum())
    people = people.filter(people.points >= min_points)
    days = people.group_by("day").agg(people=people.count(), points=people.points.sum())
    rows = days.order_by("day").limit(1).to_pyarrow().to_pylist()
    if not rows:
        return None
    found = rows[0]
    return NextList(as_of + timedelta(days=found["day"]), found["people"], int(found["points"]))


def concentration(lots: ir.Table, as_of: date) -> Concentration:
    """The tenth of the people with most points to lose within 90 days, and its share of them."""
    last_day = as_of + timedelta(days=DAYS_SHOWN)
    soon = _owned(lapsing(lots, end_of(as_of))).filter(_.lapses_on <= last_day)
    held = soon.group_by("customer_id").agg(points=soon.points.sum())
    place = ibis.row_number().over(order_by=[held.points.desc(), held.customer_id])
    placed = held.mutate(place=place, people=held.count().over())
    top = placed.place < (placed.people / 10).ceil()
    found = placed.agg(
        people=placed.count(), top=top.sum(), points=placed.points.sum(),
        of_top=placed.points.sum(where=top),
    ).to_pyarrow().to_pylist()[0]  # fmt: skip
    if not found["people"]:
        return Concentration(0, 0, 0.0)
    return Concentration(found["people"], found["top"], int(found["of_top"]) / int(found["points"]))


def totals(lots: ir.Table, as_of: date) -> dict[str, int]:
    """Points that can still be used, those that never lapse, those nobody is known for; holders."""
    held = lapsing(lots, end_of(as_of))
    found = held.agg(
        outstanding=held.points.sum(),
        never=held.points.sum(where=held.expires_at.isnull()),
        unowned=held.points.sum(where=held.customer_id.isnull()),
        customers=held.customer_id.nunique(),
    )
    return {name: int(value or 0) for name, value in found.to_pyarrow().to_pylist()[0].items()}


def _owned(lots: ir.Table) -> ir.Table:
    return lots.filter(lots.customer_id.notnull())


def _microseconds(moment: datetime) -> int:
    return int((moment - datetime(1970, 1, 1)) // timedelta(microseconds=1))


def list_plan(as_of: date, channels: Sequence[str], hold_out: float) -> ListPlan:
    """The list of expiring points of a day; all days' lists are one campaign with one control arm.

    Parameters
    ----------
    channels : the first choice first; a letter does not arrive within hours
    """
    return ListPlan(
        f"{CAMPAIGN}-{as_of:%Y%m%d}", CAMPAIGN, "remind_of_points", "lists.reason.expiring",
        tuple(channels), hold_out,
    )  # fmt: skip


def export_rows(drawn: ir.Table, addresses: ir.Table, language: str) -> ir.Table:
    """The rows of the file: who is listed, and the one address her channel needs.

    Parameters
    ----------
    drawn : from `lists.draw.draw_lists`
    addresses : from `lists.addressing.addresses`
    language : of the channel's name

    Returns
    -------
    the columns of `EXPORT_COLUMNS`, the soonest and largest first
    """
    listed = drawn.filter(drawn.standing == LISTED).inner_join(addresses, "customer_id")
    listed = listed.order_by(listed.due_at, listed.points.desc(), listed.customer_id)
    named = listed.mutate(
        to=address_on(listed.channel, listed),
        channel=labelled(listed.channel, "actions.channel", language),
    )
    return named.drop("address").rename(address="to").select(*EXPORT_COLUMNS)


def list_sentence(
    counts: Mapping[str, int], lots: ir.Table, as_of: date, hours: int, least: int
) -> tuple[str, dict[str, Any]]:
    """Which sentence says what became of the list, and its facts.

    Parameters
    ----------
    counts : the list's row of `list_account`
    """
    qualified = int(counts["considered"] - counts["below_threshold"])
    facts = {"n": int(counts["considered"]), "hours": hours, "least": least}
    if qualified:
        value, held = int(counts["listed"]), int(counts["held_out"])
        return "expiry.listed", facts | {"value": value, "qualified": qualified, "held": held}
    later = next_list(lots, as_of, hours, least)
    if later is None:
        return "expiry.nobody.never", facts | {"value": 0}
    ahead = {"next": later.as_of, "people": later.people, "points": later.points}
    return "expiry.nobody.later", facts | ahead | {"value": 0}
