from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from joren.errors import JorenError
from joren.serve import launch


def test_a_free_port_is_taken_on_the_loopback_only():
    with launch.listen_on(None) as listening:
        host, port = listening.getsockname()
        assert host == "127.0.0.1" and port > 0


def test_an_occupied_port_is_an_error_that_names_it():
    with launch.listen_on(None) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(JorenError, match="the port cannot be used") as refused:
            launch.listen_on(port)
    assert refused.value.where == f"127.0.0.1:{port}"
    assert "--port" in refused.value.remedy


@pytest.mark.parametrize("port", [70000, -1])
def test_a_port_that_does_not_exist_is_the_same_error(port):
    with pytest.raises(JorenError, match="the port cannot be used"):
        launch.listen_on(port)


def test_a_client_without_a_published_run_is_told_to_run(tmp_path):
    with pytest.raises(JorenError, match="nothing is published for demo") as refused:
        launch.start("demo", tmp_path)
    assert "joren run demo" in refused.value.remedy


def test_the_servers_environment_is_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("JOREN_MAIL_PASSWORD", "hunter2")
    environment = launch.server_environment(tmp_path)
    assert "hunter2" not in environment.values()
    assert environment["JUPYTER_NO_CONFIG"] == "1"
    assert environment["HOME"] == str(tmp_path / "home")


def test_the_notebook_it_serves_is_there():
    assert launch.NOTEBOOK.is_file()


def test_importing_the_package_loads_no_server():
    code = "import joren.serve, sys; print({'subprocess', 'tornado', 'voila'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True)
    assert result.stdout == "set()\n"


def test_a_broken_run_fails_clearly_and_leaves_nothing_behind(tmp_path, monkeypatch):
    run = tmp_path / "reports" / "demo" / "20260401T000000Z"
    run.mkdir(parents=True)
    (run.parent / "latest").symlink_to(run.name)
    made = tmp_path / "tmp"
    made.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(made))
    with pytest.raises(JorenError, match=r"report\.json of this run cannot be read"):
        launch.start("demo", tmp_path / "reports")
    assert list(made.iterdir()) == []


def test_serving_prints_the_link_and_ends_with_ctrl_c(tmp_path):
    run = tmp_path / "reports" / "demo" / "20260401T000000Z"
    run.mkdir(parents=True)
    (run.parent / "latest").symlink_to(run.name)
    (run / "report.json").write_text(
        '{"title": {"ja": "x", "en": "x"}, "language": "ja", "currency": "JPY", "run_id": "x",'
        ' "as_of_text": {"ja": "x", "en": "x"}, "level": 0.9, "stages": [],'
        ' "certificate": {"ja": [], "en": []}}'
    )
    code = "import sys; from pathlib import Path; from joren.serve import serve_client; "
    code += "serve_client('demo', Path(sys.argv[1]))"
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "reports")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    )
    first = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=30)
    assert first.startswith("demo: http://127.0.0.1:") and "/?token=" in first
    assert (rest.splitlines()[-1], errors, process.returncode) == ("Stopped.", "", 0)
    assert list(Path(tmp_path).glob("joren-serve-*")) == []
