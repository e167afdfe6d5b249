from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path

import pytest

from joren.errors import JorenError
from joren.serve import keeper, launch


def _told() -> dict[str, str]:
    return {
        "PATH": "/usr/bin",
        "JUPYTERHUB_API_URL": "http://127.0.0.1:1/hub/api",
        "JUPYTERHUB_API_TOKEN": "secret",
        "JUPYTERHUB_SERVICE_PREFIX": "/services/alfa-viewer/",
        "JUPYTERHUB_SERVICE_URL": "http://127.0.0.1:4711",
        "JUPYTERHUB_CLIENT_ID": "service-alfa-viewer",
        "JUPYTERHUB_OAUTH_ACCESS_SCOPES": '["access:services!service=alfa-viewer"]',
        "JUPYTERHUB_USER": "",
    }


def test_what_the_hub_tells_is_taken_out_of_the_environment():
    environment = _told()
    told = keeper.hub_words(environment)
    assert environment == {"PATH": "/usr/bin"}
    assert (told["api_token"], told["port"]) == ("secret", 4711)
    assert told["scopes"] == ["access:services!service=alfa-viewer"]


def test_a_port_is_waited_for_until_its_holder_is_gone():
    taken = launch.listen_on(None)
    port = taken.getsockname()[1]
    threading.Timer(0.5, taken.close).start()
    with keeper.listen_patiently(port) as listening:
        assert listening.getsockname()[1] == port


def test_a_port_that_stays_taken_is_an_error(monkeypatch):
    monkeypatch.setattr(keeper, "PATIENCE_SECONDS", 0.1)
    with launch.listen_on(None) as taken, pytest.raises(JorenError, match="cannot be used"):
        keeper.listen_patiently(taken.getsockname()[1])


def _prepared(folder: Path, run: str) -> Path:
    (folder / run / "figures").mkdir(parents=True)
    (folder / run / "dashboard.json").write_text(run)
    return folder / run


def test_a_prepared_run_is_adopted_and_switched_to(tmp_path):
    site = tmp_path / "site"
    (site / "runs").mkdir(parents=True)
    keeper.adopt(_prepared(tmp_path / "staging", "run1"), site, None)
    keeper.adopt(_prepared(tmp_path / "staging", "run2"), site, None)
    assert (site / "current" / "dashboard.json").read_text() == "run2"
    assert (site / "runs" / "run1" / "dashboard.json").read_text() == "run1"


def test_runs_are_dropped_that_are_neither_served_nor_read(tmp_path):
    site = tmp_path / "site"
    (site / "runs").mkdir(parents=True)
    for run in ("run1", "run2", "run3"):
        keeper.adopt(_prepared(tmp_path / "staging", run), site, None)
    keeper.drop_unused(site, None)
    assert len(list((site / "runs").iterdir())) == 3
    keeper.drop_unused(site, {site / "runs" / "run2", tmp_path})
    assert sorted(path.name for path in (site / "runs").iterdir()) == ["run2", "run3"]


def test_what_is_lent_can_be_read_and_not_changed_by_its_user(tmp_path):
    site = tmp_path / "site"
    (site / "runs").mkdir(parents=True)
    # whoever runs this may give files to a group of their own; root to any
    group = 70_001 if os.getuid() == 0 else os.getgid()
    keeper.adopt(_prepared(tmp_path / "staging", "run1"), site, group)
    for path in (site / "runs" / "run1").rglob("*"):
        told = path.stat()
        assert (told.st_uid, told.st_gid, told.st_mode & 0o027) == (os.getuid(), group, 0)


def test_the_folders_of_a_servers_kernels_are_found():
    with subprocess.Popen(["sleep", "30"], cwd="/usr") as child:
        try:
            deadline = time.monotonic() + 5
            while time.monotonic() < deadline and Path("/usr") not in (
                keeper.folders_in_use(os.getpid()) or set()
            ):
                time.sleep(0.05)
            assert Path("/usr") in keeper.folders_in_use(os.getpid())
        finally:
            child.kill()


def test_a_server_that_is_gone_tells_nothing():
    assert keeper.folders_in_use(2**22 + 1) is None
