"""Dates and times as clients write them to the client's wall clock, as engine expressions.

The steps are separate layers of a query (`.view()`): inlined into one expression they would grow
to a size at which planning takes longer than reading.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from joren.ingest.values import narrowed, trimmed

_TIME = r"[T ]*(\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.\d{1,6})?)?)\d*"
_ZONE = r" *(Z|UTC|JST|[-+]\d{2}(?::?\d{2})?)"
_MOMENT = rf"^(\d{{4}}-\d{{1,2}}-\d{{1,2}})(?:{_TIME}(?:{_ZONE})?)?$"
_PLAIN = r"^(?:18[5-9]|19\d|2[01]\d)\d[-/]\d\d[-/]\d\d(?:[ T]\d\d:\d\d(?::\d\d)?)?$"
_WEEKDAY = r"\((?:[月火水木金土日祝](?:曜日?)?|[A-Za-z]{3})\)"
_ERA = r"^(令和|平成|昭和|大正|明治|[RHSTM])(\d{1,2}|元)[-/.年]"
_ERAS = {
    "令和": 2018, "R": 2018, "平成": 1988, "H": 1988, "昭和": 1925, "S": 1925, "大正": 1911,
    "T": 1911, "明治": 1867, "M": 1867,
}  # fmt: skip


@ibis.udf.scalar.builtin(
    name="timezone", signature=((dt.string, dt.timestamp), dt.Timestamp(timezone="UTC"))
)
def _instant(zone, local): ...


@ibis.udf.scalar.builtin(
    name="timezone", signature=((dt.string, dt.Timestamp(timezone="UTC")), dt.timestamp)
)
def _wall_clock(zone, instant): ...


def with_moments(table: ir.Table, columns: Sequence[str], zone: str) -> ir.Table:
    """Read columns of strings as local times.

    Read are `2026-02-03`, `2026/2/3 1:02`, `20260203`, `20260203010203`, `2026年2月3日`,
    `2026年2月3日(火) 1時2分`, `令和8年2月3日`, `R8.2.3`, ISO 8601 with `T`, fractions and offsets;
    years from 1850 to 2199.

    Parameters
    ----------
    table : cleaned strings
    columns : the columns to read
    zone : the client's timezone; a time with an offset becomes the client's wall clock

    Returns
    -------
    the table with, for each column c, `_c_at` (timestamp without zone, null where c cannot be
    read) and `_c_day_alone` (whether c holds a date without time)
    """
    if not columns:
        return table

    for steps in _LAYERS:
        made = {
            f"_{name}_{suffix}": step(table, name)
            for name in columns
            for suffix, step in steps.items()
        }
        table = table.mutate(**made).view()
    local = {f"_{name}_at": _at(table, name, zone) for name in columns}
    return table.mutate(**local).view()


def _plain(text: ir.StringValue) -> ir.TimestampValue:
    """The commonest forms, which the engine reads by itself once the separators are its own."""
    read = text.replace("/", "-").try_cast("timestamp(6)")
    return ibis.cases((text.re_search(_PLAIN), read))


def _other(table: ir.Table, column: str) -> ir.StringValue:
    """What is not written plainly, without the day of the week; that of nothing costs little."""
    text = table[f"_{column}_narrow"]
    weekday_dropped = text.re_replace(_WEEKDAY, "")
    return ibis.cases(
        (table[f"_{column}_plain"].notnull(), ibis.null("string")),
        (text.contains("("), weekday_dropped),
        else_=text,
    )


def _at(table: ir.Table, column: str, zone: str) -> ir.TimestampValue:
    read = _on_wall_clock(table[f"_{column}_local"], table[f"_{column}_offset"], zone)
    return table[f"_{column}_plain"].fill_null(read)


def _is_day_alone(table: ir.Table, column: str) -> ir.BooleanValue:
    day, clock = table[f"_{column}_day"], table[f"_{column}_clock"]
    plainly = table[f"_{column}_narrow"].length() == len("2026-01-31")
    return ibis.cases(
        (table[f"_{column}_plain"].notnull(), plainly), else_=(day != "") & (clock == "")
    )


def _part(iso: ir.StringValue, group: int, shortest: int) -> ir.StringValue:
    part = iso.re_extract(_MOMENT, group)
    return ibis.cases((iso.length() < shortest, ""), else_=part)


def _in_common_era(text: ir.StringValue) -> ir.StringValue:
    """Japanese era years as years of the common era (元年 is the first)."""
    era, year = text.re_extract(_ERA, 1), text.re_extract(_ERA, 2)
    base = era.cases(*_ERAS.items(), else_=0)
    number = ibis.cases((year == "元", "1"), else_=year).try_cast("int64") + base
    rest = text.re_replace(_ERA, "")
    common = ibis.cases((era != "", number.cast("string") + "-" + rest), else_=text)
    return ibis.cases((text.substr(0, 1).between("0", "9"), text), else_=common)


def _as_iso(text: ir.StringValue) -> ir.StringValue:
    """The string with `-` between date parts and `:` between time parts; order is left alone."""
    compact = text.re_replace(
        r"^(\d{4})(\d{2})(\d{2})(?: ?(\d{2}):?(\d{2}):?(\d{2})?)?$", r"\1-\2-\3 \4:\5:\6"
    )
    parted = text.re_replace(r"^(\d{4})[-/.年] ?(\d{1,2})[-/.月] ?(\d{1,2})日?", r"\1-\2-\3")
    spelled = parted.re_replace(r"(\d{1,2})時(\d{1,2})分?", r"\1:\2").re_replace(
        r"^(\S+ *\d{1,2}:\d{1,2}):?(\d{1,2})秒$", r"\1:\2"
    )
    return ibis.cases(
        (text.substr(0, 8).re_search(r"^\d{8}"), trimmed(compact, " :")),
        (text.contains("時"), spelled),
        else_=parted,
    )


def _local(day: ir.StringValue, clock: ir.StringValue) -> ir.TimestampValue:
    local = (day + " " + ibis.cases((clock == "", "0:0"), else_=clock)).try_cast("timestamp")
    year = day.substr(0, 4)
    return ibis.cases((year.between("1850", "2199"), local), else_=ibis.null("timestamp"))


def _on_wall_clock(
    local: ir.TimestampValue, offset: ir.StringValue, zone: str
) -> ir.TimestampValue:
    sign = ibis.cases((offset.startswith("-"), -1), else_=1)
    hours = offset.re_extract(r"^[-+](\d{2})", 1).try_cast("int64").fill_null(0)
    minutes = offset.re_extract(r"^[-+]\d{2}:?(\d{2})", 1).try_cast("int64").fill_null(0)
    minutes = ibis.cases((offset == "JST", 540), else_=sign * (60 * hours + minutes))
    shifted = _wall_clock(zone, _instant("UTC", local - minutes.as_interval("m")))
    return ibis.cases((offset == "", local), else_=shifted).cast("timestamp(6)")


_LAYERS: tuple[Mapping[str, Callable[[ir.Table, str], ir.Value]], ...] = (
    {"narrow": lambda t, c: narrowed(t[c])},
    {"plain": lambda t, c: _plain(t[f"_{c}_narrow"])},
    {"other": _other},
    {"common": lambda t, c: _in_common_era(t[f"_{c}_other"])},
    {"iso": lambda t, c: _as_iso(t[f"_{c}_common"])},
    {
        "day": lambda t, c: t[f"_{c}_iso"].re_extract(_MOMENT, 1),
        "clock": lambda t, c: _part(t[f"_{c}_iso"], 2, shortest=12),
        "offset": lambda t, c: _part(t[f"_{c}_iso"], 3, shortest=13),
    },
    {"local": lambda t, c: _local(t[f"_{c}_day"], t[f"_{c}_clock"]), "day_alone": _is_day_alone},
)
"""Each rests on the columns of those before."""
