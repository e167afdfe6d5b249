"""Raw strings of one table to typed columns and, for each row, the first reason to doubt it.

A row is accepted as a whole or quarantined as a whole: a cell that cannot be read is never
replaced by nothing.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from joren.contract import CANONICAL, Column
from joren.ingest import values
from joren.ingest.columns import (
    IDENTIFIERS,
    LAST_VALID_DAY,
    VOCABULARY,
    made_columns,
    required_values,
)
from joren.ingest.headers import folded
from joren.ingest.moments import with_moments
from joren.ingest.places import PLACE

_SPREADSHEET_NUMBER = r"^[-+]?\d(?:[.,]\d+)?[Ee]\+\d+$"
_TIMES = ("date", "timestamp(6)")
_SIGNED_KINDS = ("adjust", "transfer")
_PLACE = PLACE | {"_entry": "string", "_numbered": "boolean"}
_KEPT = ("_at", "_row", "_file", "_fault", "_entry", "_numbered")


def typed_strings(name: str, columns: tuple[str, ...], table: str, zone: str) -> ir.Table:
    """As `typed`, of a table known by its name and its canonical columns alone."""
    strings = ibis.table(_PLACE | dict.fromkeys(columns, "string"), name=name)
    return typed(strings, table, zone)


def typed(raw: ir.Table, table: str, zone: str) -> ir.Table:
    """The columns of a canonical table, with `_at`, `_row`, `_file`, `_entry` and `reason`.

    Parameters
    ----------
    raw : the trimmed strings, as `strings.gathered` leaves them; what it lacks is null throughout
    table : canonical name
    zone : the client's timezone

    Returns
    -------
    one row per raw row; `reason` is null where the row is beyond doubt. Where a date alone stands
    in `expires_at` or `ends_on`, that day is the last valid one: the value is the next midnight,
    the first instant that is no longer valid.
    """
    contract = CANONICAL[table]
    needed = set(required_values(table))
    kinds = {c.name: c for c in contract.columns if c.name in raw.columns}
    texts = {name: _text(raw[name], c, name in needed) for name, c in kinds.items()}
    rows = raw.select(*_KEPT, **texts).view()
    figures = [name for name, c in kinds.items() if c.type not in ("string", *_TIMES)]
    rows = rows.mutate(
        **{f"_{name}_narrow": values.narrowed(rows[name]) for name in figures}
    ).view()
    amounts = [name for name in figures if kinds[name].type != "boolean"]
    rows = rows.mutate(
        **{f"_{name}_amount": values.amount(rows[f"_{name}_narrow"]) for name in amounts}
    ).view()
    rows = with_moments(rows, [name for name, c in kinds.items() if c.type in _TIMES], zone)
    columns = {
        c.name: _value(rows, table, c) if c.name in kinds else ibis.null(c.type)
        for c in contract.columns
    }
    columns |= _made(columns, rows, table, set(kinds))
    kept = {f"_{name}_text": rows[name] for name in kinds}
    rows = rows.select(*_KEPT, **columns, **kept).view()
    reasons = [
        doubt
        for name, column in kinds.items()
        for doubt in _doubts(rows, table, column, name in needed)
    ]
    absent = needed - {*kinds, *made_columns(table)}
    reasons += [(ibis.literal(True), f"missing:{name}") for name in sorted(absent)]
    reasons += _row_doubts(table, rows)
    reason = ibis.cases((rows["_fault"].notnull(), rows["_fault"]), *reasons)
    return rows.select("_at", "_row", "_file", *contract.column_names, "_entry", reason=reason)


def _text(text: ir.StringValue, column: Column, needed: bool) -> ir.StringValue:
    if needed or column.name in ("source_id", "customer_id"):
        return text
    return values.optional_time(text) if column.type in _TIMES else values.optional(text)


def _value(rows: ir.Table, table: str, column: Column) -> ir.Value:
    name = column.name
    if (table, name) in VOCABULARY:
        return _word(rows[name], table, name)
    if column.type.startswith("decimal"):
        return rows[f"_{name}_amount"]
    if column.type == "int64":
        return values.whole(rows[f"_{name}_amount"])
    if column.type == "boolean":
        return values.boolean(rows[f"_{name}_narrow"])
    if column.type in _TIMES:
        local = rows[f"_{name}_at"]
        if name in LAST_VALID_DAY:
            next_day = local + ibis.interval(days=1)
            local = ibis.cases((rows[f"_{name}_day_alone"], next_day), else_=local)
        return local.cast(column.type)
    return rows[name]


def _word(text: ir.StringValue, table: str, column: str) -> ir.StringValue:
    ours = VOCABULARY[table, column]
    meant = values.word(text).cases(*((folded(known), known) for known in ours))
    return ibis.cases((values.among(text, ours), text), else_=meant)


def _doubts(
    rows: ir.Table, table: str, column: Column, needed: bool
) -> list[tuple[ir.BooleanValue, str]]:
    name = column.name
    text, value = rows[f"_{name}_text"], rows[name]
    doubts: list[tuple[ir.BooleanValue, str]] = []
    if name in ("source_id", "customer_id", "order_id", "entry_id"):
        doubts.append((values.among(text.lower(), values.PLACEHOLDERS), "placeholder_id"))
    if name in IDENTIFIERS:
        exponent = ibis.cases(
            (text.contains("E+") | text.contains("e+"), text.re_search(_SPREADSHEET_NUMBER)),
            else_=False,
        )
        doubts.append((exponent, f"spreadsheet_number:{name}"))
    if (table, name) in VOCABULARY:
        doubts.append((text.notnull() & value.isnull(), f"unknown_{name}"))
    elif column.type != "string":
        doubts.append((text.notnull() & value.isnull(), f"unreadable:{name}"))
    if needed:
        lacking = text.isnull() & rows["_numbered"] if name == "line_no" else text.isnull()
        doubts.append((lacking, f"missing:{name}"))
    return doubts


def _made(
    columns: dict[str, ir.Value], raw: ir.Table, table: str, present: set[str]
) -> dict[str, ir.Value]:
    """Values that the contract allows a file, or a cell, to leave out."""
    made: dict[str, ir.Value] = {"source": columns["source"].fill_null(raw["_entry"])}

    def made_where_empty(name: str, value: ir.Value | str) -> ir.Value:
        if name not in present:
            return ibis.literal(value) if isinstance(value, str) else value
        return ibis.cases((raw[name].isnull(), value), else_=columns[name])

    if table == "orders":
        # a negative row is itself the return: were it left `returned`, neither it nor the order
        # it takes back would count
        status = made_where_empty("status", "valid")
        taken_back = (columns["amount"] < 0) & (status == "returned")
        made["status"] = ibis.cases((taken_back, "valid"), else_=status)
    if "account" in columns:
        made["account"] = made_where_empty("account", columns["source_id"])
    if table == "events":
        place = raw["_file"] + ":" + raw["_row"].cast("string")
        made["event_id"] = made_where_empty("event_id", place)
        made["seq"] = made_where_empty("seq", raw["_row"])
    return made


def _row_doubts(table: str, rows: ir.Table) -> list[tuple[ir.BooleanValue, str]]:
    """Doubts about a row that no single column shows."""
    if table == "point_entries":
        unsigned = rows["kind"].notin(_SIGNED_KINDS)
        return [(unsigned & (rows["points"] < 0), "negative:points")]
    if table == "outcomes":
        nobody = rows["source_id"].isnull() & rows["customer_id"].isnull()
        return [(nobody, "missing:source_id")]
    if table == "campaigns":
        return [
            (rows["ends_on"] < rows["starts_on"], "ends_before_start"),
            (_no_json(rows["planned_shares"]), "unreadable:planned_shares"),
        ]
    if table == "subscriptions":
        return [(rows["ended_at"] < rows["started_at"], "ends_before_start")]
    return []


def _no_json(text: ir.StringValue) -> ir.BooleanValue:
    return text.notnull() & text.try_cast("json").isnull()
