"""Linking from end to end: canonical tables in, identity tables out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.duckdb import Backend

from joren.engine import keep
from joren.identity.fuzzy import Fuzzy, with_fuzzy_edges
from joren.identity.golden import FIELDS, analysis_customers, golden_values
from joren.identity.grouping import decided_edges, decided_pairs, group_records
from joren.identity.history import COLUMNS, new_events
from joren.identity.households import household_ids
from joren.identity.identifiers import profile_identifiers, without_generic
from joren.identity.incremental import affected, everything, regroup
from joren.identity.kept import Kept, kept_links, new_links
from joren.identity.keys import keyed_population
from joren.identity.known import (
    digests,
    gone_records,
    last_digests,
    new_known,
    population,
    rules_digest,
)
from joren.identity.learned import Learned
from joren.identity.memory import REBASE_TYPES, Memory
from joren.identity.pairs import candidate_pairs, compare
from joren.identity.quality import Quality, estimate_quality
from joren.identity.records import with_names
from joren.identity.rules import exact_edges
from joren.identity.stable_ids import assign_ids
from joren.identity.verdicts import PAIR, obey, touched

_EDGE_COLUMNS = (*PAIR, "rule", "match_probability", "weight", "evidence", "decision")


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
    precision: float = 0.99
    seed: int = 20261121
    interval: float = 0.9
    survivorship: Mapping[str, str | Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Linked:
    """The output tables, what to append to state, and the profile of identifiers (clear values).

    rules_changed: known records are still linked by other rules than today's; a rebase applies
    these.
    """

    identity_map: ir.Table
    identity_edges: ir.Table
    identity_history: ir.Table
    customers: ir.Table
    restricted_customers: ir.Table
    new_history: ir.Table
    new_assignments: ir.Table
    new_known: ir.Table
    new_links: ir.Table
    new_rebases: ir.Table
    rules_changed: bool
    identifiers: ir.Table
    quality: Quality


@dataclass(frozen=True)
class Decided:
    """Clustered records, decided edges, and the profile of identifiers (clear values).

    records: record, source, source_id, old_id (null if new), cluster. keyed: what they say, as it
    was compared. edges: the pairs decided in this run, by record number. untouched: those decided
    earlier that nothing has changed about; pairs by record number, rows by name.
    new_known, new_links, learned: what to remember of the linked population and of the model.
    scored: every pair the model saw where everything was linked anew, else None.
    """

    records: ir.Table
    keyed: ir.Table
    edges: ir.Table
    untouched: Kept
    identifiers: ir.Table
    new_known: ir.Table
    new_links: ir.Table
    learned: Learned | None
    scored: ir.Table | None


def decide(
    con: Backend,
    customers: ir.Table,
    others: Sequence[ir.Table],
    settings: Settings,
    memory: Memory | None = None,
    keys: Path | None = None,
) -> Decided:
    """Who is one person, without names for them yet.

    Parameters
    ----------
    con : the engine that holds the tables; a later call replaces this one's results
    customers : canonical customers, may be empty
    others : canonical tables with source and source_id
    settings : see `Settings`
    memory : what earlier runs left; None links everything as if for the first time
    keys : folder of the cache of comparison keys; None works without
    """
    memory = memory or Memory()
    known = memory.population()
    digested = digests(con, customers, others, settings.hmac_key)
    last = last_digests(con, known.records if known else None)
    records = population(con, digested, last, memory.assignments)
    keyed = keyed_population(con, customers, records, settings.locale, keys)
    profile = keep(con, "identity_profile", profile_identifiers(keyed, settings.generic_names))
    linkable = keep(con, "identity_linkable", without_generic(keyed, profile))
    compared = linkable if known else linkable.drop("fresh")
    kept = kept_links(con, records, last, known.links if known else None)
    fuzzy = edges_between(con, compared, settings, memory.learned() if known else None, kept.pairs)
    gone = keep(con, "identity_gone", gone_records(digested, last))
    if known is None:
        again = everything(con, fuzzy.edges, kept)
    else:
        named = None if memory.verdicts is None else touched(records, memory.verdicts)
        again = affected(con, linkable, fuzzy.edges, kept, gone, memory.assignments, named)
    obeyed = obey(con, records, again.edges, memory.verdicts)
    if again.records is None:
        grouped = group_records(con, linkable, obeyed.edges, obeyed.joined, obeyed.apart)
    else:
        grouped = regroup(con, linkable, obeyed, again.records)
    guarded = again.edges.drop("refused", "owned").inner_join(
        grouped.edges.select("left", "right", "refused", "owned"), ["left", "right"]
    )
    revision = memory.next_revision()
    named_records = records.select("record", "source", "source_id", "old_id")
    return Decided(
        keep(con, "identity_grouped", named_records.inner_join(grouped.records, "record")),
        linkable,
        keep(con, "identity_decided", decided_edges(grouped.edges)),
        again.untouched,
        profile,
        keep(con, "identity_new_known", new_known(records, gone, revision)),
        keep(con, "identity_new_links", new_links(guarded, again.kept, records, revision)),
        fuzzy.learned,
        fuzzy.calibrated.pairs if fuzzy.calibrated and known is None else None,
    )


def edges_between(
    con: Backend,
    linkable: ir.Table,
    settings: Settings,
    learned: Learned | None = None,
    known: ir.Table | None = None,
) -> Fuzzy:
    """Every pair worth a decision, as the rules see it.

    Parameters
    ----------
    con : the engine; the result is a temporary table in it
    linkable : keyed records without generic identifiers; where they have a column `fresh`, one
        record of each pair is
    settings : see `Settings`
    learned : what the model learned when everything was linked. Where there are fresh records and
        nothing was learned, the rules alone decide
    known : left, right, decision of pairs decided before
    """
    compared = compare(con, candidate_pairs(con, linkable), linkable)
    ruled = keep(con, "identity_rules", exact_edges(compared, settings.review_band))
    if "fresh" in linkable.columns and (learned is None or not _any_fresh(linkable)):
        return Fuzzy(ruled)
    return with_fuzzy_edges(
        con,
        linkable,
        ruled,
        locale=settings.locale,
        seed=settings.seed,
        precision=settings.precision,
        review_band=settings.review_band,
        learned=learned,
        known=known,
    )


def link(
    con: Backend,
    customers: ir.Table,
    orders: ir.Table,
    settings: Settings,
    *,
    others: Sequence[ir.Table] = (),
    memory: Memory | None = None,
    keys: Path | None = None,
) -> Linked:
    """Link the source records of a client.

    Parameters
    ----------
    con : the engine that holds the tables; a later call replaces this one's results
    customers, orders : canonical tables, either may be empty
    settings : see `Settings`
    others : further canonical tables with source and source_id, whose records count as well
    memory : what earlier runs left; None on the first
    keys : folder of the cache of comparison keys; None works without
    """
    memory = memory or Memory()
    decided = decide(con, customers, (orders, *others), settings, memory, keys)
    assigned = assign_ids(con, decided.records, memory.assignments, settings.client)
    events = keep(
        con,
        "identity_events",
        new_events(assigned.records, decided.edges, settings.as_of, assigned.revision),
    )
    owned = decided.keyed.inner_join(assigned.records.select("record", "customer_id"), "record")
    golden = golden_values(con, owned, customers, settings.survivorship)
    analysis = analysis_customers(golden, assigned.records, customers, orders, settings.hmac_key)
    past = events if memory.history is None else memory.history.select(*COLUMNS).union(events)
    households = household_ids(con, owned, settings.household)
    columns = ("rule", "match_probability", "decision")
    pairs = decided.edges.select("left", "right", *columns).union(
        decided_pairs(decided.untouched.pairs).select("left", "right", *columns)
    )
    told = keep(con, "identity_edges", with_names(decided.edges, decided.records))
    untouched = decided_edges(decided.untouched.rows)
    rules, learned = rules_digest(settings), decided.learned
    all_anew = memory.population() is None
    return Linked(
        identity_map=keep(con, "identity_map", _map(assigned.records, pairs, households)),
        identity_edges=told.select(*_EDGE_COLUMNS).union(untouched.select(*_EDGE_COLUMNS)),
        identity_history=keep(con, "identity_history", past),
        customers=keep(con, "identity_customers", analysis),
        restricted_customers=golden.select("customer_id", *FIELDS, "value_sources"),
        new_history=events,
        new_assignments=assigned.appended,
        new_known=decided.new_known,
        new_links=decided.new_links,
        new_rebases=_rows(
            con, "rebased", memory.new_rebases(rules, learned, settings.as_of) if all_anew else []
        ),
        rules_changed=not all_anew and memory.rules_then() != rules,
        identifiers=decided.identifiers,
        quality=estimate_quality(decided.records, pairs, decided.scored, settings.interval),
    )


def _any_fresh(linkable: ir.Table) -> bool:
    return linkable.filter(linkable.fresh).count().execute() > 0


def _rows(con: Backend, name: str, rows: list[dict]) -> ir.Table:
    schema = ibis.schema(REBASE_TYPES).to_pyarrow()
    return keep(con, f"identity_{name}", pa.Table.from_pylist(rows, schema))


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
