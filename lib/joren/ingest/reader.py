"""From raw files to canonical tables: load, parse, doubt, deduplicate, reconcile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import ibis.expr.types as ir

from joren.contract import CANONICAL, TABLES, TableContract
from joren.errors import JorenError
from joren.ingest.cards import refuse_payment_cards
from joren.ingest.cart_reader import CartRead, Sighting, read_cart
from joren.ingest.carts import Cart, Unit, sort_out
from joren.ingest.coverage import coverage_table, covered
from joren.ingest.decode import shape
from joren.ingest.duplicates import (
    REFUND_OF_RETURNED,
    drop_of_invalid_orders,
    mark_duplicates,
    number_lines,
    separate_refunds,
    supersede,
)
from joren.ingest.emission import IF_VALID
from joren.ingest.forgotten import leave_out_forgotten
from joren.ingest.guests import derive_customers, name_guests
from joren.ingest.inputs import TableInput, table_inputs
from joren.ingest.load import FileRead, load
from joren.ingest.pour import declared
from joren.ingest.project import Raw
from joren.ingest.quarantine import quarantined_strings
from joren.ingest.queries import query_of
from joren.ingest.strings import as_written, gathered
from joren.ingest.totals import Compared, compare_totals, keep_figures
from joren.ingest.typed import typed_strings
from joren.text import Note, note

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

    from joren.params import Params

_MOST_WORDS = 30
_QUARANTINE = "ingest_quarantine"
_STRINGS = "ingest_strings"


@dataclass(frozen=True)
class Unknown:
    """A word outside the vocabulary of a column, as the client wrote it, and how often."""

    source: str
    table: str
    column: str
    value: str
    rows: int


@dataclass(frozen=True)
class Ingested:
    """All canonical tables (by bare name, typed and empty where absent) and their account."""

    tables: Mapping[str, ir.Table]
    quarantine: ir.Table
    coverage: ir.Table
    warnings: list[Note]
    unknown: list[Unknown]
    sightings: list[Sighting]
    failing_totals: ir.Table
    compared_totals: list[Compared]


def read_sources(
    con: Backend, params: Params, folder: Path, forgotten: ir.Table | None = None
) -> Ingested:
    """Read every raw file of a client into canonical tables, quarantine and coverage.

    The tables live in the engine as temporary tables `ingest_*`; a second call replaces them.

    Parameters
    ----------
    con : the engine
    params : the client's parameters (sources and timezone are used)
    folder : folder that relative paths start from
    forgotten : source, source_id of people who asked to be forgotten; their rows are not used

    Raises
    ------
    InputError if a file is missing, empty, not text, lacks a column or holds card numbers
    JorenError if rows or amounts do not reconcile, which would be a fault of Joren
    """
    units = sort_out(table_inputs(params, folder))
    con.raw_sql(f'CREATE OR REPLACE TEMP TABLE "{_QUARANTINE}" ({_declared(TABLES["quarantine"])})')
    carts = [read_cart(con, unit, n) for n, unit in enumerate(units) if isinstance(unit, Cart)]
    account = _Account([read for cart in carts for read in cart.reads])
    bought: list[Raw] = []
    # customers are told of by orders, and lines are held against them
    for table in ("orders", "customers", *CANONICAL):
        if table in account.done:
            continue
        raws = _waiting(con, table, units, carts, account)
        _stage(con, table, raws, params.timezone)
        if table == "customers":
            raws += _derive(con, carts, params.timezone)
        if raws:
            leave_out_forgotten(con, _stage_of(table), _stage_of("orders"), table, forgotten)
            _settle(con, table, carts)
        _account_for(con, table, raws, account)
        if table == "orders":
            keep_figures(con, _stage_of(table), carts, "ingest_figures")
            bought = raws
        else:
            _drop(con, [*raws, *bought])
            bought = []
    coverage = coverage_table(con, account.parts, account.reads)
    tables = {
        table: _accepted(con, table).select(*contract.column_names)
        for table, contract in CANONICAL.items()
    }
    quarantine = con.table(_QUARANTINE)
    _reconcile(coverage, quarantine)
    failing, compared = compare_totals(
        con, "ingest_figures", _stage_of("order_lines"), "ingest_totals"
    )
    return Ingested(
        tables,
        quarantine,
        coverage,
        [note for read in account.reads for note in read.warnings]
        + _notes(tables, quarantine, account.unknown),
        account.unknown,
        [one for cart in carts for one in cart.sightings],
        failing,
        compared,
    )


@dataclass
class _Account:
    """What is gathered on the way."""

    reads: list[FileRead]
    parts: list[ir.Table] = field(default_factory=list)
    unknown: list[Unknown] = field(default_factory=list)
    done: set[str] = field(default_factory=set)


def _stage_of(table: str) -> str:
    return f"ingest_{table}"


def _accepted(con: Backend, table: str) -> ir.Table:
    staged = con.table(_stage_of(table))
    return staged.filter(staged.reason.isnull())


def _waiting(
    con: Backend,
    table: str,
    units: Sequence[Unit],
    carts: Sequence[CartRead],
    account: _Account,
) -> list[Raw]:
    """The raw tables of a canonical table: those of carts, and those mapped by hand, read now."""
    raws = [raw for cart in carts for raw in cart.raws if raw.table == table]
    for number, unit in enumerate(units):
        if isinstance(unit, TableInput) and unit.table == table:
            name = f"ingest_raw_{number}"
            read = load(con, unit, name, number)
            account.reads += read
            raws.append(Raw(name, unit, frozenset(c for file in read for c in file.columns)))
    return raws


def _stage(con: Backend, table: str, raws: Sequence[Raw], zone: str) -> None:
    """Type raw tables into the stage of their canonical table, which is made anew."""
    con.raw_sql(
        f'CREATE OR REPLACE TEMP TABLE "{_stage_of(table)}" ({_declared(CANONICAL[table])}, '
        "_at BIGINT, _row BIGINT, _file VARCHAR, _entry VARCHAR, reason VARCHAR)"
    )
    _type(con, table, raws, zone)


def _type(con: Backend, table: str, raws: Sequence[Raw], zone: str) -> None:
    for raw in raws:
        if raw.conditional:
            drop_of_invalid_orders(con, raw.name, IF_VALID, _stage_of("orders"), raw.input.source)
        refuse_payment_cards(con, raw.name, raw.input)
    if raws:
        columns = _view(con, _STRINGS, gathered(con, raws))
        query = query_of(con, typed_strings, _STRINGS, columns, table, zone)
        con.raw_sql(f'INSERT INTO "{_stage_of(table)}" BY NAME {query}')


def _derive(con: Backend, carts: Sequence[CartRead], zone: str) -> list[Raw]:
    derived = []
    for number, cart in enumerate(carts):
        stages = _stage_of("orders"), _stage_of("customers")
        derived += derive_customers(con, *stages, cart, f"ingest_raw_buyers_{number}")
    _type(con, "customers", derived, zone)
    return derived


def _settle(con: Backend, table: str, carts: Sequence[CartRead]) -> None:
    """Count repetitions once, number what has no number, name who has no name."""
    stage = _stage_of(table)
    if table == "orders":
        separate_refunds(con, stage)
    if table == "order_lines":
        number_lines(con, stage)
    if table in ("order_lines", "point_entries"):
        for kind in (kind for cart in carts for kind in cart.kinds):
            if {"orders", table} <= {*kind.raws}:
                supersede(con, stage, _stage_of("orders"), kind.codes)
    mark_duplicates(con, stage, table)
    if table == "orders":
        for cart in carts:
            name_guests(con, stage, cart)


def _account_for(con: Backend, table: str, raws: Sequence[Raw], account: _Account) -> None:
    staged = con.table(_stage_of(table))
    if raws:
        columns = _view(con, _STRINGS, as_written(con, raws))
        stage = _stage_of(table)
        query = query_of(con, quarantined_strings, stage, _STRINGS, columns, table)
        con.raw_sql(f'INSERT INTO "{_QUARANTINE}" BY NAME {query}')
        account.unknown += _unknown(staged, con.table(_STRINGS), table)
    if raws or table == "orders":
        account.parts.append(covered(staged, table))
    account.done.add(table)


def _drop(con: Backend, raws: Sequence[Raw]) -> None:
    for raw in raws:
        con.drop_table(raw.name)


def _declared(contract: TableContract) -> str:
    return declared({column.name: column.type for column in contract.columns})


def _view(con: Backend, name: str, strings: ir.Table) -> tuple[str, ...]:
    """Give an expression a name; its canonical columns."""
    con.raw_sql(f'CREATE OR REPLACE TEMP VIEW "{name}" AS {con.compile(strings)}')
    return tuple(column for column in strings.columns if not column.startswith("_"))


def _unknown(stage: ir.Table, raw: ir.Table, table: str) -> list[Unknown]:
    rows = stage.filter(stage.reason.startswith("unknown_")).select("_at", "_entry", "reason")
    found: list[Unknown] = []
    for column in sorted(rows.reason.as_table().distinct().to_pyarrow()["reason"].to_pylist()):
        name = column.removeprefix("unknown_")
        if name not in raw.columns:  # made by Joren
            continue
        # a constant stands in no raw row
        written = raw.select("_at", value=raw[name].fill_null(""))
        words = rows.filter(rows.reason == column).join(written, "_at")
        counted = words.group_by("_entry", "value").agg(rows=words.count())
        listed = counted.order_by("_entry", "value").to_pyarrow().to_pylist()
        # so many different words are no vocabulary but a wrong column, perhaps of names
        show = str if len(listed) <= _MOST_WORDS else shape
        for row in listed[:_MOST_WORDS]:
            value = show(row["value"])[:40]
            found.append(Unknown(row["_entry"], table, name, value, row["rows"]))
    return found


def _reconcile(coverage: ir.Table, quarantine: ir.Table) -> None:
    row = (
        coverage.agg(
            rows=(coverage.rows_in - coverage.rows_accepted - coverage.rows_quarantined)
            .abs()
            .sum(),
            amount=(coverage.amount_in - coverage.amount_accepted - coverage.amount_quarantined)
            .abs()
            .sum(),
            quarantined=coverage.rows_quarantined.sum(),
        )
        .to_pyarrow()
        .to_pylist()[0]
    )
    if row["rows"] or row["amount"] or row["quarantined"] != _records(quarantine):
        raise JorenError(
            "rows read do not equal rows accepted and quarantined",
            "ingest",
            "report this with the coverage table: it is a fault of Joren",
        )


def _records(quarantine: ir.Table) -> int:
    return int(quarantine.records.sum().fill_null(0).execute())


def _notes(
    tables: Mapping[str, ir.Table], quarantine: ir.Table, unknown: list[Unknown]
) -> list[str]:
    notes = [
        note(
            "ingest.note.unmapped",
            place=f"{u.source}/{u.table}",
            column=u.column,
            value=repr(u.value),
            rows=u.rows,
        )
        for u in unknown
    ]
    refunds = quarantine.filter(quarantine.reason == REFUND_OF_RETURNED).count().execute()
    if refunds:
        notes.append(note("ingest.note.refunds", rows=refunds))
    orders, customers = tables["orders"], tables["customers"]
    registered = customers.filter(customers.registered_at.notnull()).select(
        "source", "source_id", "registered_at"
    )
    both = orders.join(registered, ["source", "source_id"])
    early = both.filter(both.ordered_at.date() < both.registered_at.date()).count().execute()
    if early:
        notes.append(note("ingest.note.early", rows=early))
    return notes
