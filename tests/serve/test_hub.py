from __future__ import annotations

import json
import os
import subprocess
import sys

import psutil
import pytest

from joren.errors import JorenError, ParameterError
from joren.serve import hub as hubs
from joren.serve.hub import Hub
from joren.serve.users import User, add_user


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("JOREN_HOME", str(tmp_path))
    (tmp_path / "params").mkdir()
    for client in ("alfa", "bravo"):
        content = {
            "client": client,
            "title": {"ja": client, "en": client},
            "as_of": "2026-03-31",
            "sources": {"shop": {"format": "csv", "orders": {"path": "../data/orders.csv"}}},
            "dashboard": {"pages": 7, "memory_megabytes": 300, "idle_minutes": 2},
        }
        (tmp_path / "params" / f"{client}.yaml").write_text(json.dumps(content))
    return tmp_path


def _hub(home, **more) -> Hub:
    with hubs.launch.listen_on(None) as free:
        port = free.getsockname()[1]
    return Hub(home / "reports", port, separate=False, **more)


def test_a_hub_nobody_may_enter_says_how_to_let_somebody_in(home):
    with pytest.raises(ParameterError, match="nobody may log in") as refused:
        hubs.write_configuration(_hub(home))
    assert "joren user" in refused.value.remedy


def test_each_client_and_role_with_a_user_gets_one_dashboard_with_the_clients_limits(home):
    add_user(home / "state", User("anna", "alfa", "viewer", "scrypt$x"))
    add_user(home / "state", User("axel", "alfa", "viewer", "scrypt$x"))
    add_user(home / "state", User("bert", "bravo", "manager", "scrypt$x"))
    file = hubs.write_configuration(_hub(home, public="https://dash.example.jp"))
    told = json.loads(file.read_text())
    assert set(told["doors"]) == {"alfa-viewer", "bravo-manager"}
    assert (told["secure"], told["public"]) == (True, "https://dash.example.jp/")
    charge = json.loads((file.parent / "bravo-manager.json").read_text())
    assert charge["hosts"] == ["dash.example.jp"]
    kept = ("client", "role", "pages", "memory_megabytes", "idle_seconds", "owner")
    assert [charge[name] for name in kept] == ["bravo", "manager", 7, 300, 120, None]


def test_what_the_hub_keeps_is_read_by_its_owner_only(home):
    add_user(home / "state", User("anna", "alfa", "viewer", "scrypt$x"))
    file = hubs.write_configuration(_hub(home))
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert file.stat().st_mode & 0o777 == 0o600


def test_an_occupied_port_is_an_error(home):
    add_user(home / "state", User("anna", "alfa", "viewer", "scrypt$x"))
    with hubs.launch.listen_on(None) as taken:
        hub = Hub(home / "reports", taken.getsockname()[1], separate=False)
        with pytest.raises(JorenError, match="the port cannot be used"):
            hubs.write_configuration(hub)


def test_a_client_keeps_its_numeric_user_for_good(tmp_path):
    first = hubs.owners_of(tmp_path, ["bravo"])
    second = hubs.owners_of(tmp_path, ["alfa", "bravo"])
    assert first == {"bravo": hubs.FIRST_OWNER}
    assert second == {"bravo": hubs.FIRST_OWNER, "alfa": hubs.FIRST_OWNER + 1}


def test_a_folder_the_clients_users_cannot_reach_is_refused_with_a_remedy(tmp_path):
    with pytest.raises(JorenError, match="cannot reach") as refused:
        hubs.check_reach(tmp_path / "not there", hubs.FIRST_OWNER)
    assert "--one-user" in refused.value.remedy


def test_folders_left_by_killed_keepers_are_removed_and_used_ones_kept(tmp_path, monkeypatch):
    left, used, other = (tmp_path / n for n in ("joren-hub-left", "joren-hub-used", "other"))
    for folder in (left, used, other):
        folder.mkdir()
    monkeypatch.chdir(used)
    hubs.clear(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["joren-hub-used", "other"]


def test_a_missing_proxy_is_named_with_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr(hubs, "TOOLS", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(JorenError, match="configurable-http-proxy is not installed") as refused:
        hubs.check_parts()
    assert "npm install" in refused.value.remedy


def test_users_that_become_unreadable_leave_the_hub_as_it_is(home, capsys):
    path = add_user(home / "state", User("anna", "alfa", "viewer", "scrypt$x"))
    hub = _hub(home)
    known = hubs._doors(hub)
    before = hubs._stamp(hub)
    path.write_text("{")
    os.utime(path, ns=(1, 1))
    assert hubs._stamp(hub) != before
    assert hubs._doors(hub, known) == known == {"alfa-viewer": ("alfa", "viewer")}
    assert "the users cannot be read" in capsys.readouterr().err


def test_the_proxy_of_a_killed_hub_is_ended_and_no_other_process(tmp_path):
    file = tmp_path / "proxy.pid"
    hubs._end_proxy(file)
    program = [sys.executable, "-c", "import time; time.sleep(60)"]
    with subprocess.Popen([*program, hubs.PROXY]) as proxy, subprocess.Popen(program) as other:
        for process in (proxy, other):
            file.write_text(str(process.pid))
            hubs._end_proxy(file)
        assert (psutil.pid_exists(proxy.pid), other.poll()) == (False, None)
        other.kill()
