"""Rows that are not used, each with its place, its reason, and its content masked.

Whoever looks into quarantine shall see what is wrong, not who is concerned: personal columns and
whole broken lines show their shape, amounts and dates stay readable where they hold nothing else.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from joren.contract import CANONICAL
from joren.ingest.columns import PERSONAL, VOCABULARY
from joren.ingest.duplicates import COUNTED_ONCE
from joren.ingest.forgotten import FORGOTTEN

_LONGEST = 60
_FIGURES = r"^[\d０-９\s　,./:：+\-()（）年月日時分秒元円¥￥△▲，．－／]*$"
_EXPONENT = r"^[-+]?\d(?:[.,]\d+)?[Ee]\+?\d+$"
_PLAIN_ID = r"^[A-Za-z0-9_#.+-]*$"


def quarantined_strings(stage: str, raw: str, columns: tuple[str, ...], table: str) -> ir.Table:
    """As `quarantined`, of tables known by their names and canonical columns alone."""
    place = {"_at": "int64", "_row": "int64", "_file": "string", "reason": "string"}
    staged = ibis.table(place | {"source": "string"}, name=stage)
    strings = ibis.table(
        {"_at": "int64", "_shape": "string"} | dict.fromkeys(columns, "string"), name=raw
    )
    return quarantined(staged, strings, table)


def quarantined(stage: ir.Table, raw: ir.Table, table: str) -> ir.Table:
    """The quarantine of one table: table_name, source, file, row_number, reason, raw, records.

    One row of a file may make several records of a table (the points granted and those used); it
    stands here once, with their number.

    Parameters
    ----------
    stage : the typed rows with their reasons
    raw : the strings they were read from
    table : canonical name
    """
    doubted = stage.filter(stage.reason.notnull()).select(
        "_at", "source", "_file", "_row", "reason"
    )
    held = [column.name for column in CANONICAL[table].columns if column.name in raw.columns]
    cells = [_cell(raw, table, name) for name in held]
    masked = raw.select("_at", raw=raw["_shape"].fill_null(ibis.literal(" | ").join(cells)))
    joined = doubted.join(masked, "_at")
    joined = joined.mutate(raw=(joined.reason == FORGOTTEN).ifelse("", joined.raw))
    # of several reasons for one row, the one that asks for a remedy is told
    rank = ibis.cases((joined.reason.isin(COUNTED_ONCE), "1"), else_="0")
    joined = joined.mutate(_told=rank + joined.reason)
    rows = joined.group_by("source", "_file", "_row").agg(
        told=joined["_told"].min(), raw=joined.raw.argmin(joined["_at"]), records=joined.count()
    )
    return rows.select(
        table_name=ibis.literal(table),
        source=rows.source,
        file=rows["_file"],
        row_number=rows["_row"],
        reason=rows.told.substr(1),
        raw=rows.raw,
        records=rows.records,
    )


def _cell(raw: ir.Table, table: str, column: str) -> ir.StringValue:
    text = raw[column].nullif("")
    shown = ibis.cases(
        (_readable(text, table, column), text.substr(0, _LONGEST)), else_=masked(text)
    )
    return ibis.literal(f"{column}=") + shown


def _readable(text: ir.StringValue, table: str, column: str) -> ir.BooleanValue:
    if column in PERSONAL:
        return text.lower().isin(("nan", "null", "none", "#n/a")) | text.re_search(_EXPONENT)
    kind = next(c.type for c in CANONICAL[table].columns if c.name == column)
    if (table, column) in VOCABULARY:
        return text.length() <= 20
    if kind != "string":
        return text.re_search(_FIGURES) | text.re_search(_EXPONENT)
    if column.endswith("_id"):
        return text.re_search(_PLAIN_ID)
    return ibis.literal(False)


def masked(text: ir.StringValue) -> ir.StringValue:
    """The shape of a string: 9 for digits, a for letters, あ for others; cut off at 60."""
    return (
        text.substr(0, _LONGEST)
        .re_replace(r"[^\x00-\x7f]", "あ")
        .re_replace(r"[A-Za-z]", "a")
        .re_replace(r"[0-9]", "9")
    )
