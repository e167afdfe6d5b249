"""Cheap look at every raw file before a run starts: is it there, is it text, do the headers fit?

Neither the engine nor pandas is imported, and no row is read.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from joren.errors import InputError
from joren.ingest.carts import sort_out
from joren.ingest.decode import read_head
from joren.ingest.headers import (
    delimited_layout,
    fixed_width_layout,
    header_encodings,
    is_parquet,
    named_layout,
    parquet_columns,
)
from joren.ingest.inputs import RawFile, TableInput, table_inputs
from joren.ingest.rows import header_line

if TYPE_CHECKING:
    from joren.params import Params


def check_headers(params: Params, folder: Path) -> None:
    """Hold every raw file's header against what the sources promise.

    Parameters
    ----------
    params : the client's parameters
    folder : folder that relative paths start from

    Raises
    ------
    InputError naming file, column, nearest header and remedy
    """
    for unit in sort_out(table_inputs(params, folder)):
        if isinstance(unit, TableInput):
            for file in unit.files:
                _check(unit, file)


def _check(source: TableInput, file: RawFile) -> None:
    if is_parquet(file.path):
        named_layout(parquet_columns(file.path), source, file)
        return
    if source.fixed_width is not None:
        read_head(file.path)
        fixed_width_layout(source, file)
        return
    failure = None
    for encoding in header_encodings(file.path, source.encoding):
        try:
            header = header_line(file, encoding, source.skip_rows)
        except InputError as error:
            failure = failure or error
            continue
        delimited_layout([header], source, file)
        return
    if failure is not None:
        raise failure
