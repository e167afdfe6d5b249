"""Cheap look at every raw file before a run starts: is it there, is it text, do the headers fit?

Neither the engine nor pandas is imported, and no row is read.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from joren.errors import InputError
from joren.ingest.decode import detect_encoding, read_head
from joren.ingest.headers import delimited_layout, fixed_width_layout, named_layout
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
    for source in table_inputs(params, folder):
        for file in source.files:
            _check(source, file)


def _check(source: TableInput, file: RawFile) -> None:
    if is_parquet(file.path):
        named_layout(parquet_columns(file.path), source, file)
        return
    head = read_head(file.path)
    if source.fixed_width is not None:
        fixed_width_layout(source, file)
        return
    if source.encoding is not None or head.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = [detect_encoding(file.path, source.encoding)]
    else:
        encodings = ["utf-8", "cp932"]
    failure = None
    for encoding in encodings:
        try:
            header = header_line(file, encoding, source.skip_rows)
        except InputError as error:
            failure = failure or error
            continue
        delimited_layout([header], source, file)
        return
    if failure is not None:
        raise failure


def is_parquet(path: Path) -> bool:
    """Whether a file is Parquet, by its name."""
    return path.suffix == ".parquet"


def parquet_columns(path: Path) -> list[str]:
    """The column names of a Parquet file.

    Raises
    ------
    InputError if it is not Parquet
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_schema(path).names
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise InputError(
            f"this is not a readable Parquet file: {reason}", str(path), "export it again"
        ) from None
