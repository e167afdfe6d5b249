"""The numbered notebooks: what each declares, and the order they run in.

A step is a notebook under `notebooks/NN_stage/`. Its metadata block `joren` lists the tables it
reads and writes, the parameters it may look at, and the state logs it uses. Steps run in the
topological order of their tables, ties by path.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from joren.errors import JorenError
from joren.params import project_root

RAW_FILES = "sources"
_STAGE = re.compile(r"^\d\d_\w+$")
_DECLARATIONS = ("reads", "writes", "params", "state")


@dataclass(frozen=True)
class StepSource:
    """A notebook and what it declares.

    Parameters
    ----------
    name : `<stage folder>/<notebook>` without ending
    reads : the tables it reads; `sources` stands for the raw files
    needs : those of `reads` without which it cannot say anything
    writes : the tables it must have written
    params : the parameter sections it may look at
    state : the state logs it reads and appends to
    """

    name: str
    path: Path
    reads: tuple[str, ...]
    needs: tuple[str, ...]
    writes: tuple[str, ...]
    params: tuple[str, ...]
    state: tuple[str, ...]

    @property
    def stage(self) -> str:
        return self.name.split("/")[0]

    @property
    def needed_tables(self) -> tuple[str, ...]:
        """The tables without rows in which the step is skipped."""
        return tuple(name for name in self.needs if name != RAW_FILES)

    @property
    def folder_name(self) -> str:
        return folder_name(self.name)

    def code(self) -> list[str]:
        """The source of every code cell, in order."""
        cells = _read_notebook(self.path)["cells"]
        return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def folder_name(step: str) -> str:
    """The step's name as a file may bear it."""
    return step.replace("/", "__")


def notebooks_folder() -> Path:
    return Path(os.environ.get("JOREN_NOTEBOOKS") or project_root() / "notebooks")


def find_step(name: str) -> StepSource:
    """The step of that name.

    Raises
    ------
    JorenError if there is no such notebook
    """
    path = notebooks_folder() / f"{name}.ipynb"
    if not path.is_file():
        raise JorenError(f"there is no notebook {name}", str(notebooks_folder()), "check the name")
    return _read_step(path)


def discover(folder: Path | None = None) -> list[StepSource]:
    """Every step under the numbered stage folders, in the order they run.

    Raises
    ------
    JorenError if two steps write one table, or steps read in a circle
    """
    root = folder or notebooks_folder()
    stages = sorted(path for path in root.iterdir() if path.is_dir() and _STAGE.match(path.name))
    steps = [_read_step(path) for stage in stages for path in sorted(stage.glob("*.ipynb"))]
    writer: dict[str, str] = {}
    for step in steps:
        for table in step.writes:
            if table in writer:
                raise JorenError(
                    f"both {writer[table]} and {step.name} write {table}",
                    str(root),
                    "let one of them write it",
                )
            writer[table] = step.name
    return _in_order(steps, writer)


def _in_order(steps: list[StepSource], writer: dict[str, str]) -> list[StepSource]:
    by_name = {step.name: step for step in steps}
    sorter = TopologicalSorter(
        {step.name: {writer[t] for t in step.reads if t in writer} for step in steps}
    )
    try:
        sorter.prepare()
    except CycleError as error:
        raise JorenError(
            f"steps read in a circle: {' → '.join(error.args[1])}", "notebooks", "break the circle"
        ) from None
    ordered: list[StepSource] = []
    ready: list[str] = []
    while sorter.is_active():
        ready = sorted([*ready, *sorter.get_ready()])
        name = ready.pop(0)
        ordered.append(by_name[name])
        sorter.done(name)
    return ordered


def _read_notebook(path: Path) -> dict:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise JorenError(
            f"this notebook is not readable: {error}", str(path), "restore it"
        ) from None


def _read_step(path: Path) -> StepSource:
    name = f"{path.parent.name}/{path.stem}"
    declared = _read_notebook(path)["metadata"].get("joren")
    if not isinstance(declared, dict) or not {"reads", "writes"} <= declared.keys():
        raise JorenError(
            "this notebook does not declare what it reads and writes",
            str(path),
            "add the metadata block `joren` with `reads` and `writes`",
        )
    unknown = sorted(declared.keys() - set(_DECLARATIONS))
    if unknown:
        raise JorenError(
            f"unknown declaration {unknown[0]!r}", str(path), f"use {', '.join(_DECLARATIONS)}"
        )
    reads = declared["reads"]
    return StepSource(
        name=name,
        path=path,
        reads=tuple(table.rstrip("?") for table in reads),
        needs=tuple(table for table in reads if not table.endswith("?")),
        writes=tuple(declared["writes"]),
        params=tuple(declared.get("params", ())),
        state=tuple(declared.get("state", ())),
    )
