"""All lists of the playbook, drawn together beside what earlier steps of the run have drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from joren.actions.candidates import calls_of
from joren.actions.playbook import Play, list_plans
from joren.engine import keep
from joren.lists.contact_cap import places_taken
from joren.lists.draw import HELD_OUT, LISTED, OVER_CAP, draw_lists
from joren.lists.hold_out import with_members
from joren.params_actions import Actions
from joren.params_lists import Lists
from joren.working_days import working_days_after


@dataclass(frozen=True)
class Known:
    """What the draw has to respect.

    reachable : customer_id, channel; from `lists.consent.reachable`
    sent : customer_id, contacts; from `lists.contact_cap.contacts_sent`
    arms : from `lists.hold_out.earlier_arms`, None while nothing was published
    members : table list_members: what the run has drawn already
    """

    reachable: ir.Table
    sent: ir.Table
    arms: ir.Table | None
    members: ir.Table


def draw(
    con: Backend,
    plays: Sequence[Play],
    candidates: ir.Table,
    known: Known,
    lists: Lists,
    rules: Actions,
    seed: int,
    as_of: date,
) -> ir.Table:
    """Where everybody considered stands: consent, contact cap over all lists of the run, hold-out.

    A customer is on at most `rules.lists_a_customer` of these lists, so that who is held out of one
    is not sent another, and one test does not blur the next.

    Parameters
    ----------
    candidates : from `candidates.candidates`

    Returns
    -------
    the columns of `lists.draw.draw_lists`, `other_list` (over the cap only because lists before
    took her places), `place` (within her list, most valuable first; of who
    is listed or held out, else null) and `due_at`: the end of the day she is to be contacted by,
    for calls the working day her turn comes
    """
    sent = known.sent.union(places_taken(known.members))
    # a customer's places are what the cap leaves, and no more than a run may take
    spare = max(lists.max_contacts - rules.lists_a_customer, 0)
    places = min(lists.max_contacts, rules.lists_a_customer)
    sent = sent.group_by("customer_id").agg(contacts=ibis._.contacts.sum())
    sent = sent.mutate(contacts=ibis.greatest(sent.contacts - spare, 0).cast("int64"))
    arms = with_members(known.arms, known.members)
    drawn = draw_lists(
        con, list_plans(list(plays), as_of), candidates, known.reachable, sent, arms,
        places, seed,
    )  # fmt: skip
    chosen = drawn.standing.isin([HELD_OUT, LISTED])
    order = [drawn.value.fill_null(-1.0).desc(), drawn.customer_id]
    place = ibis.row_number().over(group_by=[drawn.list_id, chosen], order_by=order) + 1
    drawn = drawn.mutate(
        place=chosen.ifelse(place, ibis.null("int64")).cast("int64"),
        other_list=(drawn.standing == OVER_CAP) & (drawn.contacts_before < places),
    )
    return keep(con, "actions_drawn", drawn.mutate(due_at=_due_at(drawn, plays, rules, as_of)))


def _due_at(
    drawn: ir.Table, plays: Sequence[Play], rules: Actions, as_of: date
) -> ir.TimestampValue:
    """The end of the day she is to be contacted by; held out, too: as if contacted, she has one."""
    by = as_of + timedelta(days=rules.due_days)
    called = {p.list_id(as_of): _calls_a_day(p, rules) for p in plays if p.calls_share is not None}
    due = ibis.literal(_end_of(by)).cast("timestamp(6)")
    if called:
        # calls are worked off a working day's share at a time
        a_day = drawn.list_id.cases(*called.items(), else_=ibis.null("float64"))
        turn = ((drawn.place - 1) / a_day).floor().cast("int64")
        last = rules.calls.days - 1
        days = working_days_after(as_of, last + 1, rules.calls.country, rules.calls.weekdays)
        ends = ibis.array([ibis.literal(_end_of(day)).cast("timestamp(6)") for day in days])
        due = a_day.notnull().ifelse(ends[ibis.least(turn, last)], due)
    return drawn.place.notnull().ifelse(due, ibis.null("timestamp(6)"))


def _calls_a_day(play: Play, rules: Actions) -> float:
    turns = calls_of(play, rules.calls) / max(1.0 - play.hold_out, 0.001) / rules.calls.days
    return max(turns, 1.0)


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time())
