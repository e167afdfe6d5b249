"""A campaign that is still running: an early look by hand, within its days."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd

from joren.notebooks import notebooks_folder

RUNNING, AS_OF = "C2602", "2026-02-20"


def test_a_running_campaign_is_looked_at_beside_its_hold_out_and_decides_nothing(
    demo_run: Path, tmp_path: Path
):
    run = tmp_path / "reports" / "demo" / demo_run.name
    shutil.copytree(demo_run, run)
    (run.parent / "latest").symlink_to(run.name)
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    record["as_of"] = AS_OF
    (run / "run.json").write_text(json.dumps(record), encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval-lax", "-q", "-p", "no:cacheprovider",
         "05_experiments/25_early.ipynb"],
        cwd=notebooks_folder(),
        env=os.environ | {"JOREN_REPORTS": str(tmp_path / "reports")},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout[-3000:]
    (scratch,) = (run.parent / "scratch").iterdir()
    table = pd.read_parquet(scratch / "tables" / "experiment_early.parquet")
    assert set(table.campaign_id) == {RUNNING}
    assert set(table.days_seen) == {19}
    assert set(table.days) == {30}
    assert {"response_rate", "orders", "revenue", "margin"} <= set(table.metric)
    said = json.loads((scratch / "items.json").read_text(encoding="utf-8"))
    (finding,) = [item for item in said if item["kind"] == "finding"]
    assert finding["key"].startswith("campaigns.early.")
    assert "途中経過" in finding["text"]["ja"]
    assert "Early look" in finding["text"]["en"]
