"""A run is published whole or not at all, and a crash is put right at the next start."""

from __future__ import annotations

import json

import pytest

from joren.errors import RunInProgress
from joren.workspace import (
    Workspace,
    append_state,
    client_lock,
    create_run,
    is_locked,
    publish,
    recover,
    state_digest,
    write_json,
)


@pytest.fixture
def workspace(tmp_path):
    return Workspace("shop", tmp_path / "reports")


def _run(workspace, status="running"):
    run = create_run(workspace)
    write_json(run / "run.json", {"run_id": run.name, "status": status})
    return run


def _addition(run, name="log"):
    path = run / "state" / name / f"{run.name}__step.parquet"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"rows")


def _status(run):
    return json.loads((run / "run.json").read_text())["status"]


def test_runs_started_in_one_second_have_different_names(workspace):
    names = [create_run(workspace).name for _ in range(3)]
    assert len(set(names)) == 3
    assert all(len(name) == 16 and name.endswith("Z") for name in names)


def test_publishing_switches_latest_and_appends_state(workspace):
    first, second = _run(workspace), _run(workspace)
    _addition(second)

    publish(workspace, first, {"run_id": first.name})
    assert workspace.latest() == first.resolve()
    publish(workspace, second, {"run_id": second.name})

    assert workspace.latest() == second.resolve()
    assert _status(second) == "published"
    (appended,) = (workspace.state / "log").glob("*.parquet")
    assert appended.read_bytes() == b"rows"
    assert appended.stat().st_mode & 0o777 == 0o600


def test_state_is_appended_once(workspace):
    run = _run(workspace)
    _addition(run)
    append_state(workspace, run)
    digest = state_digest(workspace, "log")
    append_state(workspace, run)
    assert state_digest(workspace, "log") == digest


def test_the_digest_after_publication_can_be_told_before_it(workspace):
    run = _run(workspace)
    _addition(run)
    foreseen = state_digest(workspace, "log", run / "state" / "log")
    assert foreseen != state_digest(workspace, "log")
    append_state(workspace, run)
    assert state_digest(workspace, "log") == foreseen


def test_recovery_finishes_a_publication_that_was_cut_short(workspace):
    run = _run(workspace, "publishing")
    _addition(run)
    (workspace.root / "latest").symlink_to(run.name)

    recover(workspace)

    assert _status(run) == "published"
    assert list((workspace.state / "log").glob("*.parquet"))


def test_recovery_marks_what_was_left_running_as_failed(workspace):
    served, left, unswitched = (_run(workspace, s) for s in ("published", "running", "publishing"))
    (workspace.root / "latest").symlink_to(served.name)

    recover(workspace)

    assert [_status(run) for run in (served, left, unswitched)] == ["published", "failed", "failed"]


def test_only_one_holds_a_clients_lock(workspace, tmp_path):
    with client_lock(workspace):
        assert is_locked(workspace)
        with pytest.raises(RunInProgress, match="under way"), client_lock(workspace):
            raise AssertionError("the lock was given twice")
        with client_lock(Workspace("other", tmp_path / "reports")):
            assert is_locked(workspace)
    assert not is_locked(workspace)
