"""A request for a rebase is there while its run is under way, and taken back if the run fails."""

from pathlib import Path

import pandas as pd
import pytest

from joren.errors import JorenError, RunInProgress
from joren.rebase import LOG, rebase_requested
from joren.workspace import Workspace, client_lock, create_run, switch_latest


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A client with something published."""
    found = Workspace("toy", tmp_path / "reports")
    switch_latest(found, create_run(found))
    return found


def requests(workspace: Workspace) -> list[Path]:
    return sorted((workspace.state / LOG).glob("*.parquet"))


def test_a_request_names_who_and_why(workspace):
    with rebase_requested(workspace, "tighter names"):
        (path,) = requests(workspace)
    row = pd.read_parquet(path).iloc[0]
    assert (row.kind, row.reason) == ("requested", "tighter names")
    assert row.actor
    assert path.stat().st_mode & 0o077 == 0


def test_a_run_that_fails_leaves_no_request(workspace):
    with pytest.raises(OSError, match="disk"), rebase_requested(workspace, ""):
        raise OSError("disk full")
    assert requests(workspace) == []


def test_nothing_is_asked_of_an_unpublished_client_or_during_a_run(workspace, tmp_path):
    with (
        pytest.raises(JorenError, match="no run of new"),
        rebase_requested(Workspace("new", tmp_path / "reports"), ""),
    ):
        raise AssertionError("the request was made")
    with client_lock(workspace), pytest.raises(RunInProgress), rebase_requested(workspace, ""):
        raise AssertionError("the request was made")
    assert requests(workspace) == []
