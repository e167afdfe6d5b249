"""Linking from end to end: canonical tables in, identity tables out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from joren.identity.golden import FIELDS, analysis_customers, golden_values
from joren.identity.grouping import group_records
from joren.identity.history import COLUMNS, new_events
from joren.identity.households import household_ids
from joren.identity.identifiers import profile_identifiers, without_generic
from joren.identity.pairs import candidate_pairs, compare
from joren.identity.records import keyed_records
from joren.identity.rules import exact_edges
from joren.identity.stable_ids import assign_ids

Apart = Iterable[tuple[tuple[str, str], tuple[str, str]]]


@dataclass(frozen=True)
class Settings:
    """What linking depends on besides the records."""

    client: str
    as_of: date
    hmac_key: bytes
    locale: str = "ja"
    generic_names: int = 3
    review_band: str | tuple[float, float] = "auto"
    household: bool = True


@dataclass(frozen=True)
class Linked:
    """The output tables, what to append to state, and the profile of identifiers (clear values)."""

    identity_map: ir.Table
    identity_edges: ir.Table
    identity_history: ir.Table
    customers: ir.Table
    restricted_customers: ir.Table
    new_history: ir.Table
    new_assignments: ir.Table
    identifiers: ir.Table


@dataclass(frozen=True)
class Decided:
    """Clustered records, decided edges, and the profile of identifiers (clear values)."""

    records: ir.Table
    edges: ir.Table
    identifiers: ir.Table


def decide(
    con: Backend,
    customers: ir.Table,
    others: Sequence[ir.Table],
    settings: Settings,
    apart: Apart = (),
) -> Decided:
    """Who is one person, without names for them yet.

    A further tier of edges belongs between `exact_edges` and `group_records`.

    Parameters
    ----------
    con : the engine that holds the tables; a later call replaces this one's results
    customers : canonical customers, may be empty
    others : canonical tables with source and source_id
    settings : see `Settings`
    apart : pairs of (source, source_id) that a reviewer decided are two people
    """
    records = keyed_records(con, customers, others, settings.locale)
    profile = _kept(con, "profile", profile_identifiers(records, settings.generic_names))
    linkable = _kept(con, "linkable", without_generic(records, profile))
    compared = compare(con, candidate_pairs(con, linkable), linkable)
    edges = _kept(con, "rules", exact_edges(compared, settings.review_band))
    grouped = group_records(con, linkable, edges, apart)
    return Decided(grouped.records, grouped.edges, profile)


def link(
    con: Backend,
    customers: ir.Table,
    orders: ir.Table,
    settings: Settings,
    *,
    others: Sequence[ir.Table] = (),
    assignments: ir.Table | None = None,
    history: ir.Table | None = None,
    apart: Apart = (),
) -> Linked:
    """Link all source records of a client.

    Parameters
    ----------
    con : the engine that holds the tables; a later call replaces this one's results
    customers, orders : canonical tables, either may be empty
    settings : see `Settings`
    others : further canonical tables with source and source_id, whose records count as well
    assignments, history : the state logs of earlier runs, None on the first
    apart : pairs of (source, source_id) that a reviewer decided are two people
    """
    decided = decide(con, customers, (orders, *others), settings, apart)
    assigned = assign_ids(con, decided.records, assignments, settings.client)
    events = _kept(
        con,
        "events",
        new_events(assigned.records, decided.edges, settings.as_of, assigned.revision),
    )
    golden = golden_values(con, assigned.records, customers)
    analysis = analysis_customers(
        con, golden, assigned.records, customers, orders, settings.hmac_key
    )
    past = events if history is None else history.select(*COLUMNS).union(events)
    households = household_ids(con, assigned.records, settings.household)
    return Linked(
        identity_map=_kept(con, "map", _map(assigned.records, decided.edges, households)),
        identity_edges=_kept(con, "edges", _named_edges(decided.edges, decided.records)),
        identity_history=_kept(con, "history", past),
        customers=_kept(con, "customers", analysis),
        restricted_customers=golden.select("customer_id", *FIELDS, "value_sources"),
        new_history=events,
        new_assignments=assigned.appended,
        identifiers=decided.identifiers,
    )


def _kept(con: Backend, name: str, table: ir.Table) -> ir.Table:
    """The rows as a temporary table, computed once."""
    return con.create_table(f"identity_{name}", table, temp=True, overwrite=True)


def _map(records: ir.Table, edges: ir.Table, households: ir.Table) -> ir.Table:
    links = edges.filter(edges.decision == "link")
    ends = links.select("rule", "match_probability", record="left").union(
        links.select("rule", "match_probability", record="right")
    )
    place = ibis.row_number().over(
        group_by=ends.record, order_by=[ends.match_probability.desc(), ends.rule]
    )
    best = ends.mutate(place=place)
    best = best.filter(best.place == 0).select("record", "rule", "match_probability")
    joined = records.left_join(best, "record")
    joined = joined.inner_join(households, "customer_id")
    return joined.select(
        "source", "source_id", "customer_id", "household_id",
        match_rule=joined.rule.fill_null("single"), match_probability=joined.match_probability,
    )  # fmt: skip


def _named_edges(edges: ir.Table, records: ir.Table) -> ir.Table:
    left = records.select(left="record", left_source="source", left_source_id="source_id")
    right = records.select(right="record", right_source="source", right_source_id="source_id")
    return (
        edges.inner_join(left, "left")
        .inner_join(right, "right")
        .select(
            "left_source", "left_source_id", "right_source", "right_source_id", "rule",
            "match_probability", "weight", "evidence", "decision",
        )
    )  # fmt: skip
