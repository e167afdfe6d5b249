"""The coverage report of `joren check`: plain text, aligned, and its totals add up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len

from joren.ingest.remarks import filler_phones, order_gaps, sparse_sources
from joren.ingest.summary import (
    alike,
    by_reason,
    by_table,
    doubted_files,
    identified_share,
    odd_headers,
    totals,
)
from joren.text import render
from joren.text.formats import format_value

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from joren.ingest.reader import Ingested

_FILES = (
    ("source", "source"), ("table", "table_name"), ("files", "files"),
    ("first_file", "first_file"), ("last_file", "last_file"), ("encoding", "encodings"),
    ("rows_in", "rows_in"), ("accepted", "accepted"), ("duplicate", "duplicate"),
    ("quarantined", "quarantined"), ("amount_in", "amount_in"),
    ("amount_accepted", "amount_accepted"), ("amount_quarantined", "amount_quarantined"),
    ("first", "first"), ("last", "last"),
)  # fmt: skip
_DOUBTED = (
    ("source", "source"), ("table", "table_name"), ("file", "file"), ("encoding", "encoding"),
    ("rows_in", "rows_in"), ("doubted", "doubted"),
)  # fmt: skip
_MOST_NAMED = 20
_TEXTS = (
    "format", "kind", "what", "names", "check", "order_id", "source", "table", "file",
    "first_file", "last_file", "encoding", "reason", "column", "value", "first", "last",
)  # fmt: skip


def coverage_report(ingested: Ingested, language: str) -> str:
    """What was read, for people: files, encodings, rows, reasons, amounts, dates, warnings.

    Files that are alike share a line, so that a hundred monthly exports are as readable as one.

    Parameters
    ----------
    ingested : the outcome of `read_sources`
    language : ja or en
    """
    tables = by_table(ingested.coverage).to_pyarrow().to_pylist()
    sum_of = totals(ingested.coverage)
    parts = [
        _section(language, "files", _FILES, tables),
        *_on_doubted(ingested, language),
        *_on_formats(ingested, language),
        render(
            language,
            "ingest.report_total",
            rows_in=sum_of.rows_in,
            accepted=sum_of.accepted,
            quarantined=sum_of.quarantined,
            duplicate=sum_of.duplicate,
        ),
        render(
            language,
            "ingest.report_amount",
            amount_in=_cell(sum_of.amount_in),
            amount_accepted=_cell(sum_of.amount_accepted),
            amount_quarantined=_cell(sum_of.amount_quarantined),
            unreadable=sum_of.amount_unreadable,
        ),
        _section(
            language,
            "reasons",
            (("source", "source"), ("table", "table_name"), ("reason", "reason"), ("rows", "rows")),
            by_reason(ingested.quarantine).to_pyarrow().to_pylist(),
        ),
        _section(
            language,
            "unknown",
            tuple((name, name) for name in ("source", "table", "column", "value", "rows")),
            [vars(word) for word in ingested.unknown],
        ),
        _section(
            language,
            "customers",
            (("source", "source"), ("orders", "orders"), ("identified", "share")),
            [
                row | {"share": _share(row["identified"], row["orders"])}
                for row in identified_share(ingested.coverage)
            ],
        ),
    ]
    parts += _on_orders(ingested, language)
    heading = render(language, "ingest.report_warnings")
    warnings = [f"  {note.texts[language]}" for note in ingested.warnings]
    parts.append("\n".join([heading, *(warnings or [_nothing(language)])]))
    return "\n\n".join(parts)


def _on_doubted(ingested: Ingested, language: str) -> list[str]:
    """The files with doubtful rows, as far as there are any."""
    files = doubted_files(ingested.coverage)
    if not files:
        return []
    section = _section(language, "doubted", _DOUBTED, files[:_MOST_NAMED])
    beyond = len(files) - _MOST_NAMED
    more = [f"  {render(language, 'ingest.report_more', files=beyond)}"] if beyond > 0 else []
    return ["\n".join([section, *more])]


def _on_formats(ingested: Ingested, language: str) -> list[str]:
    """As what the files of carts were read, and what of their headers was not."""
    if not ingested.sightings:
        return []
    recognised = [row | {"score": _share(row["score"], 1)} for row in alike(ingested.sightings)]
    headers = [
        row | {"what": render(language, f"ingest.{row['what']}")}
        for row in odd_headers(ingested.sightings)
    ]
    files = ("files", "first_file", "last_file")
    columns = ("source", "format", "kind", "encoding", "score", *files)
    named = ("source", "kind", "what", "names", *files)
    return [
        _section(language, "formats", tuple((name, name) for name in columns), recognised),
        _section(language, "headers", tuple((name, name) for name in named), headers),
    ]


def _on_orders(ingested: Ingested, language: str) -> list[str]:
    """Whether orders add up and reach over all days, and whether phones say anything."""
    failing = ingested.failing_totals
    first = failing.order_by("source", "check", "order_id").limit(_MOST_NAMED)
    compared = [
        vars(one) | {"check": render(language, f"ingest.check_{one.check}")}
        for one in ingested.compared_totals
    ]
    named = [
        row | {"check": render(language, f"ingest.check_{row['check']}")}
        for row in first.to_pyarrow().to_pylist()
    ]
    sections = [("compared", ("source", "check", "orders", "failing"), compared)]
    if named:
        columns = ("source", "order_id", "file", "check", "stated", "computed", "difference")
        sections.append(("failing", columns, named))
    phones = filler_phones(ingested.tables["customers"])
    return [
        *(
            _section(language, name, tuple((column, column) for column in columns), rows)
            for name, columns, rows in sections
        ),
        _on_gaps(ingested.tables["orders"], language),
        _section(
            language, "phones", tuple((n, n) for n in ("source", "phones", "fillers")), phones
        ),
    ]


def _on_gaps(orders: ir.Table, language: str) -> str:
    """Runs of days without orders, and the sources in which they would tell nothing."""
    columns = tuple((name, name) for name in ("source", "first", "last", "days"))
    section = _section(language, "gaps", columns, order_gaps(orders))
    sparse = [
        f"  {render(language, 'ingest.report_sparse', **row)}" for row in sparse_sources(orders)
    ]
    return "\n".join([section, *sparse])


def _share(part: float, whole: int) -> str:
    return (
        format_value(part / whole, "pct", "en", "JPY")
        if whole
        else format_value(None, "pct", "en", "JPY")
    )


def _nothing(language: str) -> str:
    return f"  {render(language, 'ingest.report_none')}"


def _section(
    language: str, name: str, columns: Sequence[tuple[str, str]], rows: Sequence[dict[str, Any]]
) -> str:
    heading = render(language, f"ingest.report_{name}")
    if not rows:
        return f"{heading}\n{_nothing(language)}"
    header = [render(language, f"ingest.column_{column}") for column, _ in columns]
    cells = [header, *([_cell(row[key]) for _, key in columns] for row in rows)]
    widths = [max(cell_len(line[n]) for line in cells) for n in range(len(columns))]
    lines = [
        "  ".join(
            _padded(text, width, left=column in _TEXTS)
            for text, width, (column, _) in zip(line, widths, columns, strict=True)
        ).rstrip()
        for line in cells
    ]
    return "\n".join([heading, *(f"  {line}" for line in lines)])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if hasattr(value, "isoformat"):
        return value.isoformat()[:10]
    if isinstance(value, str):
        return value
    # amounts are exact, but their trailing zeros say nothing
    text = f"{value:,}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _padded(text: str, width: int, left: bool) -> str:
    space = " " * (width - cell_len(text))
    return text + space if left else space + text
