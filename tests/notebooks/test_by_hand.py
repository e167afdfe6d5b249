"""A consultant opens a notebook by hand: it runs on the demo client and publishes nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from joren.notebooks import discover, notebooks_folder


def test_a_notebook_of_every_stage_runs_by_hand_on_the_published_demo_run(demo_run: Path):
    reports = demo_run.parent.parent
    before = {path: path.stat().st_mtime_ns for path in demo_run.rglob("*")}
    steps = {step.stage: step for step in discover()}.values()
    notebooks = [str(step.path.relative_to(notebooks_folder())) for step in steps]

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval-lax", "-q", "-p", "no:cacheprovider", *notebooks],
        cwd=notebooks_folder(),
        env=os.environ | {"JOREN_REPORTS": str(reports)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-3000:]
    assert {path: path.stat().st_mtime_ns for path in demo_run.rglob("*")} == before
    assert (reports / "demo" / "latest").resolve() == demo_run
    scratch = {path.name.partition("__")[2] for path in (reports / "demo" / "scratch").iterdir()}
    assert scratch == {step.folder_name for step in steps}
