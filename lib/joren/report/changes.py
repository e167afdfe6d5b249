"""What changed since the last published run, and why: figures and causes, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from joren import text

Item = dict[str, Any]


def changed_figures(
    report: Mapping[str, Any], before: Mapping[str, Any], language: str
) -> list[dict[str, str]]:
    """The headline figures of both runs and what their difference amounts to.

    A difference inside the interval of either figure counts as unchanged (横ばい).

    Returns
    -------
    label, before, now, verdict
    """
    earlier = {_identity(item): item for item in _tiled(before)}
    rows = []
    for item in _tiled(report):
        old = earlier.get(_identity(item))
        if old is None:
            continue
        rows.append({
            "label": item["tile"][language]["label"],
            "before": old["tile"][language]["value"],
            "now": item["tile"][language]["value"],
            "verdict": text.render(language, f"report.changes.{verdict(old, item)}"),
        })  # fmt: skip
    return rows


def verdict(before: Item, now: Item) -> str:
    """`same`, `unchanged` (inside an interval), `up` or `down`."""
    old, new = before["value"], now["value"]
    if old == new:
        return "same"
    for value, other in ((old, now), (new, before)):
        if other["lower"] is not None and other["lower"] <= value <= other["upper"]:
            return "unchanged"
    return "up" if new > old else "down"


def causes(record: Mapping[str, Any], before: Mapping[str, Any], language: str) -> list[str]:
    """Why figures may differ: days, files, parameters, code, libraries."""
    found = []

    def say(key: str, **facts: Any) -> None:
        found.append(text.render(language, f"report.changes.{key}", **facts))

    if record["as_of"] != before["as_of"]:
        say("as_of", before=before["as_of"], now=record["as_of"])
    files, old_files = record["inputs"], before["inputs"]
    differing = sum(files[name] != old_files[name] for name in files.keys() & old_files.keys())
    new, gone = len(files.keys() - old_files.keys()), len(old_files.keys() - files.keys())
    if differing or new or gone:
        say("inputs", changed=differing, new=new, gone=gone)
    sections = [
        name
        for name in record["parameters"]
        if record["parameters"][name] != before["parameters"].get(name)
    ]
    if sections:
        say("parameters", sections=", ".join(sections))
    if record["code_version"] != before["code_version"]:
        say("code", before=before["code_version"], now=record["code_version"])
    if record["lock"] != before["lock"]:
        say("lock")
    if not found:
        say("nothing")
    return found


def _tiled(report: Mapping[str, Any]) -> list[Item]:
    return [
        item
        for stage in report["stages"]
        for step in stage["steps"]
        for item in step["items"]
        if item["kind"] == "finding" and item.get("tile")
    ]


def _identity(item: Item) -> tuple[str, str | None]:
    return item["key"], item.get("subject")
