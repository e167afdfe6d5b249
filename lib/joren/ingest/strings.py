"""The raw tables of one canonical table as one: the strings that are typed, or shown masked.

Sources differ in the columns they have, in their constants and in their words; once these are put
in, one expression types the rows of all sources.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from joren.contract import CANONICAL
from joren.ingest import values
from joren.ingest.columns import VOCABULARY
from joren.ingest.headers import folded
from joren.ingest.places import PLACE
from joren.ingest.project import Raw

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend


def gathered(con: Backend, raws: Sequence[Raw]) -> ir.Table:
    """The rows of raw tables as typing wants them.

    Parameters
    ----------
    con : the engine that holds the tables
    raws : raw tables of one canonical table, at least one

    Returns
    -------
    `_at`, `_row`, `_file`, `_fault`, `_shape`, `_entry` (the entry of `sources`), `_numbered`
    (whether the rows bring line numbers of their own), and the canonical columns that any of them
    has, with constants and the client's words put in
    """
    names = _present(raws)
    parts = [_prepared(con.table(raw.name), raw, names) for raw in raws]
    return _united(parts)


def as_written(con: Backend, raws: Sequence[Raw]) -> ir.Table:
    """The rows of raw tables as they were written: place, `_shape` and the columns of any."""
    names = _present(raws)
    return _united([_held(con.table(raw.name), raw, names) for raw in raws])


def _present(raws: Sequence[Raw]) -> list[str]:
    there = {name for raw in raws for name in (*raw.present, *raw.input.constants)}
    return [name for name in CANONICAL[raws[0].table].column_names if name in there]


def _united(parts: Sequence[ir.Table]) -> ir.Table:
    return ibis.union(*parts, distinct=False).view() if len(parts) > 1 else parts[0].view()


def _held(table: ir.Table, raw: Raw, names: Sequence[str]) -> ir.Table:
    held = {
        name: table[name] if name in raw.present and name in table.columns else _nothing()
        for name in names
    }
    return table.select(*PLACE, **held)


def _prepared(table: ir.Table, raw: Raw, names: Sequence[str]) -> ir.Table:
    constants = {
        name: ibis.literal(text, type="string") for name, text in raw.input.constants.items()
    }
    held = _held(table, raw, names).mutate(**constants)
    words = {
        name: _meant(held[name], meanings)
        for name in names
        if (raw.table, name) in VOCABULARY and (meanings := _words(raw, name))
    }
    return held.mutate(
        _entry=ibis.literal(raw.input.source),
        _numbered=ibis.literal("line_no" in raw.present or "line_no" in raw.input.constants),
        **words,
    )


def _words(raw: Raw, column: str) -> Mapping[str, str]:
    own = dict(raw.input.words.get(column, {}))
    return own | dict(raw.input.status) if column == "status" else own


def _meant(text: ir.StringValue, meanings: Mapping[str, str]) -> ir.StringValue:
    word = values.word(text)
    by_fold = {folded(name): meant for name, meant in meanings.items()}
    return ibis.cases(
        *((text == name, ibis.literal(meant)) for name, meant in meanings.items()),
        *((word == name, ibis.literal(meant)) for name, meant in by_fold.items() if name),
        else_=text,
    )


def _nothing() -> ir.StringValue:
    return ibis.null("string")
