"""DuckDB behind Ibis: what Ibis calls exists, and tables are written whole."""

from __future__ import annotations

import tempfile
from pathlib import Path

import ibis
import pyarrow as pa
import pytest

from joren import engine


def test_the_ibis_calls_that_duckdb_2_renamed_work():
    backend = engine.connect()
    backend.create_table("t", ibis.memtable({"x": [1, 2, 3]}))

    assert "t" in backend.list_tables()
    assert backend.sql("SELECT x FROM t WHERE x > 1").count().execute() == 2
    batches = backend.table("t").to_pyarrow_batches(chunk_size=2)
    assert sum(batch.num_rows for batch in batches) == 3


def test_the_same_rows_in_another_order_give_the_same_bytes(tmp_path):
    backend = engine.connect()
    rows = {"id": ["b", "a", "c"], "amount": [2, 1, 3]}
    shuffled = {"id": ["c", "b", "a"], "amount": [3, 2, 1]}
    for name, data in (("one", rows), ("two", shuffled)):
        table = backend.create_table(name, ibis.memtable(data))
        engine.write_parquet(table, tmp_path / f"{name}.parquet", ["id"])

    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()


def test_a_write_that_fails_leaves_the_old_file(tmp_path):
    backend = engine.connect()
    path = tmp_path / "t.parquet"
    engine.write_parquet(backend.create_table("good", ibis.memtable({"x": [1]})), path)
    before = path.read_bytes()
    bad = backend.sql("SELECT CASE WHEN range > 10 THEN error('stop') END AS x FROM range(100)")

    with pytest.raises(Exception, match="stop"):
        engine.write_parquet(bad, path)
    assert path.read_bytes() == before


def test_the_memory_limit_and_the_spill_folder_are_set(tmp_path):
    backend = engine.connect(memory_gb=0.5, scratch=tmp_path / "it's here")
    limit = backend.raw_sql("SELECT current_setting('memory_limit')").fetchone()[0]
    assert limit in ("476.8 MiB", "512.0 MiB")


def test_without_a_folder_it_spills_below_the_systems_own_and_not_where_it_was_started():
    backend = engine.connect()
    spill = backend.raw_sql("SELECT current_setting('temp_directory')").fetchall()[0][0]
    other = engine.connect().raw_sql("SELECT current_setting('temp_directory')").fetchall()[0][0]
    assert Path(spill).parent == Path(tempfile.gettempdir())
    assert spill != other


def test_rows_are_appended_to_a_kept_table():
    backend = engine.connect()
    rows = pa.table({"id": ["a", "b"], "points": [1, 2]})
    engine.keep(backend, "kept", rows.slice(0, 0))

    engine.append(backend, "kept", rows)
    engine.append(backend, "kept", rows.slice(1))

    assert backend.table("kept").order_by("points").to_pyarrow().to_pylist() == [
        {"id": "a", "points": 1}, {"id": "b", "points": 2}, {"id": "b", "points": 2},
    ]  # fmt: skip


def test_a_table_that_rests_on_rows_in_memory_is_written(tmp_path):
    backend = engine.connect()
    kept = backend.create_table("kept", ibis.memtable({"x": [1, 2]}))
    joined = kept.join(ibis.memtable({"x": [2], "y": [5]}), "x").select("x", "y")
    path = tmp_path / "it's joined.parquet"
    engine.write_parquet(joined, path, ["x"])

    assert engine.read_parquet(backend, path).to_pyarrow().to_pylist() == [{"x": 2, "y": 5}]
