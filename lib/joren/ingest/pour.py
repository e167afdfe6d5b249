"""Rows of many files into one table of the engine, by one statement and with their spaces trimmed.

A statement for every block of rows would append each on its own, which takes the engine ten times
as long; as a stream it reads the blocks itself, on all processors, while the next is parsed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import ibis
import ibis.expr.datatypes as dt
import pyarrow as pa
import pyarrow.compute as pc
from ibis.backends.sql.datatypes import DuckDBType

from joren.errors import JorenError
from joren.ingest.places import PLACE
from joren.ingest.values import SPACES

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

_STREAM = "_poured"

type Columns = Mapping[str, pa.Array | pa.ChunkedArray]


def create(con: Backend, name: str, texts: Iterable[str], marks: Iterable[str] = ()) -> None:
    """Create the temporary table `name`: the place of each row, columns of strings, yes or no."""
    types = PLACE | dict.fromkeys(texts, "string") | dict.fromkeys(marks, "boolean")
    con.raw_sql(f'CREATE OR REPLACE TEMP TABLE "{name}" ({declared(types)})')


def declared(types: Mapping[str, str]) -> str:
    """Columns by name and type as the engine declares them."""
    kinds = {column: DuckDBType.to_string(dt.dtype(kind)) for column, kind in types.items()}
    return ", ".join(f'"{column}" {kind}' for column, kind in kinds.items())


def pour(con: Backend, name: str, texts: list[str], blocks: Iterator[Columns]) -> None:
    """Append blocks of rows to a table that `create` made.

    Parameters
    ----------
    con : the engine
    name : the table
    texts : its columns of strings; they are stored trimmed, and null where nothing is left
    blocks : the columns of some rows: the place of each, and its strings

    Raises
    ------
    JorenError if a row was lost, which would be a fault of Joren; whatever the blocks raise
    """
    stream = _Stream(texts, blocks)
    before = _count(con, name)
    reader = pa.RecordBatchReader.from_batches(stream.schema, stream.batches())
    con.con.register(_STREAM, reader)
    try:
        cells = "".join(f""", nullif("{column}", '')""" for column in texts)
        con.raw_sql(f'INSERT INTO "{name}" SELECT {", ".join(PLACE)}{cells} FROM {_STREAM}')
    except Exception:
        if stream.failure is not None:
            raise stream.failure from None
        raise
    finally:
        con.con.unregister(_STREAM)
    if _count(con, name) - before != stream.rows:
        raise JorenError(
            "rows were lost on their way into the engine",
            name,
            "report this: it is a fault of Joren",
        )


def _count(con: Backend, name: str) -> int:
    return con.raw_sql(f'SELECT count(*) FROM "{name}"').fetchall()[0][0]


class _Stream:
    """The blocks as the engine asks for them; what they raise is kept, as it shows only the text.

    `rows` counts what was handed over.
    """

    def __init__(self, texts: list[str], blocks: Iterator[Columns]) -> None:
        self.schema = ibis.schema(PLACE | dict.fromkeys(texts, "string")).to_pyarrow()
        self.rows = 0
        self.failure: Exception | None = None
        self._texts = texts
        self._blocks = blocks

    def batches(self) -> Iterator[pa.RecordBatch]:
        try:
            for block in self._blocks:
                columns = {**block} | {name: _trimmed(block[name]) for name in self._texts}
                table = pa.table(columns, schema=self.schema)
                self.rows += table.num_rows
                yield from table.combine_chunks().to_batches()
        except Exception as error:
            self.failure = error
            raise


def _trimmed(strings: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    return pc.utf8_trim(strings, characters=SPACES)
