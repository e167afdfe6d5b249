"""Writes what a query finds as the file a system would export: headers, encoding, line ends."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from joren.simulate.dirt import VARIATION_SELECTOR
from joren.simulate.spool import Spool
from joren.simulate.world import END, START

_BLOCK = 1 << 22


@dataclass
class Written:
    """What was written so far: the files with their rows, and the rows planted to be refused."""

    files: dict[Path, int] = field(default_factory=dict)
    planted: list[tuple[str, str, str, str]] = field(default_factory=list)  # source, file, what, id


@dataclass(frozen=True)
class Sheet:
    """One file to be written.

    Parameters
    ----------
    path : where
    headers : as they stand in the first line; one may stand there twice
    encoding : `cp932`, `utf-8` or `utf-8-sig` (with BOM); lines end with CR LF but in plain `utf-8`
    """

    path: Path
    headers: Sequence[str]
    encoding: str


def write_sheet(
    spool: Spool,
    sheet: Sheet,
    cells: Mapping[str, str],
    rows: str,
    written: Written,
    broken: Sequence[Mapping[str, str]] = (),
) -> None:
    """Write one file.

    Parameters
    ----------
    cells : header → SQL of its cell; headers without one are empty
    rows : SQL from `FROM` on, with its order
    broken : for each row to be planted at the end, the cells that differ from the file's first row
    """
    query = _select(sheet.headers, cells, rows)
    if broken:
        first = [
            _select(sheet.headers, {**cells, **changed}, "FROM (FROM sheet_rows LIMIT 1)")
            for changed in broken
        ]
        spool.con.execute(f"CREATE OR REPLACE TEMP VIEW sheet_rows AS SELECT * {rows}")
        query = " UNION ALL ".join(f"(FROM ({part}))" for part in (query, *first))
    raw = spool.folder / "sheet.csv"
    count = spool.con.execute(f"COPY ({query}) TO '{raw}' (FORMAT CSV, HEADER false)").fetchall()
    sheet.path.parent.mkdir(parents=True, exist_ok=True)
    end = b"\n" if sheet.encoding == "utf-8" else b"\r\n"
    with sheet.path.open("wb") as file:
        file.write(_first_line(sheet.headers).encode(sheet.encoding) + end)
        for block in _whole_lines(raw):
            file.write(_encoded(block, sheet.encoding, end))
    raw.unlink()
    written.files[sheet.path] = count[0][0]


def text_or_none(expression: str) -> str:
    """SQL of a cell that is left empty, not quoted, where the text is empty."""
    return f"nullif({expression}, '')"


def moment(expression: str, form: str = "%Y/%m/%d %H:%M:%S") -> str:
    """SQL of a moment as text."""
    return f"strftime({expression}, '{form}')"


def for_cp932(name: str) -> str:
    """SQL of a name in a file that cannot hold variation selectors and 𠮷."""
    return f"replace(replace({name}, chr({VARIATION_SELECTOR}), ''), '𠮷', '吉')"


def calendar_months() -> Iterator[tuple[str, datetime, datetime]]:
    """The months of the observed window: name, first moment, first moment of the next."""
    first = START
    while first < END:
        after = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
        yield f"{first:%Y-%m}", first, after
        first = after


def _select(headers: Sequence[str], cells: Mapping[str, str], rows: str) -> str:
    unknown = set(cells) - set(headers)
    if unknown:
        raise ValueError(f"the file has no headers {sorted(unknown)}")
    shown: set[str] = set()
    columns = []
    for number, header in enumerate(headers):
        cell = cells.get(header, "NULL") if header not in shown else "NULL"
        shown.add(header)
        columns.append(f"CAST({cell} AS VARCHAR) AS c{number}")
    return f"SELECT {', '.join(columns)} {rows}"


def _first_line(headers: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(headers)
    return line.getvalue()


def _whole_lines(path: Path) -> Iterator[bytes]:
    rest = b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            cut = block.rfind(b"\n") + 1
            yield rest + block[:cut]
            rest = block[cut:]
    yield rest


def _encoded(block: bytes, encoding: str, end: bytes) -> bytes:
    if encoding == "cp932":
        block = block.decode("utf-8").encode("cp932")
    return block if end == b"\n" else block.replace(b"\n", end)
