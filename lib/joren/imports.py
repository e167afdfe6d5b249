"""Which modules of the lib a notebook depends on, read from the source without importing it.

Editing a module re-runs the steps whose notebooks reach it through imports, and only those.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent


def modules_used(code_cells: Iterable[str]) -> list[Path]:
    """Every file of the lib that the cells' imports reach, and the texts of the rooms they use.

    A package imported as such (`from joren import ingest`) counts with all its modules: it may
    load them by name.
    """
    reached: set[Path] = set()
    pending = [file for cell in code_cells for file in _imports_of(_without_magics(cell))]
    while pending:
        file = pending.pop()
        if file not in reached:
            reached.add(file)
            pending.extend(_imports_of_file(file))
    rooms = {"common", *(file.parent.name for file in reached)}
    # some modules have a room of their own beside their folder's; contracts share names, not words
    wordless = (PACKAGE, PACKAGE / "contracts")
    rooms |= {file.stem for file in reached if file.parent not in wordless}
    texts = {PACKAGE / "text" / lang / f"{room}.yaml" for room in rooms for lang in ("ja", "en")}
    beside = {file.with_suffix(".yaml") for file in reached}  # data of the module of that name
    return sorted(reached | {path for path in texts | beside if path.is_file()})


def _without_magics(cell: str) -> str:
    lines = cell.splitlines()
    return "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in lines)


@cache
def _imports_of_file(file: Path) -> tuple[Path, ...]:
    return tuple(_imports_of(file.read_text(encoding="utf-8")))


def _imports_of(source: str) -> list[Path]:
    files: list[Path] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                files.extend(_files_of(alias.name, ()))
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            files.extend(_files_of(node.module, tuple(alias.name for alias in node.names)))
    return files


def _files_of(module: str, names: tuple[str, ...]) -> list[Path]:
    parts = module.split(".")
    if parts[0] != PACKAGE.name:
        return []
    files = [PACKAGE / "__init__.py"]
    place = PACKAGE
    for part in parts[1:]:
        place = place / part
        if place.with_suffix(".py").is_file():
            return [*files, place.with_suffix(".py")]
        files.append(place / "__init__.py")
    for name in names or ("",):
        if name and (place / f"{name}.py").is_file():
            files.append(place / f"{name}.py")
        elif name and (place / name).is_dir():
            files.extend((place / name).rglob("*.py"))
        elif place != PACKAGE:
            files.extend(place.rglob("*.py"))
    return files
