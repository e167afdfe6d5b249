"""Which words stand in the columns of a fixed vocabulary, and what each seems to mean.

Csv files are read to their end for this: a word that comes once a year decides about a ledger as
much as the daily ones. Cart formats bring a vocabulary of their own; of them a sample is held
against it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from joren.ingest.blocks import read_blocks
from joren.ingest.check import is_parquet
from joren.ingest.columns import VOCABULARY
from joren.ingest.headers import Layout, folded
from joren.ingest.kinds import Projection
from joren.ingest.recognise import Recognised
from joren.ingest.rows import TextFile
from joren.ingest.rules import Cell, Look
from joren.ingest.sniff import Sniffed
from joren.ingest.synonyms import WORDS
from joren.ingest.values import cleaned

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

_MOST_ROWS = 200_000


def distinct(
    files: Sequence[Sniffed], headers: Sequence[str], most_rows: int | None = None
) -> set[str]:
    """The different values under headers, read from the files themselves.

    Parameters
    ----------
    files : what to read
    headers : the columns of interest, those a file has
    most_rows : how many rows of each file to look at; all by default
    """
    found: set[str] = set()
    for file in files:
        positions = [n for n, name in enumerate(file.header) if name in headers]
        seen = 0
        for columns in _columns(file, positions) if positions else ():
            for column in columns:
                found.update(value.strip() for value in column.unique().to_pylist() if value)
            seen += len(columns[0])
            if most_rows is not None and seen >= most_rows:
                break
    return found - {""}


def identifiers(files: Sequence[Sniffed], headers: Sequence[str]) -> set[str]:
    """Different values under headers in the first rows of each file, enough to tell IDs apart."""
    return distinct(files, headers, _MOST_ROWS)


def _columns(file: Sniffed, positions: Sequence[int]) -> Iterator[list]:
    if is_parquet(file.path):
        import pyarrow.parquet as pq

        names = [file.header[n] for n in positions]
        for batch in pq.ParquetFile(file.path).iter_batches(columns=names):
            yield [column.cast(pa.string()) for column in batch.columns]
        return
    layout = Layout({}, len(file.header), file.delimiter)
    for block in read_blocks(TextFile(file.path, file.encoding, 1, layout), positions):
        yield block.columns


def meanings(table: str, column: str, words: Iterable[str]) -> dict[str, str | None]:
    """Each word that is not ours already → our word for it, or None.

    Parameters
    ----------
    table, column : a column of `VOCABULARY`
    words : as the client writes them
    """
    ours = {folded(word) for word in VOCABULARY[table, column]}
    known = {
        folded(word): meant for meant, line in WORDS[table, column].items() for word in line.split()
    }
    return {
        word: known.get(folded(word)) for word in sorted(set(words)) if folded(word) not in ours
    }


def unknown_to_format(files: Sequence[tuple[Sniffed, Recognised]]) -> dict[tuple[str, str], list]:
    """The words in samples of cart files that their format's vocabulary lacks.

    Parameters
    ----------
    files : files of one kind, each with what it was recognised as

    Returns
    -------
    (table, column) → words, in order; columns without any are left out
    """
    from joren.engine import connect

    con = connect()
    doubted: dict[tuple[str, str], set[str]] = {}
    for table, column, projection in _vocabulary_columns(files[0][1]):
        made = _made(con, files, projection, column)
        doubted.setdefault((table, column), set()).update(meanings(table, column, made))
    return {place: sorted(words) for place, words in doubted.items() if words}


def _vocabulary_columns(found: Recognised) -> Iterator[tuple[str, str, Projection]]:
    """The columns of a fixed vocabulary that a kind gives from cells."""
    orders = () if found.kind.orders is None else (("orders", found.kind.orders),)
    others = ((table, one) for table, many in found.kind.tables.items() for one in many)
    for table, projection in (*orders, *others):
        for column, rule in projection.columns.items():
            if (table, column) in VOCABULARY and any(rule.cells()):
                yield table, column, projection


def _made(
    con: Backend, files: Sequence[tuple[Sniffed, Recognised]], projection: Projection, column: str
) -> set[str]:
    """What a format's rule makes of the samples of its files."""
    rule, where = projection.columns[column], projection.where
    cells = sorted({*rule.cells(), *(() if where is None else where.cells())}, key=str)
    columns = {
        f"c{n}": pa.chunked_array([_cell(file, found, one) for file, found in files], pa.string())
        for n, one in enumerate(cells)
    }
    # the same few words stand in thousands of rows
    samples = pa.table(columns).group_by(list(columns)).aggregate([])
    sample = con.create_table("_sample", samples, temp=True, overwrite=True)

    look = Look(lambda one: cleaned(sample[f"c{cells.index(one)}"]))
    rows = sample if where is None else sample.filter(where.holds(look))
    made = rows.select(word=rule.text(look)).distinct()
    return set(made.to_pyarrow()["word"].drop_null().to_pylist())


def _cell(file: Sniffed, found: Recognised, one: Cell) -> pa.Array:
    position = found.positions.get((one.header, one.occurrence))
    return pa.array([None] * file.rows if position is None else file.columns[position], pa.string())
