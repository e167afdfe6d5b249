"""What is appended to a log outside a run is there at once, in order, and for its owner only."""

from __future__ import annotations

import ibis
import pytest

from joren.engine import connect
from joren.state_log import append_now
from joren.workspace import Workspace, state_digest


@pytest.fixture
def rows():
    con = connect()
    return lambda n: con.create_table(f"rows_{n}", ibis.memtable({"n": [n]}))


def test_rows_appended_stand_in_files_of_their_own_in_order(tmp_path, rows):
    workspace = Workspace("shop", tmp_path / "reports")
    first, second = (append_now(workspace, "verdicts", rows(n)) for n in (1, 2))
    assert sorted((workspace.state / "verdicts").iterdir()) == [first, second]
    assert [connect().read_parquet(path).n.execute()[0] for path in (first, second)] == [1, 2]


def test_a_log_is_closed_to_others_and_its_digest_changes(tmp_path, rows):
    workspace = Workspace("shop", tmp_path / "reports")
    before = state_digest(workspace, "verdicts")
    path = append_now(workspace, "verdicts", rows(1))
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
    assert state_digest(workspace, "verdicts") != before
