"""What a viewer's page may read: a small folder of its own for each published run and role.

`python -I -m joren.serve.site RUN SITE ROLE`. The folder is an allow list: texts and charts that
the report shows, aggregates, and what else the role may see (`roles`). Nothing of restricted/,
notebooks/ or other tables ever stands in it, and of exports/ only in a manager's, so a page cannot
show them, whatever its code does.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from joren.errors import JorenError
from joren.serve import cubes, downloads, people
from joren.serve.choices import add_views
from joren.serve.history import earlier_tiles, tiles_of
from joren.serve.roles import ANALYST, known_role, sees_people
from joren.text import LANGUAGES, catalog_path, format_value, render

_REPORT_FIELDS = ("title", "language", "currency", "as_of_text", "run_id", "level", "certificate")
_FIGURE = re.compile(r"figures/[\w.-]+\.svg")
# a name that stands for one person, as steps mask it
_MASKED = "•"
# what the filter may answer with, in its language's typeface, whatever the client's texts hold
_ALWAYS_DRAWN = (
    "".join(map(chr, range(32, 127))) + "¥€£₩…–−•、。：「」（）年月日本語言万億兆件人→≤<・"
)


def prepare_site(run_root: Path, site: Path, role: str = ANALYST) -> Path:
    """Copy what pages of this run may read, whole or not at all, and switch to it.

    Parameters
    ----------
    run_root : folder of a published run
    site : the client's site for this role; `site/current` points at the run being served
    role : whose site; a site is of one role only

    Returns
    -------
    the run's folder in the site

    Raises
    ------
    JorenError if there is no such role, the run has no readable report.json, or it names a chart
    outside the run
    """
    known_role(role)
    run_root = run_root.resolve()
    folder = site / "runs" / run_root.name
    if not folder.is_dir():
        partial = site / "runs" / f".{run_root.name}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True, mode=0o700)
        _fill(run_root, partial, role)
        partial.rename(folder)
    switch(site, folder)
    return folder


def switch(site: Path, folder: Path) -> None:
    """Point `site/current` at the folder; a reader sees the old run or the new one."""
    link = site / ".current.new"
    link.unlink(missing_ok=True)
    link.symlink_to(folder.relative_to(site))
    link.replace(site / "current")


def _fill(run_root: Path, folder: Path, role: str) -> None:
    report = _shown(_read(run_root / "report.json"), sees_people(role))
    (folder / "figures").mkdir(mode=0o700)
    for source in sorted(_figures(report)):
        _copy_figure(run_root, source, folder)
    tables = run_root / "tables"
    explore = people.write_explore(tables, folder) if sees_people(role) else None
    if explore is not None:
        explore["level"] = format_value(report["level"], "pct0", "en", "")
    content = {"report": report, "labels": labels(), "explore": explore, "role": role}
    made = cubes.build(tables, folder, role)
    content["downloads"] = downloads.prepare(run_root, folder, role, made)
    if sees_people(role) and people.write_members(tables, folder):
        made.append("members")
    add_views(content, folder, tables, made)
    content["earlier"] = earlier_tiles(run_root, report)
    content["targets"] = _targets(report)
    text = json.dumps(content, ensure_ascii=False)
    (folder / "dashboard.json").write_text(text, encoding="utf-8")
    (folder / "font.css").write_text(_font(text + _ALWAYS_DRAWN), encoding="utf-8")


def _targets(report: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Targets of the figures that this role sees."""
    large = tiles_of(report)
    return {key: aim for key, aim in report.get("targets", {}).items() if key in large}


def labels() -> dict[str, dict[str, str]]:
    """The dashboard's own words, language → key → text."""
    from ruamel.yaml import YAML

    loader = YAML(typ="safe")
    return {
        language: loader.load(catalog_path(language, "dashboard").read_text(encoding="utf-8"))
        for language in LANGUAGES
    }


def _shown(report: dict[str, Any], people_too: bool) -> dict[str, Any]:
    stages = [
        {
            "stage": stage["stage"],
            "title": stage["title"],
            "steps": [_step(s, people_too) for s in stage["steps"]],
        }
        for stage in report["stages"]
    ]
    return {name: report[name] for name in _REPORT_FIELDS} | {"stages": stages}


def _step(step: dict[str, Any], people_too: bool) -> dict[str, Any]:
    shown = {name: step[name] for name in ("step", "status", "reason", "items")}
    shown["items"] = [item for item in step["items"] if people_too or not _names_people(item)]
    return shown


def _names_people(item: dict[str, Any]) -> bool:
    """Whether a table has a row for one person, even masked."""
    if item["kind"] != "table":
        return False
    return any(_MASKED in cell for rows in item["rows"].values() for row in rows for cell in row)


def _figures(report: dict[str, Any]) -> set[str]:
    return {
        path
        for stage in report["stages"]
        for step in stage["steps"]
        for item in step["items"]
        if item["kind"] == "figure"
        for path in item["svg"].values()
    }


def _copy_figure(run_root: Path, name: str, folder: Path) -> None:
    source = run_root / name
    if not _FIGURE.fullmatch(name) or source.is_symlink() or not source.is_file():
        raise JorenError(
            f"the report names a chart that is not one of the run's: {name}", "report.json"
        )
    shutil.copyfile(source, folder / name)


def _font(text: str) -> str:
    from joren.report.fonts import subset_css

    return subset_css(text)


def _read(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise JorenError(
            f"{path.name} of this run cannot be read: {error}", path.parent.name, "run it again"
        ) from None


def refusals() -> dict[int, str]:
    """The plain pages: logged out (200), strangers (403), wrong addresses (404), full (503)."""
    refused = {status: _refusal(f"dashboard.refused_{status}") for status in (403, 404, 503)}
    return {200: _refusal("dashboard.logged_out")} | refused


def _refusal(key: str) -> str:
    lines = "".join(f'<p lang="{lang}">{render(lang, key)}</p>' for lang in LANGUAGES)
    return (
        '<!doctype html><html lang="ja"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>Joren</title>'
        '<link rel="icon" href="data:,">'
        "<style>body{font:17px/1.9 sans-serif;max-width:34em;margin:16vh auto;padding:0 24px;"
        f"color:#22262b}}</style>{lines}</html>"
    )


if __name__ == "__main__":
    prepare_site(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
