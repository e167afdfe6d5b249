"""Shared fixtures: published runs of the two clients, and a small project to run anything in."""

from __future__ import annotations

import gc
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

from joren.notebooks import discover
from joren.params import load_client, project_root
from joren.plan import Plan, nothing_changed, raw_inputs
from joren.versions import code_version
from joren.workspace import Workspace, is_locked, read_json

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def pytest_configure() -> None:
    """Let programs under test be interrupted, also where the tests run in the background.

    Queries and models are made of very many small objects: looking for garbage as often as Python
    does by itself takes a tenth of the time.
    """
    gc.set_threshold(50_000, 20, 20)
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what needs a published run, so that one process makes it and none waits."""
    runs = ("demo_run", "cdnow_run")
    items.sort(key=lambda item: not any(run in item.fixturenames for run in runs))


def pytest_collection_finish() -> None:
    """What stands once the tests are found stays to the end: it need not be looked through."""
    gc.collect()
    gc.freeze()


def _published(client: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Publish the client once for all test processes together."""
    shared = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        shared = shared.parent
    reports = shared / client / "reports"
    with FileLock(shared / f"{client}.lock"):
        if not (reports / client / "latest").exists():
            own = Workspace(client, project_root() / "reports")
            bare = not own.root.exists() and not own.state.exists()
            if bare:
                _run(client, own.reports)  # `make run` will find it there
            if bare or _is_first_run_of_this_commit(client):
                for folder in ("reports", "state"):
                    shutil.copytree(
                        project_root() / folder / client,
                        shared / client / folder / client,
                        symlinks=True,
                        ignore=shutil.ignore_patterns("scratch", ".lock*"),
                    )
            else:
                _run(client, reports)
    return (reports / client / "latest").resolve()


def _is_first_run_of_this_commit(client: str) -> bool:
    """Whether a run begun now from nothing would only repeat the client's run in this project."""
    workspace = Workspace(client, project_root() / "reports")
    latest = workspace.latest()
    if latest is None or workspace.runs() != [latest] or is_locked(workspace):
        return False
    made_by = read_json(latest / "run.json")["code_version"]
    if made_by != code_version() or "changed" in made_by:
        return False
    remembered = {path.relative_to(workspace.state) for path in workspace.state.rglob("*.parquet")}
    added = {path.relative_to(latest / "state") for path in latest.glob("state/*/*.parquet")}
    plan = Plan(load_client(client), workspace)
    return remembered == added and nothing_changed(plan, discover(), raw_inputs(plan))


def _run(client: str, reports: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "joren", "run", client, "--reports", str(reports)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a published run of the demo client."""
    return _published("demo", tmp_path_factory)


@pytest.fixture(scope="session")
def cdnow_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a published run of the CDNOW client."""
    return _published("cdnow", tmp_path_factory)


@dataclass(frozen=True)
class ToyProject:
    """A project folder with a client `toy` and two short stages; notebooks can be replaced."""

    home: Path

    @property
    def root(self) -> Path:
        return self.home / "reports" / "toy"

    @property
    def latest(self) -> Path:
        return (self.root / "latest").resolve()

    def notebook(self, name: str, *cells: str, **declared: list[str]) -> None:
        """Write a notebook whose step is open in its second cell."""
        opening = f'from joren.step import open_step\nstep = open_step("{name}", client, run)'
        sources = ['client: str = "toy"\nrun: str = ""', opening, *cells]
        content = {
            "cells": [
                {
                    "cell_type": "code",
                    "id": f"cell-{index}",
                    "metadata": {"tags": ["parameters"]} if index == 0 else {},
                    "execution_count": None,
                    "outputs": [],
                    "source": source,
                }
                for index, source in enumerate(sources)
            ],
            "metadata": {"kernelspec": KERNEL, "joren": {"reads": [], "writes": []} | declared},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        path = self.home / "notebooks" / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")

    def params(self, **sections: object) -> None:
        """Write the client's parameters, with further sections."""
        content = {
            "client": "toy",
            "title": {"ja": "玩具店", "en": "Toy shop"},
            "language": "en",
            "as_of": "2026-03-31",
            "sources": {"shop": {"format": "csv", "orders": {"path": "../data/orders.csv"}}},
            "report": {"pdf": False},
        } | sections
        folder = self.home / "params"
        folder.mkdir(exist_ok=True)
        (folder / "toy.yaml").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")

    def joren(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """The command line on this project."""
        return subprocess.run(
            [sys.executable, "-m", "joren", *arguments],
            env=self.environment | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """The command line on this project, in the background."""
        return subprocess.Popen(
            [sys.executable, "-m", "joren", *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {"JOREN_HOME": str(self.home)}

    def record(self) -> dict:
        return json.loads((self.latest / "run.json").read_text(encoding="utf-8"))


def _toy_project(home: Path) -> ToyProject:
    project = ToyProject(home)
    (home / "data").mkdir()
    (home / "data" / "orders.csv").write_text(
        "order_id,source_id,ordered_at,amount\n1,a,2026-03-01,100\n2,b,2026-03-31,250\n",
        encoding="utf-8",
    )
    shutil.copytree(project_root() / "reports" / "template", home / "reports" / "template")
    project.params()
    project.notebook(
        "01_numbers/10_make",
        "import ibis\nstep.set_as_of(step.params.as_of, [])",
        'step.write("numbers", ibis.range(0, 100_000).unnest().name("number").as_table())',
        reads=["sources"],
        writes=["numbers"],
        params=["as_of", "sources"],
    )
    project.notebook(
        "02_sums/10_sum",
        'numbers = step.table("numbers")',
        'step.write("sums", numbers.agg(total=numbers.number.sum()))',
        reads=["numbers"],
        writes=["sums"],
    )
    return project


@pytest.fixture
def toy(tmp_path: Path) -> ToyProject:
    """Stage 01 makes the numbers 0 to 99,999, stage 02 sums them; nothing was run yet."""
    return _toy_project(tmp_path)


@pytest.fixture(scope="session")
def _published_toy(tmp_path_factory: pytest.TempPathFactory) -> ToyProject:
    project = _toy_project(tmp_path_factory.mktemp("toy"))
    done = project.joren("run", "toy")
    assert done.returncode == 0, done.stderr
    return project


@pytest.fixture
def published_toy(_published_toy: ToyProject, tmp_path: Path) -> ToyProject:
    """The toy project with one published run; a copy, to be changed at will."""
    shutil.copytree(_published_toy.home, tmp_path, symlinks=True, dirs_exist_ok=True)
    return ToyProject(tmp_path)
