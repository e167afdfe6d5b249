"""Who is held out of a campaign: a stratified draw that anybody can repeat.

1. Every customer has a number in [0, 1) for each campaign: a hash of seed, campaign and customer.
   It knows nothing of the rows' order and of other campaigns.
2. New people of a campaign are put in order by stratum and number, and every 1/share-th is held
   out, from a random start on (systematic sampling): each with probability `share` exactly, and in
   every stratum its share of people, rounded up or down.
3. Who has an arm keeps it: the log `list_assignments` outlives runs, and follows merges.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import ibis
import ibis.expr.types as ir
from ibis import _

from joren.merged_ids import todays_ids

ASSIGNMENTS = "list_assignments"
CONTROL, TREAT = "control", "treat"
_HEX_DIGITS = 13  # 52 bits: exact in a double
_UNITS = 1_000_000


def uniform(customer_id: ir.StringValue, campaign_id: ir.StringValue, seed: int, use: str = ""):
    """A number in [0, 1) that is a function of seed, campaign and customer only.

    Parameters
    ----------
    use : sets numbers for different uses apart
    """
    text = ibis.literal(f"{seed}\n{use}\n") + campaign_id + "\n" + customer_id
    digits = ibis.literal("0x") + text.hexdigest("sha256")[:_HEX_DIGITS]
    return digits.cast("int64").cast("float64") / float(16**_HEX_DIGITS)


def draw_arms(
    people: ir.Table, earlier: ir.Table | None, shares: Mapping[str, float], seed: int
) -> ir.Table:
    """The arm of each person of each campaign.

    Parameters
    ----------
    people : campaign_id, customer_id (unique together), stratum
    earlier : campaign_id, customer_id, arm, where somebody has one; see `earlier_arms` and
        `with_members`. Of two arms of a person control stays: what was promised not to be sent is
        not sent
    shares : campaign → share held out, 0..1, to the millionth
    seed : the client's

    Returns
    -------
    campaign_id, customer_id, arm
    """
    key = ["campaign_id", "customer_id"]
    kept = None
    if earlier is not None:
        arm = (earlier.arm == CONTROL).any().ifelse(CONTROL, TREAT)
        kept = people.inner_join(earlier.group_by(key).agg(arm=arm), key).select(*key, "arm")
        people = people.anti_join(earlier, key)
    number = uniform(people.customer_id, people.campaign_id, seed)
    people = people.mutate(
        number=number, start=uniform(people.customer_id, people.campaign_id, seed, "start")
    )
    order = [people.stratum, people.number, people.customer_id]
    placed = people.mutate(
        place=ibis.row_number().over(group_by=people.campaign_id, order_by=order),
        first=people.start.first().over(group_by=people.campaign_id, order_by=order),
    )
    # whole millionths: sums of floats would hold out one more or less
    units = [(campaign, round(share * _UNITS)) for campaign, share in shares.items()]
    step = placed.campaign_id.cases(*units, else_=0).cast("int64")
    start = (placed["first"] * _UNITS).floor().cast("int64")
    until = start + placed.place * step
    held = (until + step) // _UNITS > until // _UNITS
    drawn = placed.select(*key, arm=held.ifelse(CONTROL, TREAT))
    return drawn if kept is None else kept.union(drawn)


def earlier_arms(
    log: ir.Table | None, history: ir.Table, identity_map: ir.Table
) -> ir.Table | None:
    """The arms people have from lists of earlier runs, by today's IDs; a merge may leave two.

    Parameters
    ----------
    log : state log `list_assignments`, None while nothing was published
    history : identity_history
    """
    if log is None:
        return None
    ids = todays_ids(log, history, identity_map).filter(_.today.notnull())
    named = log.select("campaign_id", "customer_id", "arm").inner_join(ids, "customer_id")
    return named.drop("customer_id").rename(customer_id="today")


def with_members(earlier: ir.Table | None, members: ir.Table) -> ir.Table:
    """Add the arms that a step drew earlier in this run.

    Parameters
    ----------
    earlier : from `earlier_arms`
    members : table list_members
    """
    key = ["campaign_id", "customer_id", "arm"]
    drawn = members.filter(members.arm.notnull()).select(key)
    return drawn if earlier is None else earlier.select(key).union(drawn)


def new_assignments(members: ir.Table, log: ir.Table | None, moment: datetime) -> ir.Table:
    """Rows to append to `list_assignments`: a list drawn twice for one day adds nobody twice.

    Parameters
    ----------
    members : from `draw.draw_lists`
    log : the state log as it stands
    moment : the lists', local time

    Returns
    -------
    list_id, campaign_id, customer_id, arm, stratum, channel, assigned_at, planned_share
    """
    drawn = members.filter(members.arm.notnull())
    if log is not None:
        drawn = drawn.anti_join(log, ["list_id", "customer_id"])
    return drawn.select(
        "list_id", "campaign_id", "customer_id", "arm", "stratum", "channel",
        assigned_at=ibis.literal(moment).cast("timestamp(6)"), planned_share="hold_out",
    )  # fmt: skip
