"""Lists as CSV files that spreadsheets open unharmed: encoding, line ends, no formulas."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ROWS_AT_A_TIME = 50_000


def write_csv(
    con: Backend, table: ir.Table, path: Path, headers: Mapping[str, str], encoding: str
) -> None:
    """Write a list whole or not at all, readable by its owner only.

    Text that a spreadsheet would run as a formula (`=cmd|…`) is shown as text by a leading
    apostrophe; numbers stay numbers. A character the encoding lacks becomes 〓, the printers'
    mark for a missing type, and never stops a list.

    Parameters
    ----------
    table : the rows, in the order of the file
    headers : column → header
    encoding : `utf-8-sig`, which Excel takes for UTF-8, or `cp932`
    """
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("w", encoding=encoding, errors="joren_geta", newline="") as stream:
        partial.chmod(0o600)
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow([_cell(header) for header in headers.values()])
        for batch in con.to_pyarrow_batches(table.select(*headers), chunk_size=_ROWS_AT_A_TIME):
            writer.writerows(
                [_cell(value) for value in row]
                for row in zip(*batch.to_pydict().values(), strict=True)
            )
    partial.replace(path)


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, str):
        # a full-width sign is folded to a plain one by some spreadsheets
        plain = value.lstrip(" \u3000").translate(_FULL_WIDTH)
        return f"'{value}" if plain.startswith(_STARTS_A_FORMULA) else value
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        whole = value == value.to_integral_value()
        return format(value.quantize(Decimal(1)) if whole else value.normalize(), "f")
    if isinstance(value, list):
        return _cell(" ".join(map(str, value)))
    return value


_FULL_WIDTH = str.maketrans("＝＋－＠", "=+-@")


def _geta(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeEncodeError):
        return "〓" * (error.end - error.start), error.end
    raise error


codecs.register_error("joren_geta", _geta)
