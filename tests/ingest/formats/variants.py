"""One export as it may reach a consultant, and canonical tables written as text.

`VARIANTS` are ways in which the same records arrive: other encodings and line ends, columns in
another order, unknown ones among them, quoted, in pieces, twice. Whatever the way, the canonical
tables are the same.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from joren.params import project_root

_SAMPLES = project_root() / "tests" / "data" / "formats"
_BOM = "\ufeff".encode()


@dataclass(frozen=True)
class Sample:
    """An export as rows of strings, the header first, and how it is written."""

    rows: tuple[tuple[str, ...], ...]
    encoding: str
    line_end: str
    delimiter: str = ","
    quoting: int = csv.QUOTE_MINIMAL

    @property
    def header(self) -> tuple[str, ...]:
        return self.rows[0]

    def content(self) -> bytes:
        """The bytes of the file."""
        text = io.StringIO(newline="")
        writer = csv.writer(
            text, delimiter=self.delimiter, quoting=self.quoting, lineterminator=self.line_end
        )
        writer.writerows(self.rows)
        return text.getvalue().encode(self.encoding)

    def without(self, *headers: str) -> Sample:
        """The export without some columns."""
        assert {*headers} <= {*self.header}
        kept = [n for n, name in enumerate(self.header) if name not in headers]
        return replace(self, rows=tuple(tuple(row[n] for n in kept) for row in self.rows))

    def with_cell(self, line: int, header: str, value: str) -> Sample:
        """The export with another value in a cell; `line` as in the file, the header being 1."""
        place, column = line - 1, self.header.index(header)
        row = self.rows[place]
        changed = (*row[:column], value, *row[column + 1 :])
        return replace(self, rows=(*self.rows[:place], changed, *self.rows[place + 1 :]))


def sample(name: str) -> Sample:
    """A committed sample, for example `rakuten/orders.csv`."""
    content = (_SAMPLES / name).read_bytes()
    encoding = "utf-8-sig" if content.startswith(_BOM) else _unmarked(content)
    text = content.decode(encoding)
    line_end = "\r\n" if "\r\n" in text else "\n"
    delimiter = "\t" if "\t" in text.split(line_end, 1)[0] else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return Sample(tuple(tuple(row) for row in rows), encoding, line_end, delimiter)


def _unmarked(content: bytes) -> str:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp932"
    return "utf-8"


def _as_exported(one: Sample, key: str) -> dict[str, bytes]:
    return {"a.csv": one.content()}


def _rearranged(one: Sample, key: str) -> dict[str, bytes]:
    """Other columns in another order, in the other of the two usual encodings."""
    order = list(range(len(one.header)))
    random.Random(1).shuffle(order)
    rows = [(*(row[n] for n in order), "備考" if not i else "x") for i, row in enumerate(one.rows)]
    rows = [(*row[:3], "社内メモ欄" if not i else "未", *row[3:]) for i, row in enumerate(rows)]
    other = "utf-8" if one.encoding == "cp932" else "cp932"
    return {"a.csv": replace(one, rows=tuple(rows), encoding=other).content()}


def _in_pieces(one: Sample, key: str) -> dict[str, bytes]:
    """Two files that share the orders in the middle; of the later one there is a copy.

    The later one bears a byte order mark, the other line ends, and quotes around every cell.
    """
    at = one.header.index(key)
    keys = list(dict.fromkeys(row[at] for row in one.rows[1:]))
    third = max(1, len(keys) // 3)

    def part(chosen: set[str]) -> Sample:
        return replace(one, rows=(one.header, *_chosen(one, at, chosen)))

    other_end = "\n" if one.line_end == "\r\n" else "\r\n"
    later = replace(
        part(set(keys[third:])), encoding="utf-8-sig", line_end=other_end, quoting=csv.QUOTE_ALL
    ).content()
    return {"a.csv": part({*keys[: 2 * third]}).content(), "b.csv": later, "b (1).csv": later}


def _chosen(one: Sample, at: int, keys: set[str]) -> list[tuple[str, ...]]:
    return [row for row in one.rows[1:] if row[at] in keys]


VARIANTS: Mapping[str, Callable[[Sample, str], dict[str, bytes]]] = {
    "as exported": _as_exported,
    "rearranged": _rearranged,
    "in pieces": _in_pieces,
}
"""Sample and the header of its key (order or member number) → file name → content."""


def said(block: str) -> list[dict[str, str]]:
    """Records from a table written as text: ` | ` between cells, names in the first line.

    A cell that is empty or `-` is null.
    """
    lines = [[cell.strip() for cell in line.split("|")] for line in block.strip().splitlines()]
    names, *rows = lines
    records = [dict(zip(names, row, strict=True)) for row in rows]
    return _sorted({k: v for k, v in row.items() if v not in ("", "-")} for row in records)


def held(ingested: Any, table: str) -> list[dict[str, str]]:
    """The records of a canonical table as text, nulls and the name of the source left out."""
    rows = ingested.tables[table].drop("source").to_pyarrow().to_pylist()
    return _sorted({k: _text(v) for k, v in row.items() if v is not None} for row in rows)


def failing(ingested: Any) -> list[tuple[str, str, int, int]]:
    """Orders whose figures do not add up: order, check, what is stated, what comes out."""
    rows = ingested.failing_totals.to_pyarrow().to_pylist()
    return sorted(
        (row["order_id"], row["check"], int(row["stated"]), int(row["computed"])) for row in rows
    )


def lacking(records: Sequence[Mapping[str, str]], *columns: str) -> list[dict[str, str]]:
    """The records without some columns."""
    return _sorted({k: v for k, v in row.items() if k not in columns} for row in records)


def _sorted(records: Any) -> list[dict[str, str]]:
    return sorted(records, key=lambda row: sorted(row.items()))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)


def under(folder: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files, in a folder."""
    return {f"{folder}/{name}": content for name, content in files.items()}
