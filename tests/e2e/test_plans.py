"""A plan over several published runs: frozen, opened, edited — remembered by state alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd

from joren.params import project_root

CAMPAIGNS = """
step.set_as_of(step.params.as_of, [])
import datetime as dt, pyarrow as pa
from joren.contract import TABLES
schema = TABLES["canonical/campaigns"].ibis_schema()
row = {"source": "shop", "campaign_id": "C1", "name": "春のDM", "kind": "dm",
       "starts_on": dt.datetime(2026, 2, 1), "ends_on": dt.datetime(2026, 3, 1)}
rows = [dict.fromkeys(schema.names) | row]
table = pa.Table.from_pylist(rows, schema=schema.to_pyarrow())
step.write("canonical/campaigns", step.con.create_table("rows", table))
"""


def published(toy) -> dict:
    """The campaign's row of the table `campaign_plans` in the published run."""
    (row,) = pd.read_parquet(toy.latest / "tables" / "campaign_plans.parquet").to_dict("records")
    return row


def test_a_plan_is_frozen_by_the_first_published_run_and_an_edit_after_the_results_shows(toy):
    shutil.rmtree(toy.home / "notebooks")
    toy.notebook(
        "01_numbers/10_campaigns",
        CAMPAIGNS,
        reads=["sources"],
        writes=["canonical/campaigns"],
        params=["as_of", "sources"],
    )
    folder = toy.home / "notebooks" / "05_experiments"
    folder.mkdir()
    real = project_root() / "notebooks" / "05_experiments" / "10_plans.ipynb"
    shutil.copy(real, folder / real.name)

    def run(as_of: str, metric: str) -> dict:
        plan = {"C1": {"kpis": [{"id": "k", "metric": metric}]}}
        toy.params(as_of=as_of, campaigns=plan)
        done = toy.joren("run", "toy")
        assert done.returncode == 0, done.stderr
        return published(toy)

    before = run("2026-01-31", "orders")
    assert (before["status"], before["opens"]) == ("frozen", False)

    after = run("2026-03-31", "orders")
    assert (after["status"], after["opens"]) == ("frozen", True)
    assert after["hash"] == before["hash"]
    assert str(after["frozen_as_of"]) == "2026-01-31"

    edited = run("2026-03-31", "revenue")
    assert (edited["status"], edited["earlier_hash"]) == ("edited", before["hash"])
    assert "kpis.0.metric" in list(edited["changed"])
    assert edited["hash"] != before["hash"]

    log = Path(toy.home) / "state" / "toy" / "plans"
    rows = pd.concat(pd.read_parquet(path) for path in sorted(log.glob("*.parquet")))
    assert sorted(rows.results_opened) == [False, False, True]


def test_a_plan_for_a_metric_that_is_not_known_stops_before_anything_starts(toy):
    toy.params(campaigns={"C1": {"kpis": [{"id": "k", "metric": "ordres"}]}})
    done = toy.joren("run", "toy")
    assert done.returncode == 2
    assert "did you mean orders?" in done.stderr
