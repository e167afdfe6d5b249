"""Who is considered for which list: conditions, one letter a household, calls that can be made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from math import floor

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from joren.actions.conditions import holds
from joren.actions.playbook import Play
from joren.engine import keep
from joren.params_actions import Calls


def candidates(
    con: Backend,
    plays: Sequence[Play],
    facts: ir.Table,
    letters: Mapping[str, ir.Table],
    reachable: ir.Table,
    calls: Calls,
    named: Mapping[str, float],
    as_of: date,
) -> ir.Table:
    """Everybody who meets the conditions of a list.

    A household is considered for one letter of all (`one_letter`). Of those who can be called the
    most valuable qualify, as many as the calls suffice for once the hold-out is drawn.

    Parameters
    ----------
    facts : from `facts.facts`
    letters : from `one_letter`
    reachable : customer_id, channel
    named : parameter → value, for conditions that name one

    Returns
    -------
    list_id, customer_id, qualifies, stratum (her rank, for the hold-out draw), value (at stake, in
    currency, null where not known), value_lower, value_upper, value_sd (null where the interval is
    not a predictive one)
    """
    parts = []
    for play in plays:
        met = letters.get(play.id)
        if met is None:
            met = facts.filter(holds(facts, play.when, named))
        parts.append(_as_candidates(met, play, reachable, calls, as_of))
    return keep(con, "action_candidates", ibis.union(*parts) if len(parts) > 1 else parts[0])


def one_letter(
    con: Backend,
    plays: Sequence[Play],
    facts: ir.Table,
    reachable: ir.Table,
    named: Mapping[str, float],
) -> dict[str, ir.Table]:
    """Who is considered for each list of letters, so that no household gets two of a run.

    It is that of the first list any of hers who can be written to is on, and there the most
    valuable. Whether the first letter is then sent or held out, the household gets no other, so
    that both arms of it are treated alike.

    Returns
    -------
    play's ID → its facts of `facts`, in the playbook's order
    """
    written_to = reachable.filter(reachable.channel == "dm").select("customer_id")
    taken: ir.Table | None = None
    found: dict[str, ir.Table] = {}
    for play in plays:
        if "dm" not in play.channels:
            continue
        met = facts.filter(holds(facts, play.when, named))
        first = one_a_household(met.semi_join(written_to, "customer_id"), play.at_stake)
        first = first.mutate(home=_home(first))
        if taken is not None:
            first = first.anti_join(taken, "home")
        first = keep(con, f"letters_{play.id}", first)
        homes = first.select("home")
        taken = homes if taken is None else taken.union(homes)
        found[play.id] = first.drop("home").union(met.anti_join(written_to, "customer_id"))
    return found


def one_a_household(met: ir.Table, value: str) -> ir.Table:
    """Leave of every household who is worth most.

    Parameters
    ----------
    met : facts of who can be written to
    value : column of what she is worth
    """
    place = ibis.row_number().over(
        group_by=_home(met), order_by=[met[value].fill_null(0.0).desc(), met.customer_id]
    )
    return met.mutate(place=place).filter(ibis._.place == 0).drop("place")


def _home(facts: ir.Table) -> ir.StringValue:
    return facts.household_id.fill_null(facts.customer_id)


def doubled(play: Play, facts: ir.Table, left: ir.Table, named: Mapping[str, float]) -> int:
    """How many are left out of a letter's list because their household gets one already.

    Parameters
    ----------
    left : the list's facts of `one_letter`
    """
    met = facts.filter(holds(facts, play.when, named))
    counted = met.count().as_scalar() - left.count().as_scalar()
    return int(ibis.memtable({"one": [1]}).select(n=counted).to_pyarrow()["n"][0].as_py())


def calls_of(play: Play, calls: Calls) -> int:
    """The calls of a list until the next one is drawn."""
    return floor(calls.seats * calls.calls_a_day * calls.days * (play.calls_share or 0.0))


def callable_customers(play: Play, calls: Calls) -> int:
    """How many may qualify, so that the calls suffice for those not held out."""
    return floor(calls_of(play, calls) / (1 - play.hold_out)) if play.hold_out < 1 else 0


def _as_candidates(
    met: ir.Table, play: Play, reachable: ir.Table, calls: Calls, as_of: date
) -> ir.Table:
    value = met[play.at_stake]
    qualifies: ir.BooleanValue = ibis.literal(True)
    if play.calls_share is not None:
        phones = reachable.filter(reachable.channel == "call").select("customer_id", phone=True)
        met = met.left_join(phones, "customer_id").drop("customer_id_right")
        value = met[play.at_stake]
        has_phone = met.phone.fill_null(False)
        place = ibis.row_number().over(
            group_by=has_phone, order_by=[value.fill_null(-1.0).desc(), met.customer_id]
        )
        qualifies = ~has_phone | (place < callable_customers(play, calls))
    sd = met.ltv_365d_sd if play.at_stake == "ltv_365d" else ibis.null("float64")
    return met.select(
        "customer_id",
        list_id=ibis.literal(play.list_id(as_of)),
        qualifies=qualifies,
        stratum=met["rank"].fill_null("none"),
        value=value.cast("float64"),
        value_lower=met[f"{play.at_stake}_lower"].cast("float64"),
        value_upper=met[f"{play.at_stake}_upper"].cast("float64"),
        value_sd=sd.cast("float64"),
    )
