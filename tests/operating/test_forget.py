"""Forgetting one person: out of every log, listed for the next run, nobody else touched."""

from __future__ import annotations

import duckdb
import pytest

from joren.errors import JorenError
from joren.operating.forget import LOG, forget
from joren.workspace import Workspace, switch_latest, write_json


@pytest.fixture
def shop(tmp_path):
    """A published run that knows C1 (two records) and C2, and logs of several shapes."""
    workspace = Workspace("shop", tmp_path / "reports")
    run = workspace.run_folder("20260331T090000Z")
    (run / "tables").mkdir(parents=True)
    write_json(run / "run.json", {"run_id": run.name, "status": "published"})

    def table(path, query):
        path.parent.mkdir(parents=True, exist_ok=True)
        duckdb.sql(f"copy ({query}) to '{path}' (format parquet)")

    table(
        run / "tables" / "identity_map.parquet",
        "select * from (values ('web','w1','C1'), ('pos','p1','C1'), ('web','w2','C2')) "
        "t(source, source_id, customer_id)",
    )
    state = workspace.state
    table(
        state / "forecast_customers" / "r.parquet",
        "select * from (values ('C1', 1.0), ('C2', 2.0)) t(customer_id, value)",
    )
    table(
        state / "identity_links" / "r.parquet",
        "select * from (values ('web','w1','pos','p1'), ('web','w2','pos','p9')) "
        "t(left_source, left_source_id, right_source, right_source_id)",
    )
    table(
        state / "identity_history" / "r.parquet",
        "select ['C1'] as customer_ids_before, ['C2'] as customer_ids_after "
        "union all select ['C2'], ['C2']",
    )
    table(state / "plans" / "r.parquet", "select 'summer' as campaign_id")
    cache = workspace.cache / "restricted"
    cache.mkdir(parents=True)
    (cache / "keys").write_text("clear")
    switch_latest(workspace, run)
    return workspace


def _rows(workspace, log):
    return duckdb.sql(f"select * from '{workspace.state}/{log}/*.parquet'").fetchall()


def test_every_log_loses_the_person_and_keeps_everybody_else(shop):
    done = forget(shop, "C1", "asked on 1 April")
    assert done.records == 2
    assert done.rows == {"forecast_customers": 1, "identity_history": 1, "identity_links": 1}
    assert _rows(shop, "forecast_customers") == [("C2", 2.0)]
    assert _rows(shop, "identity_links") == [("web", "w2", "pos", "p9")]
    assert _rows(shop, "identity_history") == [(["C2"], ["C2"])]
    assert _rows(shop, "plans") == [("summer",)]
    assert not (shop.cache / "restricted").exists()


def test_the_records_are_listed_for_the_next_run(shop):
    forget(shop, "C1")
    listed = {(source, source_id) for source, source_id, *_ in _rows(shop, LOG)}
    assert listed == {("web", "w1"), ("pos", "p1")}
    for path in (shop.state / LOG).iterdir():
        assert path.stat().st_mode & 0o077 == 0


def test_an_unknown_customer_is_named_and_nothing_is_written(shop):
    with pytest.raises(JorenError, match="knows no customer C9"):
        forget(shop, "C9")
    assert not (shop.state / LOG).exists()


def test_the_runs_that_still_know_the_person_are_told(shop):
    assert forget(shop, "C1").runs == ("20260331T090000Z",)
