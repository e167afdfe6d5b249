"""Files a role may take away, written into its own folder: nothing else can be downloaded.

Everybody: the aggregates behind the pictures. An analyst: the masked customers too. A manager: the
run's lists for other tools too, as the run wrote them.
"""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path
from typing import Any

from joren.serve.roles import sees_exports, sees_people

FOLDER = "downloads"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,120}\.(?:csv|graphml)")
CUSTOMERS = "customers_masked.csv"
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def prepare(run: Path, folder: Path, role: str, cubes: list[str]) -> list[dict[str, Any]]:
    """Write the role's files.

    Parameters
    ----------
    run : folder of the run
    folder : the site's folder with its cubes and, for those who may, explore.parquet
    role : whose folder
    cubes : the cubes there are

    Returns
    -------
    name, kind (`table`, `people` or `export`) and bytes of each
    """
    target = folder / FOLDER
    target.mkdir(mode=0o700)
    made = [("table", _written(folder / f"{c}.parquet", target / f"{c}.csv")) for c in cubes]
    if sees_people(role) and (folder / "explore.parquet").is_file():
        made.append(("people", _written(folder / "explore.parquet", target / CUSTOMERS)))
    if sees_exports(role):
        made += [("export", path) for path in _exports(run / "exports", target)]
    return [{"name": path.name, "kind": kind, "bytes": path.stat().st_size} for kind, path in made]


def _exports(source: Path, target: Path) -> list[Path]:
    found = sorted(source.iterdir()) if source.is_dir() else []
    copies = []
    for path in found:
        # a cube's name is taken; a link could lead out of the run
        free = not (target / path.name).exists()
        if NAME.fullmatch(path.name) and path.is_file() and not path.is_symlink() and free:
            copies.append(Path(shutil.copyfile(path, target / path.name)))
    return copies


def _written(table: Path, path: Path) -> Path:
    import duckdb

    with duckdb.connect(config={"threads": 1}) as connection:
        relation = connection.read_parquet(str(table))
        with path.open("w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\r\n")
            writer.writerow(relation.columns)
            writer.writerows([_cell(value) for value in row] for row in relation.fetchall())
    return path


def _cell(value: Any) -> Any:
    """A spreadsheet must not run what a client's file said (as in `lists.files`)."""
    if isinstance(value, list):
        value = " ".join(map(str, value))
    if isinstance(value, str) and value.lstrip(" \u3000").startswith(_STARTS_A_FORMULA):
        return f"'{value}"
    return value
