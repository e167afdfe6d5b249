"""Commands on published runs: report, annotate, review, send, roll back, forget and the rest."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from joren.errors import JorenError, ParameterError
from joren.params import load_client, project_root
from joren.workspace import Workspace

ClientArgument = Annotated[
    str, typer.Argument(help="a client under params/, or a path to a YAML file", show_default=False)
]
ReportsOption = Annotated[
    Path | None, typer.Option("--reports", help="where runs are written (default: reports/)")
]


def reports_folder(reports: Path | None) -> Path:
    return (reports or project_root() / "reports").resolve()


def workspace_of(client: str, reports: Path | None) -> Workspace:
    return Workspace(client, reports_folder(reports))


def report(
    client: ClientArgument,
    language: Annotated[
        str | None, typer.Option(help="ja or en: beside the report in the client's own language")
    ] = None,
    reports: ReportsOption = None,
) -> None:
    """Build the last published run's report anew: PDF, workbook and slides."""
    from joren.report.again import rebuild

    loaded = load_client(client)
    for path in rebuild(workspace_of(loaded.params.client, reports), language):
        print(f"report: {path}")


def annotate(
    client: ClientArgument,
    key: Annotated[str, typer.Argument(help="the finding's key, as in report.json")],
    said: Annotated[str, typer.Argument(metavar="TEXT", help="no personal data")] = "",
    by: Annotated[
        str | None, typer.Option(help="whose remark it is; default: the user's name")
    ] = None,
    subject: Annotated[str, typer.Option(help="of findings that share a key, the one")] = "",
    override: Annotated[bool, typer.Option(help="say this in the finding's place")] = False,
    withdraw: Annotated[
        bool, typer.Option(help="take all annotations of the finding back")
    ] = False,
    reports: ReportsOption = None,
) -> None:
    """Write a remark beside a finding of the served report; it is shown as the consultant's."""
    import getpass

    from joren.report import annotations

    params = load_client(client).params
    kind = annotations.OVERRIDE if override else annotations.NOTE
    run = annotations.annotate(
        workspace_of(params.client, reports),
        key,
        said,
        by or getpass.getuser(),
        annotations.WITHDRAWN if withdraw else kind,
        subject,
    )
    print(f"report: {run / 'report.html'}")


def quarter(
    client: ClientArgument,
    name: Annotated[
        str | None, typer.Option("--quarter", help="such as 2026Q1; default: the served run's")
    ] = None,
    language: Annotated[str | None, typer.Option(help="ja or en; default: the client's")] = None,
    reports: ReportsOption = None,
) -> None:
    """Review a quarter: forecasts against what happened, campaigns, changed definitions."""
    from joren import text
    from joren.operating.quarter import named_quarter, write_review
    from joren.report.build import template_folder

    if language not in (None, *text.LANGUAGES):
        remedy = f"use {' or '.join(text.LANGUAGES)}"
        raise ParameterError(f"there is no review in {language!r}", "--language", remedy)
    params = load_client(client).params
    workspace = workspace_of(params.client, reports)
    chosen = named_quarter(name) if name else None
    for path in write_review(workspace, template_folder(), language or params.language, chosen):
        print(f"review: {path}")


def send(
    client: ClientArgument,
    approve: Annotated[bool, typer.Option(help="send; without it, show what would go")] = False,
    again: Annotated[
        bool, typer.Option(help="also what a crash left unknown; ask the recipient first")
    ] = False,
    reports: ReportsOption = None,
) -> None:
    """Mail the served run's report to its recipients, each once."""
    from joren.operating.send import prepare
    from joren.operating.send import send as send_letters

    params = load_client(client).params
    workspace = workspace_of(params.client, reports)
    mailing = prepare(workspace, params)
    print(mailing.subject)
    for name, path in mailing.attachments.items():
        print(f"  {name}  {path.stat().st_size:,} bytes")
    letters = send_letters(workspace, params, again) if approve else mailing.letters
    for letter in letters:
        print(f"  {letter.recipient:<40} {letter.status}  {letter.at}".rstrip())
    if not approve:
        print("nothing was sent; --approve sends what is waiting")
    elif any(letter.status != "sent" for letter in letters):
        raise typer.Exit(1)


