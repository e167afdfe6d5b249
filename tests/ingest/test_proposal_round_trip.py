"""Simulate, propose, import: the proposed parameters alone give the generator's own tables."""

from __future__ import annotations

import pytest

from joren import ingest
from joren.contract import CANONICAL
from joren.params import load_client
from joren.simulate.client import simulate

TABLES = ("orders", "order_lines", "point_entries", "subscriptions")


@pytest.fixture
def simulated(tmp_path, monkeypatch):
    monkeypatch.setenv("JOREN_HOME", str(tmp_path))
    return simulate("toy", 500, 7, tmp_path / "data" / "toy", tmp_path / "params" / "toy.yaml")


def test_a_simulated_clients_files_come_in_as_proposed(simulated, con):
    proposal = ingest.propose([simulated.folder], "acme")
    path = simulated.params.with_name("acme.yaml")
    path.write_text(proposal.text, encoding="utf-8")
    loaded = load_client(str(path))
    ingest.check_headers(loaded.params, loaded.folder)
    ingested = ingest.read_sources(con, loaded.params, loaded.folder)

    assert proposal.questions == ()
    key = simulated.folder / "answer_key" / "canonical"
    for name in TABLES:
        columns = ", ".join(CANONICAL[name].column_names)
        found, truth = f"({con.compile(ingested.tables[name])})", f"'{key / name}.parquet'"
        assert con.raw_sql(f"SELECT count(*) FROM {truth}").fetchall()[0][0] > 0
        for one, other in ((found, truth), (truth, found)):
            more = con.raw_sql(
                f"SELECT {columns} FROM {one} EXCEPT ALL SELECT {columns} FROM {other} LIMIT 5"
            ).fetchall()
            assert more == [], f"{name}: in {one[:40]} alone"
