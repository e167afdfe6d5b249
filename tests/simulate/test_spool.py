"""The spool grows by chunks and leaves nothing behind."""

import duckdb
import pyarrow as pa
import pytest

from joren.errors import JorenError
from joren.simulate.spool import Spool


def test_a_table_grows_by_chunks_whatever_the_order_of_their_columns(tmp_path):
    with Spool(tmp_path) as spool:
        spool.append("people", pa.table({"a": [1], "b": ["x"]}))
        spool.append("people", pa.table({"b": ["y"], "a": [2]}))
        assert spool.con.execute("FROM people ORDER BY a").fetchall() == [(1, "x"), (2, "y")]


def test_a_chunk_with_an_unknown_column_is_refused(tmp_path):
    with Spool(tmp_path) as spool:
        spool.append("people", pa.table({"a": [1]}))
        with pytest.raises(duckdb.Error):
            spool.append("people", pa.table({"a": [1], "b": [2]}))


def test_nothing_is_left_behind_even_after_a_failure(tmp_path):
    with pytest.raises(RuntimeError), Spool(tmp_path) as spool:
        spool.append("people", pa.table({"a": [1]}))
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_rows_that_went_missing_are_noticed(tmp_path):
    with Spool(tmp_path) as spool:
        spool.append_all({"people": pa.table({"a": [1, 2]}), "orders": pa.table({"n": [1]})})
        spool.hold()
        spool.con.execute("DELETE FROM people WHERE a = 2")
        with pytest.raises(JorenError, match="1 of 2 rows of people were lost"):
            spool.hold()
