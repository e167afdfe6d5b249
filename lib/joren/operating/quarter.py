"""The quarterly review: forecasts against what happened, campaigns, and definitions that changed.

Made from published runs alone: `reports/<client>/quarters/<quarter>.md` and `.pdf`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from joren import text
from joren.errors import JorenError, ParameterError
from joren.report.fonts import font_path, missing_glyphs
from joren.text.formats import NO_VALUE
from joren.workspace import Workspace, read_json

_TEMPLATE = "quarter.typ"
_FIXED_TIME = 1_600_000_000  # the same data give the same bytes
_SECTIONS = ("forecasts", "campaigns", "definitions")
# what a run depends on without defining any figure
_NO_DEFINITION = ("report", "dashboard", "limits", "as_of", "title", "language")


@dataclass(frozen=True)
class Quarter:
    """A calendar quarter, both days included."""

    first: date
    last: date

    @property
    def name(self) -> str:
        return f"{self.first.year}Q{(self.first.month + 2) // 3}"


def quarter_of(day: date) -> Quarter:
    first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    after = (first + timedelta(days=93)).replace(day=1)
    return Quarter(first, after - timedelta(days=1))


def named_quarter(name: str) -> Quarter:
    """The quarter of a name such as 2026Q1.

    Raises
    ------
    ParameterError for any other text
    """
    year, _, number = name.upper().partition("Q")
    if not (year.isdigit() and len(year) == 4 and number in ("1", "2", "3", "4")):
        raise ParameterError(f"{name!r} is no quarter", "--quarter", "write it as 2026Q1")
    return quarter_of(date(int(year), 3 * int(number), 1))


def write_review(
    workspace: Workspace, template: Path, language: str, quarter: Quarter | None = None
) -> list[Path]:
    """Write the review of a quarter as Markdown and PDF.

    Parameters
    ----------
    template : folder of quarter.typ
    language : ja or en
    quarter : default the one of the served run's as-of date

    Returns
    -------
    the files written

    Raises
    ------
    JorenError if no published run is of that quarter, or the typeface lacks a character
    """
    runs = [r for r in map(_published, workspace.runs()) if r is not None]
    if quarter is None and runs:
        latest = workspace.latest()
        quarter = quarter_of(date.fromisoformat(read_json(latest / "run.json")["as_of"]))
    own = [r for r in runs if quarter and quarter.first <= r[1] <= quarter.last]
    if quarter is None or not own:
        raise JorenError(
            f"no published run of {workspace.client} is of "
            f"{quarter.name if quarter else 'any quarter'}",
            str(workspace.root), "see `joren status`",
        )  # fmt: skip
    before = [r for r in runs if r[1] < quarter.first][-1:]
    content = _content(own[-1], [*before, *own], quarter, language)
    folder = workspace.root / "quarters"
    folder.mkdir(exist_ok=True)
    stem = f"{quarter.name}.{language}"
    page = folder / f"{stem}.md"
    page.write_text(markdown(content), encoding="utf-8")
    return [page, _pdf(content, template, folder / f"{stem}.pdf")]


def markdown(content: dict[str, Any]) -> str:
    """The review as Markdown; a cell's bars and line breaks cannot break its table."""
    lines = [f"# {content['title']}", "", content["stamp"], ""]
    for section in content["sections"]:
        lines += [f"## {section['title']}", "", section["sentence"], ""]
        if section["rows"]:
            head = section["headers"]
            lines += [_line(head), _line(["---"] * len(head)), *map(_line, section["rows"]), ""]
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(c.replace('|', '/').replace(chr(10), ' ') for c in cells)} |"


def _published(run: Path) -> tuple[Path, date, dict[str, Any]] | None:
    record = read_json(run / "run.json")
    if record["status"] != "published" or not record["as_of"]:
        return None
    return run, date.fromisoformat(record["as_of"]), record


def _content(latest, runs, quarter: Quarter, language: str) -> dict[str, Any]:
    run, as_of, record = latest

    def say(entry: str, **facts: Any) -> str:
        return text.render(language, f"operating.quarter.{entry}", currency="", **facts)

    found = {
        "forecasts": _forecasts(run, quarter, language, record["currency"]),
        "campaigns": _campaigns(run, quarter, language),
        "definitions": _definitions(runs, language),
    }
    sections = []
    for name in _SECTIONS:
        rows = found[name]
        columns = text.render(language, f"operating.quarter.{name}.columns").split("|")
        sentence = say(f"{name}.{'some' if rows else 'none'}", value=len(rows))
        sections.append({
            "title": say(f"{name}.title"), "sentence": sentence, "headers": columns, "rows": rows,
        })  # fmt: skip
    return {
        "language": language,
        "title": f"{record['title'][language]} {say('title', name=quarter.name)}",
        "stamp": say("stamp", first=quarter.first, last=quarter.last, as_of=as_of, run=run.name),
        "sections": sections,
    }


