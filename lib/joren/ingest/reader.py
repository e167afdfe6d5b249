"""From raw files to canonical tables: load, parse, doubt, deduplicate, reconcile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import ibis.expr.datatypes as dt
import ibis.expr.types as ir
from ibis.backends.sql.datatypes import DuckDBType

from joren.contract import CANONICAL, TABLES, TableContract
from joren.errors import JorenError
from joren.ingest.cards import refuse_payment_cards
from joren.ingest.coverage import coverage_table, covered
from joren.ingest.decode import shape
from joren.ingest.duplicates import (
    REFUND_OF_RETURNED,
    mark_duplicates,
    number_lines,
    separate_refunds,
)
from joren.ingest.inputs import TableInput, table_inputs
from joren.ingest.load import FileRead, load
from joren.ingest.quarantine import quarantined
from joren.ingest.typed import typed
from joren.text import Note, note

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

    from joren.params import Params

_MOST_WORDS = 30


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


def read_sources(con: Backend, params: Params, folder: Path) -> Ingested:
    """Read every raw file of a client into canonical tables, quarantine and coverage.

    The tables live in the engine as temporary tables `ingest_*`; a second call replaces them.

    Parameters
    ----------
    con : the engine
    params : the client's parameters (sources and timezone are used)
    folder : folder that relative paths start from

    Raises
    ------
    InputError if a file is missing, empty, not text, lacks a column or holds card numbers
    JorenError if rows or amounts do not reconcile, which would be a fault of Joren
    """
    by_table: dict[str, list[TableInput]] = {}
    for source in table_inputs(params, folder):
        by_table.setdefault(source.table, []).append(source)
    quarantine = _empty(con, "ingest_quarantine", TABLES["quarantine"])
    reads: list[FileRead] = []
    parts: list[ir.Table] = []
    unknown: list[Unknown] = []
    tables: dict[str, ir.Table] = {}
    for table, contract in CANONICAL.items():
        stage = f"ingest_{table}"
        if table not in by_table:
            tables[table] = _empty(con, stage, contract)
            continue
        raws = []
        for number, source in enumerate(by_table[table]):
            raws.append(f"ingest_raw_{table}_{number}")
            read = load(con, source, raws[-1], number)
            refuse_payment_cards(con, raws[-1], source)
            present = {column for file in read for column in file.columns}
            rows = typed(con.table(raws[-1]), source, present, params.timezone)
            _store(con, stage, rows, append=number > 0)
            reads += read
        if table == "orders":
            separate_refunds(con, stage)
        if table == "order_lines":
            number_lines(con, stage)
        mark_duplicates(con, stage, table)
        staged = con.table(stage)
        for name in raws:
            raw = con.table(name)
            _store(con, "ingest_quarantine", quarantined(staged, raw, table), append=True)
            unknown += _unknown(staged, raw, table)
            con.drop_table(name)
        parts.append(covered(staged, table))
        tables[table] = staged.filter(staged.reason.isnull()).select(*contract.column_names)
    coverage = coverage_table(con, parts, reads)
    _reconcile(coverage, quarantine)
    warnings = [note for read in reads for note in read.warnings]
    warnings += _notes(tables, quarantine, unknown)
    return Ingested(tables, quarantine, coverage, warnings, unknown)


def _empty(con: Backend, name: str, contract: TableContract) -> ir.Table:
    types = ((c.name, DuckDBType.to_string(dt.dtype(c.type))) for c in contract.columns)
    columns = ", ".join(f'"{column}" {kind}' for column, kind in types)
    con.raw_sql(f'CREATE OR REPLACE TEMP TABLE "{name}" ({columns})')
    return con.table(name)


def _store(con: Backend, name: str, rows: ir.Table, append: bool) -> None:
    # Ibis's create_table plans the query twice, which for expressions as long as these is seconds
    start = "INSERT INTO {} BY NAME" if append else "CREATE OR REPLACE TEMP TABLE {} AS"
    con.raw_sql(f"{start.format(name)} {con.compile(rows)}")


def _unknown(stage: ir.Table, raw: ir.Table, table: str) -> list[Unknown]:
    rows = stage.filter(stage.reason.startswith("unknown_")).select("_at", "_entry", "reason")
    found: list[Unknown] = []
    for column in sorted(rows.reason.as_table().distinct().to_pyarrow()["reason"].to_pylist()):
        name = column.removeprefix("unknown_")
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
    if row["rows"] or row["amount"] or row["quarantined"] != quarantine.count().execute():
        raise JorenError(
            "rows read do not equal rows accepted and quarantined",
            "ingest",
            "report this with the coverage table: it is a fault of Joren",
        )


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
