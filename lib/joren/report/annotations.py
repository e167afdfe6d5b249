"""What consultants write beside a finding, or in its place: theirs, with name and day.

Kept in the state log `annotations`. An annotation is of the finding as it stood: it appears in
reports of the same as-of date and in no later one. Nothing of it enters a table or a figure.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from joren import text
from joren.errors import JorenError, ParameterError
from joren.workspace import Workspace, client_lock, read_json, utc_now

LOG = "annotations"
NOTE, OVERRIDE, WITHDRAWN = "note", "override", "withdrawn"


@dataclass(frozen=True)
class Annotation:
    """One remark on a finding.

    Parameters
    ----------
    key, subject : the finding's; an empty subject means every finding of the key
    kind : note (beside the finding), override (in its place) or withdrawn
    text : as the consultant wrote it; the same in both languages
    author : who says so
    noted_at : UTC
    as_of : the as-of date of the report it was written on
    """

    key: str
    subject: str
    kind: str
    text: str
    author: str
    noted_at: datetime
    as_of: str


def annotate(
    workspace: Workspace, key: str, said: str, author: str, kind: str = NOTE, subject: str = ""
) -> Path:
    """Write an annotation on a finding of the served run and set its report anew.

    Returns
    -------
    the run whose report now shows it

    Raises
    ------
    JorenError if nothing was published yet
    ParameterError if the report has no such finding, the text is empty or cannot be printed
    """
    import ibis

    from joren.engine import connect
    from joren.report import build
    from joren.report.again import published_before
    from joren.report.fonts import missing_glyphs
    from joren.state_log import append_now

    with client_lock(workspace):
        run = workspace.latest()
        if run is None:
            raise JorenError(
                f"no run of {workspace.client} was published yet", str(workspace.reports),
                f"run `joren run {workspace.client}`",
            )  # fmt: skip
        record = read_json(run / "run.json")
        _check_finding(read_json(run / "report.json"), key, subject)
        if kind != WITHDRAWN and not said.strip():
            raise ParameterError("the annotation says nothing", "", "give its text")
        lacking = missing_glyphs(said + author)
        if lacking:
            raise ParameterError(
                f"the report's typeface cannot draw {' '.join(sorted(lacking))}", "",
                "write it with other characters",
            )  # fmt: skip
        row = {
            "key": [key], "subject": [subject], "kind": [kind], "text": [said.strip()],
            "author": [author], "noted_at": [utc_now().replace(tzinfo=None)],
            "as_of": [record["as_of"]],
        }  # fmt: skip
        append_now(workspace, LOG, connect().create_table("said", ibis.memtable(row), temp=True))
        build.write_report(run, record, published_before(workspace, run))
        return run


def current_annotations(run: Path, record: Mapping[str, Any]) -> list[Annotation]:
    """The annotations that the report of a run shows, oldest first, without withdrawn ones."""
    import duckdb

    workspace = Workspace(record["client"], run.parent.parent)
    files = sorted(str(path) for path in (workspace.state / LOG).glob("*.parquet"))
    if not files:
        return []
    rows = duckdb.execute(
        "SELECT key, subject, kind, text, author, noted_at, as_of FROM read_parquet(?) "
        "WHERE as_of = ? ORDER BY noted_at, text",
        [files, record["as_of"]],
    ).fetchall()
    standing: dict[tuple[str, str], list[Annotation]] = {}
    for row in rows:
        annotation = Annotation(*row)
        here = standing.setdefault((annotation.key, annotation.subject), [])
        if annotation.kind != NOTE:  # an override takes the place of an earlier one
            here[:] = [a for a in here if annotation.kind == OVERRIDE and a.kind == NOTE]
        if annotation.kind != WITHDRAWN:
            here.append(annotation)
    return sorted((a for each in standing.values() for a in each), key=lambda a: a.noted_at)


def annotate_items(
    stages: Iterable[Mapping[str, Any]], annotations: Sequence[Annotation], timezone: str
) -> None:
    """Put annotations at the findings they are of, in place.

    A finding gets `annotations`, sentences in both languages that name author and day. One that is
    overridden says the consultant's sentence instead, in titles too, loses its tile, and keeps what
    was computed among its annotations.
    """
    if not annotations:
        return
    zone = ZoneInfo(timezone)
    for stage in stages:
        for step in stage["steps"]:
            for item in step["items"]:
                if item["kind"] != "finding":
                    continue
                own = [a for a in annotations if _is_of(a, item)]
                _annotate(item, own, step["items"], zone)


def _annotate(
    item: dict[str, Any],
    own: Sequence[Annotation],
    beside: Sequence[dict[str, Any]],
    zone: ZoneInfo,
) -> None:
    said = [_sentence(a, zone) for a in own if a.kind == NOTE]
    override = next((a for a in own if a.kind == OVERRIDE), None)
    if override is not None:
        computed = item["text"]
        replaced = _sentence(override, zone)
        for other in beside:
            if other is not item and other.get("title") == computed:
                other["title"] = replaced
        item |= {"text": replaced, "tile": None}
        said.insert(0, _both("report.annotation.computed", lambda lang: {"text": computed[lang]}))
    if said:
        item["annotations"] = said


def _sentence(annotation: Annotation, zone: ZoneInfo) -> dict[str, str]:
    day = annotation.noted_at.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone).date()
    return _both(
        f"report.annotation.{annotation.kind}",
        lambda _: {"text": annotation.text, "author": annotation.author, "day": day},
    )


def _both(entry: str, facts) -> dict[str, str]:
    return {
        language: text.render(language, entry, currency="", **facts(language))
        for language in text.LANGUAGES
    }


def _is_of(annotation: Annotation, item: Mapping[str, Any]) -> bool:
    return annotation.key == item["key"] and annotation.subject in ("", item.get("subject") or "")


def _check_finding(report: Mapping[str, Any], key: str, subject: str) -> None:
    found: dict[str, set[str]] = {}
    for stage in report["stages"]:
        for step in stage["steps"]:
            for item in step["items"]:
                if item["kind"] == "finding":
                    found.setdefault(item["key"], set()).add(item.get("subject") or "")
    if key not in found:
        near = difflib.get_close_matches(key, found, n=3, cutoff=0.4)
        raise ParameterError(
            f"the report has no finding {key!r}", "",
            f"did you mean {' or '.join(near)}" if near else "see the keys in report.json",
        )  # fmt: skip
    if subject and subject not in found[key]:
        raise ParameterError(
            f"the finding {key!r} has no subject {subject!r}", "",
            f"choose of {', '.join(sorted(found[key] - {''})) or 'none: leave it out'}",
        )  # fmt: skip
