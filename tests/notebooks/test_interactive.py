"""The interactive notebooks run in a real kernel, show nothing in clear, and keep verdicts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from joren.notebooks import notebooks_folder

FOLDER = notebooks_folder() / "interactive"
PRESS = (
    "desk.buttons['different'].click()\nprint('PRESSED', len(pairs), desk.place, desk._note.value)"
)


@pytest.fixture
def project(demo_run: Path, tmp_path: Path) -> Path:
    """Reports with the demo's published run in them, and a state of their own."""
    reports = tmp_path / "reports"
    (reports / "demo").mkdir(parents=True)
    shutil.copytree(demo_run, reports / "demo" / demo_run.name)
    (reports / "demo" / "latest").symlink_to(demo_run.name)
    return reports


def execute(name: str, reports: Path, tmp_path: Path, *cells: str) -> str:
    """Execute a notebook with further cells at its end; returns it as text."""
    content = json.loads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8"))
    content["cells"] += [
        {"cell_type": "code", "id": f"more-{n}", "metadata": {}, "execution_count": None,
         "outputs": [], "source": cell} for n, cell in enumerate(cells)
    ]  # fmt: skip
    given, done = tmp_path / "given.ipynb", tmp_path / "done.ipynb"
    given.write_text(json.dumps(content), encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "papermill", "--cwd", str(FOLDER), str(given), str(done),
         "-k", "python3", "--no-progress-bar"],
        env=os.environ | {"JOREN_REPORTS": str(reports), "JOREN_CLIENT": "demo"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3000:]
    return done.read_text(encoding="utf-8")


def clear_values(run: Path) -> set[str]:
    golden = pd.read_parquet(run / "restricted" / "customers.parquet")
    columns = ("full_name", "phone", "email", "address")
    return {value for name in columns for value in golden[name].dropna() if len(value) > 3}


def test_a_verdict_pressed_in_the_notebook_is_in_state(project, tmp_path, demo_run):
    text = execute("10_review", project, tmp_path, PRESS)
    assert "PRESSED" in text
    log = sorted((tmp_path / "state" / "demo" / "verdicts").glob("*.parquet"))
    (said,) = pd.concat(map(pd.read_parquet, log)).to_dict("records")
    assert said["verdict"] == "different"
    assert log[0].stat().st_mode & 0o077 == 0
    assert not [value for value in clear_values(demo_run) if value in text]


def test_a_customer_is_shown_masked(project, tmp_path, demo_run):
    text = execute("20_customer", project, tmp_path)
    assert "match_rule" in text
    assert not [value for value in clear_values(demo_run) if value in text]


def test_the_segment_builder_counts_and_saves_in_a_kernel(project, tmp_path):
    build = """
line = desk.root.parts[0]
line.measure.value, line.condition.value, line.value.value = "purchases", "at_least", "2"
print("COUNT", desk.count.value)
desk.name.value = "repeaters"
saved = []
desk._save = lambda name, rule: saved.append((name, rule)) or "params"
desk.keep.click()
print("SAVED", saved)
"""
    page = execute("30_segments", project, tmp_path, build)
    repeaters = pd.read_parquet(project / "demo" / "latest" / "tables" / "purchase_summary.parquet")
    number = f"{int((repeaters.frequency >= 1).sum()):,}"
    assert f"COUNT {number} 人" in page
    assert "('repeaters', {'purchases': {'at_least': 2}})" in page


def test_a_design_draws_its_audience_and_freezes_its_plan_on_request(project, tmp_path, demo_run):
    done = "if not freeze:\n    step.record('plans', frozen_row(plan, step.as_of, step.started_at))"
    text = execute("40_design", project, tmp_path, done)
    assert "unit_cost: 85" in text
    log = sorted((tmp_path / "state" / "demo" / "plans").glob("*.parquet"))
    (frozen,) = pd.concat(map(pd.read_parquet, log)).to_dict("records")
    assert frozen["campaign_id"] == "NEW"
    assert frozen["hash"] in text
    assert not [value for value in clear_values(demo_run) if value in text]
