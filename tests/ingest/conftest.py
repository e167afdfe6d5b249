"""Reading small files written in the test body."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from joren import ingest
from joren.contract import validate
from joren.engine import connect
from joren.ingest.cells import look_in, with_figures
from joren.ingest.rules import Condition, Rule
from joren.params import Params, project_root


@pytest.fixture(scope="session")
def con():
    """One engine for all tests of this folder."""
    return connect()


@pytest.fixture
def params() -> Callable[..., Params]:
    """Parameters of a client from its sources alone."""

    def make(sources: dict[str, Any], **others: Any) -> Params:
        base = {"client": "t", "title": {"ja": "t", "en": "t"}, "sources": sources}
        return Params.model_validate(base | others)

    return make


@pytest.fixture
def read(con, params, tmp_path: Path):
    """Write files and read them; whatever is read must reconcile and satisfy its contract.

    The first argument maps file name → content; without `sources` the files are canonical tables.
    """

    def run(files: dict[str, str | bytes], sources: dict[str, Any] | None = None, **others: Any):
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        given = params(sources or {"shop": {"format": "tables", "path": "."}}, **others)
        ingest.check_headers(given, tmp_path)
        ingested = ingest.read_sources(con, given, tmp_path)
        for name, table in ingested.tables.items():
            validate(table, f"canonical/{name}")
        validate(ingested.quarantine, "quarantine")
        validate(ingested.coverage, "coverage")
        for row in rows_of(ingested.coverage):
            assert row["rows_in"] == row["rows_accepted"] + row["rows_quarantined"]
            assert row["amount_in"] == row["amount_accepted"] + row["amount_quarantined"]
        return ingested

    return run


def rows_of(table) -> list[dict[str, Any]]:
    return table.order_by(table.columns).to_pyarrow().to_pylist()


@pytest.fixture
def rows() -> Callable[..., list[dict[str, Any]]]:
    """The rows of a table in the order of its columns."""
    return rows_of


@pytest.fixture
def reasons() -> Callable[..., dict[int, str]]:
    """Line → reason of everything in quarantine."""

    def of(ingested) -> dict[int, str]:
        return {row["row_number"]: row["reason"] for row in rows_of(ingested.quarantine)}

    return of


@pytest.fixture(scope="session")
def cdnow_sample() -> bytes:
    """The CDNOW sample as shipped."""
    return (project_root() / "data" / "cdnow" / "CDNOW_sample.txt").read_bytes()


@pytest.fixture
def evaluated(con):
    """What the engine makes of a rule or condition (`ask` names the method), row by row.

    Rows map header → cell; a header that no row has is one that the file lacks.
    """

    def run(rule: Rule | Condition, *rows: dict[str, str | None], ask: str = "text") -> list[Any]:
        headers = sorted({header for row in rows for header in row})
        cells = {h: pa.array([row.get(h) for row in rows], pa.string()) for h in headers}
        held = pa.table({"_n": pa.array(range(len(rows)))} | cells)
        table = con.create_table("_cells", held, temp=True, overwrite=True)
        names = {(header, 1): header for header in headers}
        table, look = with_figures(table, partial(look_in, names=names), [rule])
        made = table.select("_n", made=getattr(rule, ask)(look)).order_by("_n")
        return made.to_pyarrow()["made"].to_pylist()

    return run
