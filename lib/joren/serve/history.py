"""What the figures shown large were in the client's earlier runs: the trend under a tile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

MOST = 3


def earlier_tiles(run: Path, report: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The same tiles of earlier days' published runs, the latest first.

    Parameters
    ----------
    run : folder of the run being shown; its neighbours are the client's other runs
    report : what is shown of its report

    Returns
    -------
    finding → as_of (by language) and value (by language) of up to three earlier days
    """
    found: dict[str, list[dict[str, Any]]] = {}
    days = {report["as_of_text"]["en"]}
    for folder in sorted(run.parent.glob("*/"), reverse=True):
        if len(days) > MOST:
            break
        other = _published(folder) if folder.name < run.name and not folder.is_symlink() else None
        if other is None or other["as_of_text"]["en"] in days:
            continue
        days.add(other["as_of_text"]["en"])
        for key, tile in tiles_of(other).items():
            value = {lang: words["value"] for lang, words in tile.items()}
            found.setdefault(key, []).append({"as_of": other["as_of_text"], "value": value})
    return {key: found[key] for key in tiles_of(report) if key in found}


def _published(folder: Path) -> dict[str, Any] | None:
    try:
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        if record.get("status") != "published":
            return None
        return json.loads((folder / "report.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        # a failed or half-pruned run has no figures to compare with
        return None


def tiles_of(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The figures a report shows large: finding → tile."""
    items = [i for stage in report["stages"] for step in stage["steps"] for i in step["items"]]
    return {item["key"]: item["tile"] for item in items if item.get("tile") and item.get("key")}
