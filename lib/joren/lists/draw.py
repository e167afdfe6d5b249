"""Lists of a run, drawn together: consent, contact cap and hold-out, in this order.

All lists are drawn at once, so that the cap knows the lists of higher priority and a person held
out of a campaign is held out of every list of it. What earlier steps of a run have drawn comes in
as contacts (`contact_cap.places_taken`) and as arms.
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from joren.engine import keep
from joren.lists.contact_cap import allot_places
from joren.lists.hold_out import CONTROL, draw_arms
from joren.lists.plan import ListPlan, check_plans

BELOW, NO_CONSENT, OVER_CAP = "below_threshold", "no_consent", "over_cap"
HELD_OUT, LISTED = "held_out", "listed"
STANDINGS = (BELOW, NO_CONSENT, OVER_CAP, HELD_OUT, LISTED)


def draw_lists(
    con: Backend,
    plans: Sequence[ListPlan],
    candidates: ir.Table,
    reachable: ir.Table,
    sent: ir.Table,
    earlier: ir.Table | None,
    max_contacts: int,
    seed: int,
) -> ir.Table:
    """Where everybody considered for the lists of a run stands.

    Parameters
    ----------
    plans : the lists
    candidates : list_id, customer_id (unique together), qualifies, stratum (of the hold-out draw,
        balanced within channels), and other columns
    reachable : customer_id, channel; from `consent.reachable`
    sent : customer_id, contacts; from `contact_cap`
    earlier : arms given before; from `hold_out.earlier_arms`
    max_contacts : a customer's contacts over all channels within the cap's days
    seed : the client's

    Returns
    -------
    candidates with what the plan says (campaign_id, action, reason, priority, hold_out), channel
    (the first choice open to her; null without one), contacts_before, arm (null for who is not
    reached), standing (of `STANDINGS`)

    Raises
    ------
    JorenError if plans contradict each other
    """
    check_plans(plans)
    known = _with_plans(candidates, plans)
    known = keep(con, "list_candidates", _with_channels(known, reachable, plans))
    open_to = known.filter(known.qualifies & known.channel.notnull())
    allotted = allot_places(open_to, sent, max_contacts)
    placed = keep(
        con,
        "list_places",
        allotted.select("list_id", "customer_id", "contacts_before", "within_cap"),
    )
    reached = known.inner_join(placed.filter(placed.within_cap), ["list_id", "customer_id"])
    shares = {plan.campaign_id: plan.hold_out for plan in plans}
    arms = keep(con, "list_arms", draw_arms(_people(reached), earlier, shares, seed))
    return keep(con, "list_drawn", _with_standing(known, placed, arms))


def _with_plans(candidates: ir.Table, plans: Sequence[ListPlan]) -> ir.Table:
    def said(name: str, kind: str) -> ir.Value:
        values = [(plan.list_id, getattr(plan, name)) for plan in plans]
        return candidates.list_id.cases(*values, else_=None).cast(kind)

    return candidates.mutate(
        **{name: said(name, "string") for name in ("campaign_id", "action", "reason")},
        priority=said("priority", "int64"),
        hold_out=said("hold_out", "float64"),
    )


def _with_channels(known: ir.Table, reachable: ir.Table, plans: Sequence[ListPlan]) -> ir.Table:
    order = ibis.memtable({
        "list_id": [plan.list_id for plan in plans for _channel in plan.channels],
        "channel": [channel for plan in plans for channel in plan.channels],
        "choice": [choice for plan in plans for choice, _channel in enumerate(plan.channels)],
    })  # fmt: skip
    asked = known.select("list_id", "customer_id").inner_join(order, "list_id")
    asked = asked.inner_join(reachable.select("customer_id", "channel"), ["customer_id", "channel"])
    best = asked.group_by(["list_id", "customer_id"]).agg(
        channel=asked.channel.argmin(asked.choice)
    )
    joined = known.left_join(best, ["list_id", "customer_id"])
    return joined.drop("list_id_right", "customer_id_right")


def _people(reached: ir.Table) -> ir.Table:
    """A row a person and campaign; on several lists of it, the stratum is that of the first."""
    first = [reached.priority, reached.list_id]
    within = reached.channel + "/" + reached.stratum
    return reached.group_by(["campaign_id", "customer_id"]).agg(
        stratum=within.first(order_by=first)
    )


def _with_standing(known: ir.Table, placed: ir.Table, arms: ir.Table) -> ir.Table:
    joined = known.left_join(placed, ["list_id", "customer_id"])
    joined = joined.drop("list_id_right", "customer_id_right")
    armed = joined.left_join(arms, ["campaign_id", "customer_id"])
    armed = armed.drop("campaign_id_right", "customer_id_right")
    reached = armed.within_cap.fill_null(False)
    arm = reached.ifelse(armed.arm, ibis.null("string"))
    standing = ibis.cases(
        (~armed.qualifies, BELOW),
        (armed.channel.isnull(), NO_CONSENT),
        (~reached, OVER_CAP),
        (arm == CONTROL, HELD_OUT),
        else_=LISTED,
    )
    return armed.mutate(arm=arm, standing=standing).drop("within_cap")
