"""The examples of deployment say what the code does."""

from __future__ import annotations

import ast
import configparser
import re

from ruamel.yaml import YAML
from typer.main import get_command

from joren.cli import app
from joren.params import project_root

DEPLOY = project_root() / "deploy"


def _options(command: str) -> set[str]:
    return {
        option
        for parameter in get_command(app).commands[command].params
        for option in parameter.opts
    }


def _commands(text: str) -> list[tuple[str, set[str]]]:
    found = re.findall(r"\bjoren (run|serve)\b([^\n&>]*)", text)
    return [(name, set(re.findall(r"--[a-z-]+", rest))) for name, rest in found]


def test_every_example_calls_joren_with_options_it_has():
    called = 0
    for path in DEPLOY.rglob("*"):
        if path.is_file():
            for name, options in _commands(path.read_text(encoding="utf-8")):
                called += 1
                assert options <= _options(name), path
    assert called >= 4


def test_units_restart_the_hub_and_run_every_client():
    hub, run, timer = (configparser.ConfigParser(strict=False) for _ in range(3))
    for unit, name in (
        (hub, "joren-hub.service"),
        (run, "joren-run.service"),
        (timer, "joren-run.timer"),
    ):
        unit.optionxform = str
        unit.read(DEPLOY / "systemd" / name)
    assert hub["Service"]["Restart"] == "always"
    assert "serve --all" in hub["Service"]["ExecStart"]
    assert "run --all" in run["Service"]["ExecStart"]
    assert timer["Timer"]["Persistent"] == "true"


def test_the_compose_file_publishes_only_the_port_of_tls():
    compose = YAML(typ="safe").load(DEPLOY / "compose" / "compose.yaml")
    hub, tls = compose["services"]["hub"], compose["services"]["tls"]
    assert hub["ports"] == ["80:80", "443:443"] and "8000" in hub["command"]
    assert tls["network_mode"] == "service:hub"
    assert hub["cap_drop"] == ["ALL"]


def test_the_proxies_pass_on_host_scheme_and_websockets():
    told = (DEPLOY / "nginx" / "joren_proxy.conf").read_text(encoding="utf-8")
    for wanted in ("Host $http_host", "X-Forwarded-Proto $scheme", "Upgrade $http_upgrade"):
        assert wanted in told


def test_the_airflow_dag_imports_airflow_and_nothing_of_ours():
    tree = ast.parse((DEPLOY / "airflow" / "joren_dag.py").read_text(encoding="utf-8"))
    modules = {
        node.module.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
    }
    modules |= {
        name.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for name in node.names
    }
    assert modules == {"__future__", "datetime", "pathlib", "airflow"}
    calls = [
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    assert {"DAG", "BashOperator"} <= set(calls)
