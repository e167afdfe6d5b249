"""Customers as the playbook sees them, and lists drawn of them."""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis.expr.types as ir
from ibis.backends.duckdb import Backend
from tests.lists.handmade import plain, rows_of

from joren.actions.candidates import candidates, one_letter
from joren.actions.drawing import Known, draw
from joren.actions.playbook import Play
from joren.params_actions import Actions
from joren.params_lists import Lists

AS_OF = date(2026, 3, 31)
FACTS = {
    "customer_id": "string", "household_id": "string", "known_days": "int64",
    "purchases": "int64", "tenure_days": "int64", "silent_days": "int64", "cycle_days": "float64",
    "overdue_ratio": "float64", "status": "string", "rank": "string",
    "past_value": "decimal(18, 4)",
    "ltv_365d": "float64", "ltv_365d_lower": "float64", "ltv_365d_upper": "float64",
    "ltv_365d_sd": "float64", "p_end_90d": "float64", "payment_risk": "boolean",
    "subscribed": "boolean", "subscribed_days": "int64", "why": "array<string>",
    "subscription_value": "float64", "subscription_value_lower": "float64",
    "subscription_value_upper": "float64", "complained_days": "int64", "next_product": "string",
    "because_of": "string", "next_value": "float64", "next_value_lower": "float64",
    "next_value_upper": "float64", "channels_known": "int64", "status_days": "int64",
    "ended_days": "int64", "ended_why": "string", "birthday_in_days": "int64",
    "points_balance": "int64",
}  # fmt: skip


def facts_of(con: Backend, *customers: dict[str, Any]) -> ir.Table:
    """Facts of customers; what is left out is not known."""
    rows = [
        tuple(({"subscribed": False, "payment_risk": False} | customer).get(n) for n in FACTS)
        for customer in customers
    ]
    return plain(con, "given_facts", FACTS, rows)


def play(name: str, **changes: Any) -> Play:
    """A play for everybody who is at risk, by mail."""
    return Play(**{
        "id": name, "campaign": name, "when": {"status": ["at_risk"]}, "channels": ("email",),
        "at_stake": "ltv_365d", "kpi": "margin", "hold_out": 0.0,
    } | changes)  # fmt: skip


def reach(con: Backend, *pairs: tuple[str, str]) -> ir.Table:
    """customer_id, channel."""
    return plain(con, "given_reach", {"customer_id": "string", "channel": "string"}, list(pairs))


def drawn_of(
    con: Backend,
    plays: list[Play],
    facts: ir.Table,
    reachable: ir.Table,
    rules: Actions | None = None,
    lists: Lists | None = None,
    sent: tuple = (),
    members: tuple = (),
    arms: tuple = (),
    seed: int = 1,
) -> ir.Table:
    """Everybody's standing on the lists of these plays."""
    rules, lists = rules or Actions(), lists or Lists()
    known = Known(
        reachable,
        plain(con, "given_sent", {"customer_id": "string", "contacts": "int64"}, list(sent)),
        plain(
            con,
            "given_arms",
            {"campaign_id": "string", "customer_id": "string", "arm": "string"},
            list(arms),
        ),
        rows_of(con, "given_members", list(members), "list_members"),
    )
    named = {"lapsed_days": rules.lapsed_days}
    letters = one_letter(con, plays, facts, reachable, named)
    considered = candidates(con, plays, facts, letters, reachable, rules.calls, named, AS_OF)
    return draw(con, plays, considered, known, lists, rules, seed, AS_OF)