def _rows(run: Path, table: str, query: str, *values: Any) -> list[tuple]:
    import duckdb

    path = run / "tables" / f"{table}.parquet"
    if not path.is_file():
        return []
    return duckdb.execute(f"SELECT {query}", [str(path), *values]).fetchall()


def _forecasts(run: Path, quarter: Quarter, language: str, currency: str) -> list[list[str]]:
    """Totals forecast for a day in the quarter, beside what happened."""
    rows = _rows(
        run, "forecast_check",
        "told.made_as_of, told.made_as_of + told.days::INT AS until, told.measure, told.group_name,"
        " told.value, told.lower, told.upper, happened.value, told.n"
        " FROM read_parquet(?) told JOIN read_parquet(?) happened"
        " USING (made_as_of, days, measure, group_name)"
        " WHERE told.measure LIKE 'total%' AND told.predictor <> 'actual'"
        " AND happened.predictor = 'actual' AND until BETWEEN ? AND ?"
        " ORDER BY until, told.made_as_of, told.measure, told.group_name",
        str(run / "tables" / "forecast_check.parquet"), quarter.first, quarter.last,
    )  # fmt: skip
    told = []
    for made, until, measure, group, value, lower, upper, happened, n in rows:
        spec = "money" if "value" in measure else "count"
        interval = text.format_interval(lower, upper, spec, language, currency)
        value, happened = (
            text.format_value(v, spec, language, currency) for v in (value, happened)
        )
        days = [text.format_value(day, "date", language, "") for day in (made, until)]
        name = text.render(language, f"operating.quarter.{measure}")
        told.append([*days, f"{name} ({group})", f"{value} ({interval})", happened, f"{n:,}"])
    return told


def _campaigns(run: Path, quarter: Quarter, language: str) -> list[list[str]]:
    """Campaigns whose last day is in the quarter: effect with interval, grade, decision."""
    rows = _rows(
        run, "pdca",
        "name, last_day, metric, relative, relative_lower, relative_upper, grade, decision"
        " FROM read_parquet(?) WHERE last_day BETWEEN ? AND ? ORDER BY last_day, name",
        quarter.first, quarter.last,
    )  # fmt: skip

    def share(effect: float | None, low: float | None, high: float | None) -> str:
        told = text.format_value(effect, "pct", language, "")
        between = text.format_interval(low, high, "pct", language, "")
        return told if effect is None else f"{told} ({between})"

    return [
        [
            name, text.format_value(day, "date", language, ""), metric or NO_VALUE,
            share(effect, low, high),
            grade or NO_VALUE, decision or NO_VALUE,
        ]
        for name, day, metric, effect, low, high, grade, decision in rows
    ]  # fmt: skip


def _definitions(runs, language: str) -> list[list[str]]:
    """Parameters and code that differ between a published run and the one before it."""
    changes = []
    for (_, _, before), (run, as_of, record) in pairwise(runs):
        day = text.format_value(as_of, "date", language, "")
        old, new = before["parameters"], record["parameters"]
        for path, was, now in _differences(old, new):
            if path.split(".")[0] not in _NO_DEFINITION:
                changes.append([day, run.name, path, was, now])
        if before["code_version"] != record["code_version"]:
            changes.append([day, run.name, "joren", before["code_version"], record["code_version"]])
    return changes


def _differences(old: Any, new: Any, path: str = "") -> list[tuple[str, str, str]]:
    if isinstance(old, dict) and isinstance(new, dict):
        found = []
        for key in sorted(old.keys() | new.keys()):
            inner = f"{path}.{key}" if path else key
            found += _differences(old.get(key), new.get(key), inner)
        return found
    if old == new:
        return []
    return [(path, *(json.dumps(value, ensure_ascii=False) for value in (old, new)))]


def _pdf(content: dict[str, Any], template: Path, target: Path) -> Path:
    import typst

    data = json.dumps(content, ensure_ascii=False)
    lacking = missing_glyphs(data)
    if lacking:
        raise JorenError(
            f"the typeface cannot draw {' '.join(sorted(lacking))}", str(target),
            "write the names with other characters",
        )  # fmt: skip
    page = typst.compile(
        (template / _TEMPLATE).read_bytes(),
        font_paths=[str(font_path().parent)],
        ignore_system_fonts=True,
        sys_inputs={"data": data},
        timestamp=_FIXED_TIME,
    )
    partial = target.with_name(f".{target.name}.partial")
    partial.write_bytes(page)
    partial.replace(target)
    return target
