"""Build the report of the last published run anew: PDF, workbook and slides, in either language."""

from __future__ import annotations

from pathlib import Path

from joren import text
from joren.errors import JorenError, ParameterError
from joren.report.build import template_folder
from joren.report.pdf import write_pdf
from joren.report.pptx import write_pptx
from joren.report.xlsx import write_xlsx
from joren.workspace import Workspace, client_lock, read_json


def rebuild(workspace: Workspace, language: str | None = None) -> list[Path]:
    """Make the served run's report from its own items; figures and tables stay as they are.

    Parameters
    ----------
    language : None makes `report.pdf`, `.xlsx` and `.pptx` in the client's language; a language
        `report.<language>.pdf` and so on

    Returns
    -------
    the files written

    Raises
    ------
    JorenError if nothing was published yet; ParameterError for another language
    """
    if language not in (None, *text.LANGUAGES):
        remedy = f"use {' or '.join(text.LANGUAGES)}"
        raise ParameterError(f"there is no report in {language!r}", "--language", remedy)
    with client_lock(workspace):
        run = workspace.latest()
        if run is None:
            raise JorenError(
                f"no run of {workspace.client} was published yet", str(workspace.reports),
                f"run `joren run {workspace.client}`",
            )  # fmt: skip
        report, record = read_json(run / "report.json"), read_json(run / "run.json")
        stem = "report" if language is None else f"report.{language}"
        chosen = language or report["language"]
        before = published_before(workspace, run)
        pdf, xlsx, pptx = (run / f"{stem}.{ending}" for ending in ("pdf", "xlsx", "pptx"))
        return [
            write_pdf(run, report, record, template_folder(), before, chosen, pdf),
            write_xlsx(run, record, chosen, xlsx),
            write_pptx(run, report, chosen, pptx),
        ]


def published_before(workspace: Workspace, run: Path) -> Path | None:
    """The run that was served before this one, if its folder is still there."""
    earlier = [
        folder
        for folder in workspace.runs()
        if folder.name < run.name and read_json(folder / "run.json")["status"] == "published"
    ]
    return earlier[-1] if earlier else None
