"""The report of a run: `report.json` for the dashboard, `report.html` and `report.pdf` for reading.

All are made of the same items (findings, figures, tables) that the steps recorded.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from joren import text
from joren.imports import PACKAGE
from joren.notebooks import folder_name
from joren.params import Params, project_root
from joren.report.annotations import Annotation, annotate_items, current_annotations
from joren.report.pages import compose_pages, cover_headlines, headline_tiles
from joren.report.targets import targets_of
from joren.workspace import digest_of, file_digest, read_json, write_json

_READING = "01_identity/10_ingest"
_TEMPLATES = ("report.html.j2", "report.typ", "pages.yaml")


def report_key(params: Params, steps: list[tuple[str, bool]], annotations: str = "") -> str:
    """What the report depends on besides the steps' items.

    Parameters
    ----------
    annotations : digest of the state log of annotations
    steps : (name, whether it has a result) of every step
    """
    sources = [
        *sorted((PACKAGE / "report").glob("*.py")),
        *(text.catalog_path(lang, room) for lang in text.LANGUAGES for room in ("frame", "report")),
        *(template_folder() / name for name in _TEMPLATES),
    ]
    about = [params.title.model_dump(), params.language, params.currency, params.timezone]
    about.append([params.report.pdf, params.report.xlsx, params.report.pptx])
    about.append(params.dashboard.targets)
    return digest_of([about, steps, [file_digest(path) for path in sources], annotations])


def write_report(run: Path, record: dict[str, Any], previous: Path | None = None) -> None:
    """Write report.json, report.html and, unless the parameters say no, report.pdf of a run.

    Parameters
    ----------
    run : the run's folder, with the items and figures of its steps
    record : what run.json says so far
    previous : the run published before, for what changed since
    """
    from joren.report.restatements import TABLE, write_restatements

    late = write_restatements(run, record, previous)
    if late:
        record["tables"][TABLE] = record["run_id"]
    report = assemble(run, record, late, current_annotations(run, record))
    write_json(run / "report.json", report)
    page = render_html(run, report, record)
    partial = run / ".report.html.partial"
    partial.write_text(page, encoding="utf-8")
    partial.replace(run / "report.html")
    wanted = record["parameters"]["report"]
    if wanted["pdf"]:
        from joren.report.pdf import write_pdf

        write_pdf(run, report, record, template_folder(), previous)
    if wanted["xlsx"]:
        from joren.report.xlsx import write_xlsx

        write_xlsx(run, record, report["language"])
    if wanted["pptx"]:
        from joren.report.pptx import write_pptx

        write_pptx(run, report, report["language"])


def assemble(
    run: Path,
    record: dict[str, Any],
    late: Sequence[dict[str, Any]] = (),
    annotations: Sequence[Annotation] = (),
) -> dict[str, Any]:
    """Everything a reader may see, stage by stage, in both languages; no personal data.

    Parameters
    ----------
    run, record : the run's folder, and what run.json says so far
    late : items on what changed in months told of before; they join those of reading
    annotations : what consultants wrote beside findings
    """
    stages: dict[str, dict[str, Any]] = {}
    for entry in record["steps"]:
        name = entry["step"].split("/")[0]
        stage = stages.setdefault(name, {"stage": name, "title": _stage_title(name), "steps": []})
        path = run / "items" / f"{folder_name(entry['step'])}.json"
        stage["steps"].append({
            "step": entry["step"],
            "status": entry["status"],
            "origin": entry.get("origin"),
            "reason": entry["reason"],
            "items": read_json(path) if path.is_file() else [],
        })  # fmt: skip
        if entry["step"] == _READING:
            stage["steps"][-1]["items"] += late
    annotate_items(stages.values(), annotations, record["timezone"])
    aims = record["parameters"].get("dashboard", {}).get("targets", {})
    return {
        "client": record["client"],
        "title": record["title"],
        "language": record["language"],
        "currency": record["currency"],
        "as_of": record["as_of"],
        "as_of_text": {lang: _as_of(record, lang) for lang in text.LANGUAGES},
        "run_id": record["run_id"],
        "made_at": {lang: _made_at(record, lang) for lang in text.LANGUAGES},
        "level": record["parameters"]["interval"],
        "warnings": record["warnings"],
        "stages": list(stages.values()),
        "targets": targets_of(list(stages.values()), aims, record["currency"]),
        "certificate": {lang: _certificate(record, lang) for lang in text.LANGUAGES},
    }


def render_html(run: Path, report: dict[str, Any], record: dict[str, Any]) -> str:
    """One self-contained page in the client's language: fonts, figures and styles inside."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from joren.report.fonts import FAMILY, subset_css

    language = report["language"]
    environment = Environment(
        loader=FileSystemLoader(template_folder()),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    environment.filters["unbroken"] = _unbroken

    def say(entry: str, **values: Any) -> str:
        return text.render(language, f"report.{entry}", currency=report["currency"], **values)

    def picture(item: dict[str, Any]) -> str:
        svg = (run / item["svg"][language]).read_bytes()
        return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode('ascii')}"

    def twin(item: dict[str, Any]) -> str | None:
        """The interactive twin of a figure, where a step saved one beside it."""
        page = Path(item["svg"][language]).with_suffix(".html")
        return page.as_posix() if (run / page).is_file() else None

    context = {
        "report": report,
        "record": record,
        "language": language,
        "say": say,
        "picture": picture,
        "twin": twin,
        "tiles": headline_tiles(report, language),
        "headlines": cover_headlines(compose_pages(report, language, run)),
    }
    template = environment.get_template(_TEMPLATES[0])
    draft = template.render(context, font_css="", font_family=FAMILY)
    return template.render(context, font_css=subset_css(draft), font_family=FAMILY)


