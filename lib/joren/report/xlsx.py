"""A run's tables as one workbook for people who live in spreadsheets."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from joren import text
from joren.contract import TABLES

MOST_ROWS = 50_000
_FIXED_TIME = datetime.datetime(2020, 1, 1)  # of the file itself; the run's time stands in it
_PERSONAL = {
    "customer_id", "household_id", "customer_ids_before", "customer_ids_after", "source_id",
    "left_source_id", "right_source_id", "account", "subscription_id", "order_id", "raw",
}  # fmt: skip
_FORMATS = {"date": "yyyy-mm-dd", "time": "yyyy-mm-dd hh:mm:ss", "number": "#,##0.####"}


def write_xlsx(
    run: Path, record: Mapping[str, Any], language: str, target: Path | None = None
) -> Path:
    """Write the tables of a run as sheets, behind a sheet that lists them.

    The workbook goes where the report goes, by mail too: tables with rows of single customers or
    of source records (their IDs may be phones or card numbers) are named with their Parquet file
    only, as are those of more than 50,000 rows. Text never runs as a formula. The same run gives
    the same bytes.

    Returns
    -------
    the workbook, `report.xlsx` in the run by default
    """
    import duckdb
    import xlsxwriter

    target = target or run / "report.xlsx"
    partial = target.with_name(f".{target.name}.partial")
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(str(partial), options)
    book.set_properties({"title": record["title"][language], "created": _FIXED_TIME})
    formats = {name: book.add_format({"num_format": code}) for name, code in _FORMATS.items()}
    formats["head"] = book.add_format({"bold": True, "bottom": 1})
    index = book.add_worksheet(text.render(language, "report.xlsx.index"))
    _write_row(index, 0, _index_head(language), formats, "head")
    index.set_column(0, 0, 30)
    index.set_column(1, 3, 22)
    paths = sorted((run / "tables").glob("*.parquet"))
    for place, path in enumerate(paths, start=1):
        rows = duckdb.execute("select count(*) from read_parquet(?)", [str(path)]).fetchall()[0][0]
        origin = record["tables"].get(path.stem, record["run_id"])
        why = "of_people" if of_people(path) else "too_long" if rows > MOST_ROWS else None
        where = text.render(language, f"report.xlsx.{why}") if why else path.stem[:31]
        _write_row(index, place, [path.stem, rows, origin, where], formats)
        if not why:
            _sheet(book, path, formats)
    book.close()
    partial.replace(target)
    return target


def of_people(path: Path) -> bool:
    """Whether a table has rows of single customers, or of what single source records say."""
    import pyarrow.parquet as pq

    return not _PERSONAL.isdisjoint(pq.read_schema(path).names)


def _index_head(language: str) -> list[str]:
    names = ("table", "rows", "run", "sheet")
    return [text.render(language, f"report.xlsx.{name}") for name in names]


def _sheet(book, path: Path, formats: Mapping[str, Any]) -> None:
    import duckdb

    key = TABLES[path.stem].key if path.stem in TABLES else ()
    columns = ", ".join(f'"{name}"' for name in key)
    order = f" order by {columns}" if key else ""
    found = duckdb.execute(f"select * from read_parquet(?){order}", [str(path)])
    names = [column[0] for column in found.description]
    sheet = book.add_worksheet(path.stem[:31])
    _write_row(sheet, 0, names, formats, "head")
    sheet.freeze_panes(1, 0)
    for place, name in enumerate(names):
        sheet.set_column(place, place, max(10, min(len(name) + 2, 28)))
    for number, row in enumerate(found.fetchall(), start=1):
        _write_row(sheet, number, row, formats)


def _write_row(
    sheet, number: int, row, formats: Mapping[str, Any], style: str | None = None
) -> None:
    for place, value in enumerate(row):
        if value is None or value != value:
            continue
        if style:
            sheet.write_string(number, place, str(value), formats[style])
        elif isinstance(value, bool):
            sheet.write_boolean(number, place, value)
        elif isinstance(value, datetime.datetime):
            sheet.write_datetime(number, place, value, formats["time"])
        elif isinstance(value, datetime.date):
            sheet.write_datetime(number, place, value, formats["date"])
        elif isinstance(value, int | float | Decimal) and abs(value) < 1e15:
            sheet.write_number(number, place, value, formats["number"])
        elif isinstance(value, list):
            sheet.write_string(number, place, ", ".join(map(str, value)))
        else:
            sheet.write_string(number, place, str(value)[:32_000])
