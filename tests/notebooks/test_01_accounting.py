"""Stage 01, accounting: planted differences are found, and a client without totals is told so."""

from __future__ import annotations

import json
import shutil

import duckdb
import pytest

from joren.params import project_root

ORDERS = """order_id,source_id,ordered_at,amount,status
1,a,2026-02-05 10:00,1000,valid
2,a,2026-02-06 10:00,300,cancelled
3,b,2026-02-28 10:00,50,valid
4,b,2026-03-15 10:00,700,valid
"""
BOOKED = """month,source,figure,amount
2026-02,shop,revenue,1350
2026-03,shop,revenue,700
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Runs of one client with its accounting totals, and of it without; run.json, report, rows."""
    home = tmp_path_factory.mktemp("books")
    shutil.copytree(project_root() / "reports" / "template", home / "reports" / "template")
    for name in ("10_ingest", "50_accounting"):
        target = home / "notebooks" / "01_identity" / f"{name}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(project_root() / "notebooks/01_identity" / f"{name}.ipynb", target)
    (home / "data").mkdir()
    (home / "data" / "orders.csv").write_text(ORDERS)
    (home / "data" / "booked.csv").write_text(BOOKED)
    return {given: _run(home, given) for given in (True, False)}


def _run(home, given):
    from tests.conftest import ToyProject

    project = ToyProject(home)
    sources = {"shop": {"format": "csv", "orders": {"path": "../data/orders.csv"}}}
    more = {"accounting": {"path": "../data/booked.csv"}} if given else {}
    project.params(sources=sources, **more)
    done = project.joren("run", "toy")
    assert done.returncode == 0, done.stderr
    return project.latest, project.record()


def _entry(record):
    return next(e for e in record["steps"] if e["step"] == "01_identity/50_accounting")


def test_the_planted_cancellation_explains_its_month_and_the_other_agrees(runs):
    run, record = runs[True]

    rows = duckdb.execute(
        "SELECT strftime(month, '%Y-%m'), accounting::INT, joren::INT, difference::INT, reason "
        "FROM read_parquet(?) ORDER BY month",
        [str(run / "tables" / "accounting_reconciliation.parquet")],
    ).fetchall()

    assert rows == [("2026-02", 1350, 1050, 300, "cancelled"), ("2026-03", 700, 700, 0, "agrees")]
    assert "../data/booked.csv" in record["inputs"]


def test_the_report_says_how_many_totals_agree_and_lists_the_others(runs):
    run, _ = runs[True]

    items = json.loads((run / "items" / "01_identity__50_accounting.json").read_text())

    finding, table = items
    assert (finding["key"], finding["value"], finding["n"]) == ("ingest.accounting.differs", 1, 2)
    assert [row[-1] for row in table["rows"]["en"]] == ["cancelled orders"]
    assert [row[-1] for row in table["rows"]["ja"]] == ["取消注文"]


def test_without_totals_the_step_is_not_produced_and_says_what_is_missing(runs):
    _, record = runs[False]

    entry = _entry(record)

    assert entry["status"] == "refused"
    assert "accounting.path" in entry["reason"]["en"]
    assert "accounting.path" in entry["reason"]["ja"]
