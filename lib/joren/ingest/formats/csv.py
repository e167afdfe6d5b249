"""`format: csv`: delimited or fixed-width text of any origin, mapped column by column."""

from __future__ import annotations

from pathlib import Path

from joren.errors import ParameterError
from joren.ingest.inputs import TableInput, input_from
from joren.params import Source


def inputs(entry: str, source: Source, folder: Path) -> list[TableInput]:
    """The inputs of a source whose tables are named one by one.

    Raises
    ------
    InputError if a pattern matches nothing
    ParameterError if the source names no table
    """
    if source.path is not None or not source.tables():
        raise ParameterError(
            "format csv names its files table by table",
            f"sources.{entry}",
            "write for example `orders: {path: orders.csv, columns: {...}}`",
        )
    return [input_from(entry, table, spec, folder) for table, spec in source.tables().items()]
