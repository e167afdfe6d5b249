"""The month-end report as pages: one question each, answered by what the run found.

`reports/template/pages.yaml` says which findings, figures and tables belong on which page. What a
client's data cannot support makes no page; it is named with its reason instead.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from joren import text
from joren.params import project_root
from joren.report.table_space import column_widths, lines_of_rows

MOST_ROWS = 30
MOST_FINDINGS = 6
MOST_HEADLINES = 6
MOST_TILES = 12
# of an A4 page within its margins, in points; heights are those of reports/template/report.typ
_BODY, _HEAD, _TITLE, _ROW, _TABLE, _LINE, _TILES = 710, 44, 30, 14.2, 44, 14.5, 62
_WIDTH, _INSET, _LEADING = 481, 5, 1.48
_CHARACTERS_A_LINE = {"ja": 47, "en": 92}
_OF_HEADLINE = {"ja": 35, "en": 66}
_RAN = ("ran", "reused", "carried")
Item = dict[str, Any]
Page = dict[str, Any]


def pages_path() -> Path:
    return project_root() / "reports" / "template" / "pages.yaml"


@cache
def layout() -> list[dict[str, Any]]:
    """What stands on which page, as the template says."""
    return YAML(typ="safe").load(pages_path().read_text(encoding="utf-8"))


def compose_pages(report: Mapping[str, Any], language: str, run: Path) -> list[Page]:
    """The pages of the report's body, in order, without empty ones; each fits one sheet.

    What does not fit (a second picture, then further findings) stands in the HTML report.

    Parameters
    ----------
    report : content of report.json
    language : ja or en
    run : the run's folder, for the size of its figures

    Returns
    -------
    id, question, headline, tiles, figures (title, path), table (title, columns, rows, more: rows
    left out), sentences, annotations (by consultants), notes (steps that are carried over, and from
    which run), absent
    """
    items = _items(report)
    pages = [_page(spec, items, report, language) for spec in layout()]
    return [_fitted(page, run, language) for page in pages if page["headline"]]


def absent_parts(report: Mapping[str, Any], language: str) -> list[tuple[str, str]]:
    """(page, reason) of what the report does not answer."""
    items, found = _items(report), []
    steps = {step["step"]: step for stage in report["stages"] for step in stage["steps"]}
    for spec in layout():
        if _matching(items, "finding", spec["headline"], spec["steps"]):
            continue
        reasons = [
            steps[name]["reason"][language]
            for name in spec["steps"]
            if name in steps and steps[name]["reason"]
        ]
        ran = any(name in steps and steps[name]["status"] in _RAN for name in spec["steps"])
        silent = text.render(language, "report.nothing_found" if ran else "report.not_run")
        reason = reasons[0] if reasons else silent
        found.append((text.render(language, f"report.page.{spec['id']}.title"), reason))
    return found


def _items(report: Mapping[str, Any]) -> list[Item]:
    return [
        item | {"step": step["step"]}
        for stage in report["stages"]
        for step in stage["steps"]
        for item in step["items"]
    ]


def _matching(
    items: Sequence[Item], kind: str, patterns: Sequence[str], steps: Sequence[str]
) -> list[Item]:
    """Items in the order of the patterns, those of the page's own steps alone where any match."""
    found: list[Item] = []
    for pattern in patterns:
        hits = [
            item
            for item in items
            if item["kind"] == kind
            and item not in found
            and fnmatchcase(item.get("key") or item.get("name"), pattern)
        ]
        found += [item for item in hits if item["step"] in steps] or hits
    return found


def _opening(items: Sequence[Item], spec: Mapping[str, Any]) -> Item | None:
    """The first of the page's headlines there is; of several, one that the run stressed."""
    for pattern in spec["headline"]:
        found = _matching(items, "finding", [pattern], spec["steps"])
        if found:
            return min(found, key=lambda item: not item["accent"])
    return None


def _page(
    spec: Mapping[str, Any], items: Sequence[Item], report: Mapping[str, Any], language: str
) -> Page:
    steps = spec["steps"]
    headline = _opening(items, spec)
    figures = _matching(items, "figure", spec["figures"], steps)[: spec.get("pictures", 1)]
    tables = _matching(items, "table", spec["tables"], steps)[:1]
    said = {headline["text"][language]} if headline else set()
    said |= {figure["title"][language] for figure in figures}
    more = [
        item["text"][language]
        for item in _matching(items, "finding", spec["findings"], steps)
        if item["text"][language] not in said
    ]
    page = f"report.page.{spec['id']}"
    return {
        "id": spec["id"],
        "title": text.render(language, f"{page}.title"),
        "question": text.render(language, f"{page}.question"),
        "headline": headline and headline["text"][language],
        "cover": bool(spec.get("cover")),
        "tiles": headline_tiles(report, language) if spec.get("tiles") else [],
        "figures": [
            {"title": figure["title"][language], "path": figure["svg"][language]}
            for figure in figures
        ],
        "table": _table(tables[0], language) if tables else None,
        "sentences": list(dict.fromkeys(more))[:MOST_FINDINGS],
        "annotations": _annotations(items, steps, said | set(more), language),
        "notes": _notes(report, steps, language),
        "absent": absent_parts(report, language) if spec.get("absent") else [],
    }


