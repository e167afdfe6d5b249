"""What changed between two runs, and why: causes, steps, tables, headline figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from joren.errors import JorenError
from joren.report.changes import causes, changed_figures
from joren.workspace import Workspace, read_json


def compare(workspace: Workspace, run_a: str, run_b: str) -> list[str]:
    """The difference of two runs as lines of text.

    Parameters
    ----------
    run_a, run_b : run IDs, or `latest`

    Raises
    ------
    JorenError if one of them is not there
    """
    first, second = (_folder(workspace, name) for name in (run_a, run_b))
    before, now = (read_json(run / "run.json") for run in (first, second))
    lines = [f"{first.name} → {second.name}", "", "why"]
    lines += [f"  {cause}" for cause in causes(now, before, "en")]
    lines += _parameters(before["parameters"], now["parameters"])
    lines += ["", "steps"]
    lines += _steps(first, second) or ["  every step has the same result"]
    lines += ["", "tables"]
    lines += _tables(first, second) or ["  every table is the same"]
    lines += ["", "figures"]
    if all((run / "report.json").is_file() for run in (first, second)):
        reports = (read_json(run / "report.json") for run in (second, first))
        moved = [row for row in changed_figures(*reports, "en") if row["verdict"] != "the same"]
        lines += [
            f"  {row['label']}: {row['before']} → {row['now']} ({row['verdict']})" for row in moved
        ] or ["  no headline figure moved"]
    return lines


def _folder(workspace: Workspace, name: str) -> Path:
    run = workspace.latest() if name == "latest" else workspace.run_folder(name)
    if run is None or not (run / "run.json").is_file():
        known = ", ".join(path.name for path in workspace.runs()) or "none"
        raise JorenError(
            f"{name} is no run of {workspace.client}", str(workspace.root), f"choose of {known}"
        )
    return run


def _parameters(before: dict[str, Any], now: dict[str, Any], path: str = "") -> list[str]:
    lines = []
    for key in sorted(before.keys() | now.keys()):
        old, new = before.get(key), now.get(key)
        if old == new:
            continue
        name = f"{path}.{key}" if path else key
        if isinstance(old, dict) and isinstance(new, dict):
            lines += _parameters(old, new, name)
        else:
            lines.append(f"  {name}: {old!r} → {new!r}")
    return lines


def _steps(first: Path, second: Path) -> list[str]:
    stamps = [
        {path.name: read_json(path) for path in sorted((run / ".stamps").glob("*.json"))}
        for run in (first, second)
    ]
    lines = []
    for name in sorted(stamps[0].keys() | stamps[1].keys()):
        old, new = (held.get(name) for held in stamps)
        if old is None or new is None:
            there = second if old is None else first
            lines.append(f"  {(old or new)['step']}: only in {there.name}")
        elif old["key"] != new["key"]:
            from joren.stamps import why_stale

            why = "; ".join(why_stale(old["ingredients"], new["ingredients"])) or "made anew"
            lines.append(f"  {new['step']}: {why}")
    return lines


def _tables(first: Path, second: Path) -> list[str]:
    import duckdb

    def rows(run: Path) -> dict[str, int]:
        return {
            path.stem: duckdb.execute(
                "select count(*) from read_parquet(?)", [str(path)]
            ).fetchall()[0][0]
            for path in sorted((run / "tables").glob("*.parquet"))
        }

    old, new = rows(first), rows(second)
    lines = []
    for name in sorted(old.keys() | new.keys()):
        if name not in new or name not in old:
            lines.append(f"  {name}: {'gone' if name not in new else 'new'}")
        elif (first / "tables" / f"{name}.parquet").read_bytes() != (
            second / "tables" / f"{name}.parquet"
        ).read_bytes():
            lines.append(f"  {name}: {old[name]:,} → {new[name]:,} rows, content differs")
    return lines
