"""The month-end report as PDF, set by typst: the same data give the same bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from joren import text
from joren.errors import JorenError
from joren.report.certificate import certificate
from joren.report.changes import causes, changed_figures
from joren.report.fonts import font_path, missing_glyphs
from joren.report.pages import compose_pages, cover_headlines
from joren.workspace import read_json

_TEMPLATE = "report.typ"
MOST_CHANGES = 9
_READING = ("interval", "predictive", "causal", "as_of", "unchanged", "tenths", "grades")
_DEFINED = (
    "customer", "purchase", "value", "ltv", "p_order", "status", "lapse", "cancel", "breakage",
    "route", "grade",
)  # fmt: skip
_FIXED_TIME = 1_600_000_000  # of the document's own dates; the run's time stands on its pages


def write_pdf(
    run: Path,
    report: Mapping[str, Any],
    record: Mapping[str, Any],
    template: Path,
    previous: Path | None = None,
    language: str | None = None,
    target: Path | None = None,
) -> Path:
    """Set the report and write it whole or not at all.

    Parameters
    ----------
    run : the run's folder, where its figures are
    report, record : content of report.json and run.json
    template : folder of report.typ
    previous : the run published before, for what changed since
    language : ja or en; default the client's
    target : default `report.pdf` in the run

    Raises
    ------
    JorenError where the typeface lacks a character of the text
    """
    import typst

    language = language or report["language"]
    target = target or run / "report.pdf"
    data = json.dumps(content(run, report, record, previous, language), ensure_ascii=False)
    lacking = missing_glyphs(data)
    if lacking:
        raise JorenError(
            f"the typeface cannot draw {' '.join(sorted(lacking))}",
            str(run),
            "write the text with other characters",
        )
    page = typst.compile(
        (template / _TEMPLATE).read_bytes(),
        root=str(run),
        font_paths=[str(font_path().parent)],
        ignore_system_fonts=True,
        sys_inputs={"data": data},
        timestamp=_FIXED_TIME,
    )
    partial = target.with_name(f".{target.name}.partial")
    partial.write_bytes(page)
    partial.replace(target)
    return target


def content(
    run: Path,
    report: Mapping[str, Any],
    record: Mapping[str, Any],
    previous: Path | None,
    language: str,
) -> dict[str, Any]:
    """Everything the pages say, in one language."""

    def say(entry: str, **values: Any) -> str:
        return text.render(language, f"report.{entry}", currency=report["currency"], **values)

    pages = compose_pages(report, language, run)
    rows: list[list[str]] = []
    reasons: list[str] = []
    same = say("changes.same")
    if previous is not None:
        before = read_json(previous / "report.json")
        # figures that moved first; the cover has room for a few
        found = sorted(
            changed_figures(report, before, language), key=lambda row: row["verdict"] == same
        )[:MOST_CHANGES]
        rows = [[r["label"], r["before"], r["now"], r["verdict"]] for r in found]
        reasons = causes(record, read_json(previous / "run.json"), language)
    return {
        "language": language,
        "title": f"{report['title'][language]} {say('name')}",
        "author": "Joren",
        "name": say("name"),
        "client": report["title"][language],
        "as_of": say("as_of", date=report["as_of_text"][language]),
        "cut_off": say("cut_off", date=report["as_of_text"][language],
                       at=report["made_at"][language]),
        "run": report["run_id"],
        "headlines": cover_headlines(pages),
        "warnings": [warning[language] for warning in report["warnings"]],
        "changes": {"rows": rows, "causes": reasons},
        "pages": pages,
        "reading": [
            say(f"reading.{entry}", level=f"{100 * report['level']:.0f} %") for entry in _READING
        ],
        "definitions": [
            [say(f"definition.{name}.word"), say(f"definition.{name}.meaning")]
            for name in _DEFINED
        ],
        "certificate": certificate(run, report, record, language),
        "words": {
            "headlines": say("headlines"),
            "changes": say("changes.title"),
            "change_headers": [
                say(f"changes.column.{name}") for name in ("figure", "before", "now", "verdict")
            ],
            "absent": say("absent"),
            "reading_title": say("reading.title"),
            "reading_question": say("reading.question"),
            "definition_headers": [say("definition.column.word"), say("definition.column.meaning")],
            "certificate_title": say("certificate.title"),
            "certificate_question": say("certificate.question"),
        },
    }  # fmt: skip