def _annotations(
    items: Sequence[Item], steps: Sequence[str], said: set[str], language: str
) -> list[str]:
    """What consultants wrote beside the findings that the page says."""
    return [
        remark[language]
        for item in items
        if item["kind"] == "finding" and item["text"][language] in said and item["step"] in steps
        for remark in item.get("annotations", ())
    ]


def _fitted(page: Page, run: Path, language: str) -> Page:
    """The page without what its sheet has no room for."""
    room = _BODY - _HEAD - 20 * _lines(page["headline"], _OF_HEADLINE[language])
    room -= _TILES * -(-len(page["tiles"]) // 3) + _LINE * len(page["notes"])
    room -= 18 * len(page["absent"])
    for remark in page["annotations"]:
        room -= _LINE * _lines(remark, _CHARACTERS_A_LINE[language]) + 4
    figures = []
    for place, figure in enumerate(page["figures"]):
        size = _height(run / figure["path"]) + _TITLE
        # a second picture only where a table and two findings still fit
        if not place or room - size > _table_height(page["table"]) + 4 * _LINE:
            figures.append(figure)
            room -= size
    table = _shortened(page["table"], room - 2 * _LINE, language)
    room -= _table_height(table)
    sentences = []
    for sentence in page["sentences"]:
        room -= _LINE * _lines(sentence, _CHARACTERS_A_LINE[language]) + 4
        if room < 0:
            break
        sentences.append(sentence)
    return page | {"figures": figures, "table": table, "sentences": sentences}


def _shortened(table: dict[str, Any] | None, room: float, language: str) -> dict[str, Any] | None:
    """The table with as many rows as there is room for; None where not even three fit."""
    if table is None:
        return None
    rows = list(table["rows"])
    while rows and _table_height(table | {"rows": rows}) > room:
        rows.pop()
    if len(rows) < min(3, len(table["rows"])):
        return None
    left_out = table["left_out"] + len(table["rows"]) - len(rows)
    table = table | {"rows": rows, "left_out": left_out, "more": _more(left_out, language)}
    size = _type_size(table)
    return table | {"size": size, "widths": column_widths(table, size, _WIDTH, _INSET)}


def _table_height(table: dict[str, Any] | None) -> float:
    """Points a table takes: its columns share the page, and long cells break into lines."""
    if table is None:
        return 0
    size = _type_size(table)
    widths = column_widths(table, size, _WIDTH, _INSET)
    lines = lines_of_rows(table, widths, size, _INSET)
    return _TABLE + sum(_ROW + _LEADING * size * (n - 1) for n in lines)


def _type_size(table: Mapping[str, Any]) -> float:
    return 8.0 if len(table["headers"]) > 6 else 8.5


def _lines(sentence: str, characters: int) -> int:
    wide = sum(2 if ord(c) > 0x2000 else 1 for c in sentence)
    return -(-wide // (2 * characters if characters < 60 else characters))


def _height(svg: Path) -> float:
    """Height of a figure in points, from its first lines."""
    found = re.search(r'height="([\d.]+)pt"', svg.read_text(encoding="utf-8")[:2000])
    return float(found[1]) if found else 0.0


def headline_tiles(report: Mapping[str, Any], language: str) -> list[dict[str, str | None]]:
    """The figures of the first page: those the layout names, in its order, then others; twelve.

    Returns
    -------
    label, value, sure and target (null where the client names none) of each
    """
    tiled = [item for item in _items(report) if item.get("tile")]
    named = [pattern for spec in layout() for pattern in spec.get("tiles", ())]
    first = _matching(tiled, "finding", named, ())
    rest = [item for item in tiled if item not in first]
    targets = report.get("targets", {})
    tiles = []
    for item in [*first, *rest][:MOST_TILES]:
        aim = targets.get(item["key"])
        said = aim and text.render(language, "report.target", target=aim[language])
        tiles.append(item["tile"][language] | {"target": said})
    return tiles


def cover_headlines(pages: Sequence[Page]) -> list[str]:
    """The opening sentences of the pages that stand on the cover."""
    return [page["headline"] for page in pages if page["cover"]][:MOST_HEADLINES]


def _table(item: Item, language: str) -> dict[str, Any]:
    rows = item["rows"][language]
    return {
        "title": item["title"][language],
        "headers": [column["header"][language] for column in item["columns"]],
        "align": [column["align"] for column in item["columns"]],
        "rows": rows[:MOST_ROWS],
        "left_out": max(len(rows) - MOST_ROWS, 0),
        "more": _more(len(rows) - MOST_ROWS, language),
    }


def _more(left_out: int, language: str) -> str | None:
    if left_out <= 0:
        return None
    return text.render(language, "report.more_rows", value=left_out)


def _notes(report: Mapping[str, Any], steps: Sequence[str], language: str) -> list[str]:
    carried = {
        step["origin"]
        for stage in report["stages"]
        for step in stage["steps"]
        if step["step"] in steps and step["status"] == "carried"
    }
    return [text.render(language, "report.carried", origin=origin) for origin in sorted(carried)]
