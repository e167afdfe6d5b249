from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pytest

from joren.errors import InputError
from joren.ingest.pour import Columns, create, pour


def _block(first: int, *texts: str | None) -> Columns:
    rows = range(first, first + len(texts))
    return {
        "_at": pa.array([row << 12 for row in rows]),
        "_row": pa.array([*rows]),
        "_file": pa.array(["a.csv"] * len(texts)),
        "_fault": pa.nulls(len(texts), pa.string()),
        "_shape": pa.nulls(len(texts), pa.string()),
        "name": pa.chunked_array([pa.array(part, pa.string()) for part in (texts[:1], texts[1:])]),
    }  # fmt: skip


def _names(con) -> list[str | None]:
    return [name for (name,) in con.raw_sql("SELECT name FROM _into ORDER BY _at").fetchall()]


def test_strings_are_trimmed_on_both_sides_and_null_where_nothing_is_left(con):
    create(con, "_into", ["name"])
    blocks = [_block(2, "　A b\t", "", " "), _block(5, "\ufeffC", None, "\u00a0")]
    pour(con, "_into", ["name"], iter(blocks))
    assert _names(con) == ["A b", None, None, "C", None, None]


def test_what_is_there_already_stays(con):
    create(con, "_into", ["name"])
    for first, text in ((2, "A"), (3, "B")):
        pour(con, "_into", ["name"], iter([_block(first, text)]))
    pour(con, "_into", ["name"], iter(()))
    assert _names(con) == ["A", "B"]


def test_what_the_blocks_raise_reaches_the_caller_as_it_is_and_nothing_is_stored(con):
    def broken() -> Iterator[Columns]:
        yield _block(2, "A")
        raise InputError("too many lines", "a.csv", "split it")

    create(con, "_into", ["name"])
    with pytest.raises(InputError, match="too many lines"):
        pour(con, "_into", ["name"], broken())
    assert _names(con) == []


def test_a_fault_of_the_engine_is_not_hidden(con):
    create(con, "_into", ["other"])
    with pytest.raises(Exception, match="columns"):
        pour(con, "_into", ["name", "other", "third"], iter([]))


def test_many_blocks_keep_every_row(con):
    create(con, "_into", ["name"])
    pour(con, "_into", ["name"], (_block(2 + 1000 * n, *["x"] * 1000) for n in range(300)))
    counted = con.raw_sql("SELECT count(*), count(DISTINCT _at) FROM _into").fetchall()
    assert counted == [(300_000, 300_000)]
