"""A real grocer's year from raw tables to report: what its data carry, and what they do not."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pypdf
import pytest
from benchmarks.completejourney import CLIENT, raw_folder, write_client

STAGES = ("01_identity", "02_points", "05_experiments")


def _one(query: str, *paths: Path) -> tuple:
    return duckdb.execute(query, [str(path) for path in paths]).fetchall()[0]


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """The canonical tables of all households."""
    return write_client(tmp_path_factory.mktemp("whole")).parent / "data"


def test_every_basket_line_and_cent_is_there(whole):
    raw = raw_folder() / "transactions.parquet"
    lines, baskets, total = _one(
        "SELECT count(*), count(DISTINCT basket_id), sum(sales_value::DECIMAL(18, 2)) "
        "FROM read_parquet(?)",
        raw,
    )

    orders, households, amount = _one(
        "SELECT count(*), count(DISTINCT source_id), sum(amount) FROM read_parquet(?)",
        whole / "orders.parquet",
    )
    assert (orders, households, amount) == (baskets, 2469, total)
    assert _one("SELECT count(*), sum(amount) FROM read_parquet(?)",
                whole / "order_lines.parquet") == (lines, total)  # fmt: skip
    assert (lines, orders) == (1_469_307, 155_848)


def test_campaigns_are_contacts_and_redemptions_events_and_nobody_is_assigned(whole):
    assert _one("SELECT count(*) FROM read_parquet(?)", whole / "campaigns.parquet") == (27,)
    assert _one("SELECT count(*) FROM read_parquet(?)", whole / "contacts.parquet") == (6589,)
    assert _one("SELECT count(*) FROM read_parquet(?)", whole / "events.parquet") == (2102,)
    assert not (whole / "assignments.parquet").exists()


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Path:
    """A run of 120 households: identity, points and experiments."""
    folder = tmp_path_factory.mktemp("grocer")
    path = write_client(folder, households=120)
    reports = folder / "reports"
    stages = [word for stage in STAGES for word in ("--stage", stage)]
    done = subprocess.run(
        [sys.executable, "-m", "joren", "run", str(path), "--reports", str(reports), *stages],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return (reports / CLIENT / "latest").resolve()


def _steps(run: Path) -> dict[str, dict]:
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    return {entry["step"]: entry for entry in record["steps"]}


def test_all_rows_are_accepted_on_the_stores_own_clock(published):
    orders = published / "restricted" / "canonical" / "orders.parquet"
    first, last, total = _one(
        "SELECT min(ordered_at)::DATE::VARCHAR, max(ordered_at)::DATE::VARCHAR, sum(amount) "
        "FROM read_parquet(?)",
        orders,
    )
    raw = published.parents[2] / "data" / "orders.parquet"
    assert total == _one("SELECT sum(amount) FROM read_parquet(?)", raw)[0]
    assert isinstance(total, Decimal)
    assert first >= "2017-01-01"
    assert last <= "2017-12-31"
    (quarantined,) = _one(
        "SELECT sum(rows_quarantined) FROM read_parquet(?)", published / "tables/coverage.parquet"
    )
    assert quarantined == 0


def test_what_the_data_cannot_support_is_left_out_with_its_reason(published):
    steps = _steps(published)
    for step in ("02_points/10_ledger", "02_points/40_campaigns", "02_points/50_economics"):
        assert steps[step]["status"] in ("skipped", "refused")
        assert steps[step]["reason"]["ja"] and steps[step]["reason"]["en"]


def test_campaigns_without_a_hold_out_get_no_effect(published):
    report = json.loads((published / "report.json").read_text(encoding="utf-8"))
    items = [
        item
        for stage in report["stages"]
        for step in stage["steps"]
        if step["step"] == "05_experiments/20_readout"
        for item in step["items"]
    ]
    findings = [item for item in items if item["kind"] == "finding"]
    assert any("no hold-out" in item["text"]["en"] for item in findings)
    assert not any(item["key"].startswith("campaigns.effect.raised") for item in findings)
    assert _one(
        "SELECT count(*) FROM read_parquet(?) WHERE grade IN ('A', 'B', 'C')",
        published / "tables" / "experiment_readout.parquet",
    ) == (0,)


def test_the_printed_report_has_no_blank_page_and_says_dollars(published):
    pages = [page.extract_text() for page in pypdf.PdfReader(published / "report.pdf").pages]
    assert len(pages[0]) > 100  # the cover
    assert all(len(page) > 200 for page in pages[1:])
    assert any("$" in page for page in pages)
    assert any("Points: " in page for page in pages)  # named as absent, with the reason
