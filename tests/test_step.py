"""What a step appends to a state log waits in its folder; nothing to append leaves nothing."""

from __future__ import annotations

import ibis
import pandas as pd
import pytest

from joren.notebooks import find_step
from joren.params import load_client
from joren.step import Step
from joren.workspace import write_json

LOG = "closed_point_months"


@pytest.fixture
def step(tmp_path):
    run, folder = tmp_path / "run", tmp_path / "run" / "step"
    folder.mkdir(parents=True)
    write_json(run / "run.json", {})
    return Step(
        find_step("02_points/10_ledger"), load_client("demo").params, run, folder, by_hand=False
    )


@pytest.mark.parametrize("columns", [{}, {"month": [], "points": []}])
def test_a_frame_without_rows_appends_nothing(step, columns):
    step.append_state(LOG, pd.DataFrame(columns))
    assert not (step.folder / "state").exists()


def test_a_table_without_rows_appends_nothing_and_one_with_rows_a_file(step):
    rows = ibis.memtable({"points": [1, 2]})
    step.append_state(LOG, rows.filter(rows.points > 2))
    assert not (step.folder / "state").exists()

    step.append_state(LOG, rows)
    (path,) = (step.folder / "state" / LOG).iterdir()
    assert pd.read_parquet(path).points.tolist() == [1, 2]
    assert path.stat().st_mode & 0o077 == 0