def _unbroken(sentence: str) -> str:
    """The sentence with `n = 1,059` and `31.2 %` kept on one line."""
    return sentence.replace("n = ", "n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}").replace(
        " %", "\N{NO-BREAK SPACE}%"
    )


def template_folder() -> Path:
    return project_root() / "reports" / "template"


def _stage_title(stage: str) -> dict[str, str]:
    key = f"frame.stage.{stage}"
    if text.has(key):
        return {language: text.render(language, key) for language in text.LANGUAGES}
    return dict.fromkeys(text.LANGUAGES, stage)


def _as_of(record: dict[str, Any], language: str) -> str:
    if record["as_of"] is None:
        return text.format_value(None, "date", language, record["currency"])
    return text.format_value(date.fromisoformat(record["as_of"]), "date", language, "")


def _made_at(record: dict[str, Any], language: str) -> str:
    finished = datetime.fromisoformat(record["finished_at"])
    local = finished.astimezone(ZoneInfo(record["timezone"]))
    return f"{text.format_value(local, 'date', language, '')} {local:%H:%M} ({record['timezone']})"


def _certificate(record: dict[str, Any], language: str) -> list[list[str]]:
    """What made the run, row by row: (what, value)."""

    def label(entry: str) -> str:
        return text.render(language, f"report.certificate.{entry}")

    rows = [
        [label("run"), record["run_id"]],
        [label("as_of"), _as_of(record, language)],
        [label("code"), record["code_version"]],
        [label("lock"), record["lock"][:16]],
        [label("seed"), str(record["seed"])],
        [label("memory"), f"{record['peak_memory_mb']:,} MB"],
    ]
    for entry in record["steps"]:
        status = label(f"status.{entry['status']}")
        seconds = f" · {entry['seconds']:.1f} s" if entry.get("seconds") is not None else ""
        origin = f" · {entry['origin']}" if entry["status"] in ("reused", "carried") else ""
        rows.append([entry["step"], f"{status}{seconds}{origin}"])
    for name, digest in sorted(record["inputs"].items()):
        rows.append([label("input"), f"{Path(name).name} · {digest[:16]}"])
    return rows
