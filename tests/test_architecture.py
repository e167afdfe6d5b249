"""The module map is true, and imports point one way only."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from joren.imports import PACKAGE
from joren.params import project_root

STAGES = ("identity", "points", "routes", "ltv", "experiments", "segments", "actions")
SHARED = ("stats", "lists", "campaigns")  # what several stages use; they know no stage
MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))
JUPYTER = ("papermill", "nbclient", "nbformat", "jupyter_client", "voila", "jupyter_server")
KNOW_JUPYTER = ("execute.py", "doctor.py", "serve/")


def _imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse((PACKAGE / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def test_every_module_is_named_in_the_map():
    page = (project_root() / "ARCHITECTURE.md").read_text(encoding="utf-8")
    unnamed = [
        str(path)
        for path in MODULES
        if path.name not in ("__init__.py", "__main__.py") and f"`{path}`" not in page
    ]
    assert not unnamed


def test_the_map_names_no_module_that_is_gone():
    import re

    page = (project_root() / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = {Path(name) for name in re.findall(r"`([a-z_0-9/]+\.py)`", page)}
    assert not {str(name) for name in named - set(MODULES)}


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_imports_point_one_way(path):
    imported = _imported(path)
    room = path.parts[0] if path.parts[0] in (*STAGES, *SHARED) else None
    foreign = {f"joren.{stage}" for stage in STAGES if stage != room}

    if room:
        assert not {name for name in imported if ".".join(name.split(".")[:2]) in foreign}
    if path.name != "__main__.py":
        assert not {name for name in imported if name.startswith("joren.cli")}
    if not str(path).startswith(KNOW_JUPYTER):
        assert not {name for name in imported if name.split(".")[0] in JUPYTER}


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_says_what_it_is_for(path):
    assert ast.get_docstring(ast.parse((PACKAGE / path).read_text(encoding="utf-8")))


def test_modules_stay_readable():
    long = {
        str(path): lines
        for path in MODULES
        if (lines := len((PACKAGE / path).read_text(encoding="utf-8").splitlines())) > 400
    }
    assert not long
