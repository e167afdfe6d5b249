"""Simulate, import, compare: the importer finds the generator's own tables, to the unit."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from joren import ingest
from joren.contract import CANONICAL
from joren.engine import connect
from joren.params import load_client
from joren.simulate.client import Simulated, simulate

CUSTOMERS = 20_000
SEEDS = (20261121, 1, 77)
TABLES = ("orders", "order_lines", "point_entries", "subscriptions")


@pytest.fixture(scope="module", params=SEEDS)
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """A simulated client, one for each of three seeds."""
    home = tmp_path_factory.mktemp("home")
    files = (home / "data" / "toy", home / "params" / "toy.yaml")
    return simulate("toy", CUSTOMERS, request.param, *files)


def test_the_importer_finds_the_generators_tables_exactly(written, tmp_path):
    loaded = load_client(str(written.params))
    con = connect(memory_gb=3, scratch=tmp_path)
    ingested = ingest.read_sources(con, loaded.params, loaded.folder)
    key = written.folder / "answer_key" / "canonical"
    for name in TABLES:
        columns = ", ".join(CANONICAL[name].column_names)
        con.raw_sql(f"CREATE TEMP TABLE found AS {con.compile(ingested.tables[name])}")
        con.raw_sql(f"CREATE TEMP TABLE truth AS FROM '{key / name}.parquet'")
        rows = con.raw_sql("SELECT count(*) FROM truth").fetchall()[0][0]
        assert rows == written.files[f"answer_key/canonical/{name}.parquet"] > 0
        for one, other in (("found", "truth"), ("truth", "found")):
            more = con.raw_sql(
                f"SELECT {columns} FROM {one} EXCEPT ALL SELECT {columns} FROM {other} LIMIT 5"
            ).fetchall()
            assert more == [], f"{name}: in {one} alone"
        con.raw_sql("DROP TABLE found")
        con.raw_sql("DROP TABLE truth")
    _check_what_was_refused(con, ingested, written.folder / "answer_key" / "planted.parquet")


def _check_what_was_refused(con, ingested: ingest.Ingested, planted: Path) -> None:
    """Besides repeated downloads, the broken rows that were planted and nothing else."""
    con.raw_sql(f"CREATE TEMP TABLE refused AS {con.compile(ingested.quarantine)}")
    reasons = con.raw_sql(
        "SELECT source, reason, count(*) FROM refused WHERE reason <> 'duplicate' "
        "GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    assert reasons == [
        ("call", "unreadable:occurred_at", 1),
        ("pos", "unreadable:amount", 2),
        ("pos", "unreadable:ordered_at", 1),
        ("web", "unreadable:ordered_at", 1),
        ("web", "unreadable:quantity", 1),
    ]
    files = duckdb.sql(f"SELECT count(file) FROM '{planted}'").fetchall()
    assert files == [(5,)]