def hand_over(
    client: ClientArgument,
    list_name: Annotated[
        str, typer.Argument(metavar="LIST", help="a list of the served run, such as lapsed")
    ],
    approve: Annotated[bool, typer.Option(help="post it; without it, show what would go")] = False,
    again: Annotated[
        bool, typer.Option(help="also if it was handed over before; ask the receiver first")
    ] = False,
    reports: ReportsOption = None,
) -> None:
    """Post a list of the served run to the client's own system, once."""
    from joren.operating.hand_over import hand_over as post

    params = load_client(client).params
    url = params.actions.hand_over.url
    done = post(workspace_of(params.client, reports), list_name, url, approve, again)
    print(f"{done.list_name}  {done.rows:,} rows  {done.size:,} bytes  {done.status}  {done.url}")
    if not approve:
        print("nothing was sent; --approve posts it")


def rollback(
    client: ClientArgument,
    run: Annotated[str | None, typer.Argument(help="default: the one published before")] = None,
    reports: ReportsOption = None,
) -> None:
    """Serve an earlier published run again."""
    from joren.operating.history import roll_back

    params = load_client(client).params
    served = roll_back(workspace_of(params.client, reports), run)
    print(f"{params.client} serves {served.name}")


def prune(
    client: ClientArgument,
    keep: Annotated[int, typer.Option(min=1, help="published runs to keep")],
    reports: ReportsOption = None,
) -> None:
    """Drop old runs; the served one always stays."""
    from joren.operating.history import prune as drop

    dropped = drop(workspace_of(load_client(client).params.client, reports), keep)
    print("\n".join(f"dropped {name}" for name in dropped) or "nothing to drop")


def forget(
    client: ClientArgument,
    customer: Annotated[str, typer.Argument(help="customer_id as in the served run")],
    reason: Annotated[str, typer.Option(help="for the log; no personal data")] = "",
    reports: ReportsOption = None,
) -> None:
    """Delete one person from state and from every future run."""
    from joren.operating.forget import forget as forget_customer

    params = load_client(client).params
    done = forget_customer(workspace_of(params.client, reports), customer, reason)
    print(f"{done.records} source records of {customer} are left out from the next run on")
    for log, rows in done.rows.items():
        print(f"  state/{log}: {rows} rows taken out")
    print(f"  {len(done.runs)} runs made before still know the person: run `joren run "
          f"{params.client}`, then `joren prune {params.client} --keep 1`")  # fmt: skip


def diff(
    client: ClientArgument,
    run_a: Annotated[str, typer.Argument(help="a run ID, or `latest`")],
    run_b: Annotated[str, typer.Argument(help="a run ID, or `latest`")],
    reports: ReportsOption = None,
) -> None:
    """What changed between two runs, and why."""
    from joren.operating.compare import compare

    params = load_client(client).params
    print("\n".join(compare(workspace_of(params.client, reports), run_a, run_b)))


def due(client: ClientArgument, reports: ReportsOption = None) -> None:
    """Exit 0 if the month's report is due now and not made yet, else 1; for schedulers."""
    from joren.operating.calendar import due_day, is_due
    from joren.workspace import read_json

    params = load_client(client).params
    now = datetime.now(params.zone)
    latest = workspace_of(params.client, reports).latest()
    made = None
    if latest is not None:
        finished = datetime.fromisoformat(read_json(latest / "run.json")["finished_at"])
        local = finished.astimezone(params.zone)
        day = due_day(local.year, local.month, params.report.schedule)
        made = local.date() if (local.date(), local.hour) >= (day, 18) else None
    day = due_day(now.year, now.month, params.report.schedule)
    print(f"{params.client}: due on {day} at 18:00 {params.timezone}")
    if not is_due(params, now, made):
        raise typer.Exit(1)


def segments(client: ClientArgument, reports: ReportsOption = None) -> None:
    """Open the segment builder in JupyterLab: conditions, live count, saved to the parameters."""
    from joren.lab import open_notebook

    params = load_client(client).params
    raise typer.Exit(open_notebook("interactive/30_segments", workspace_of(params.client, reports)))


def notify_failure(client: str, reports: Path | None, error: JorenError) -> list[str]:
    """Tell the client's operators of a failed run; complaints of mails that did not go."""
    from joren.operating.send import tell_failure

    params = load_client(client).params
    return tell_failure(workspace_of(params.client, reports), params, str(error))


COMMANDS = (
    segments, report, annotate, quarter, send, hand_over, rollback, prune, forget, diff, due,
)  # fmt: skip
