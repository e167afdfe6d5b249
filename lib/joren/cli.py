"""The command line: `joren run CLIENT` and what stands around it.

Errors go to standard error as one paragraph; a traceback appears only with `--debug`.
"""

from __future__ import annotations

import json
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from joren.commands import (
    COMMANDS,
    ClientArgument,
    ReportsOption,
    notify_failure,
    reports_folder,
    workspace_of,
)
from joren.errors import JorenError, ParameterError
from joren.outcome import exit_status, told_as_json
from joren.params import clients, load_client, project_root

if TYPE_CHECKING:
    from joren.plan import Plan
    from joren.run import RunResult

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="The open workbench for customer value.",
)


def main() -> None:
    """Entry point of the console script."""
    debug = "--debug" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        app(args=arguments, prog_name="joren")
    except JorenError as error:
        if debug:
            raise
        print(f"joren: {error}", file=sys.stderr)
        sys.exit(exit_status(error))
    except Exception as error:
        if debug:
            raise
        print(
            f"joren: unexpected {type(error).__name__}: {error}. Add --debug for the details.",
            file=sys.stderr,
        )
        sys.exit(1)


@app.command()
def run(
    client: Annotated[str | None, typer.Argument(help="a client, or a path to a YAML file")] = None,
    stage: Annotated[list[str] | None, typer.Option(help="only this stage; repeatable")] = None,
    first: Annotated[str | None, typer.Option("--from", help="first stage to run")] = None,
    last: Annotated[str | None, typer.Option("--to", help="last stage to run")] = None,
    reports: ReportsOption = None,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="last day of data, included")
    ] = None,
    publish: Annotated[
        bool, typer.Option(help="publish even if as-of is earlier than the served run's")
    ] = False,
    force: Annotated[bool, typer.Option(help="run every step even if nothing changed")] = False,
    rebase: Annotated[
        bool, typer.Option("--rebase", help="apply changed identity rules or verdicts to history")
    ] = False,
    every: Annotated[bool, typer.Option("--all", help="every client in params/")] = False,
    jobs: Annotated[int, typer.Option(min=1, help="clients at a time, with --all")] = 1,
    as_json: Annotated[
        bool, typer.Option("--json", help="print how it ended as JSON, and nothing else")
    ] = False,
) -> None:
    """Run the sequence for one client and publish it."""
    from joren.console import RunConsole
    from joren.plan import Plan, Selection, with_as_of
    from joren.run import run_client

    if every and rebase:
        raise ParameterError("a rebase is of one client", "joren run --all --rebase", "name it")
    if every == (client is not None):
        raise ParameterError(
            "name one client, or give --all", "joren run", "see `joren run --help`"
        )
    if every:
        _run_all(reports, jobs, force, as_json)
        return
    with told_as_json(client, as_json) as told:
        loaded = with_as_of(load_client(client), as_of.date() if as_of else None)
        plan = Plan(
            loaded,
            workspace_of(loaded.params.client, reports),
            Selection(tuple(stage or ()), first, last),
            force=force,
            publish_older=publish,
        )
        told["workspace"] = plan.workspace
        if rebase:
            told["result"] = _rebase(plan, "", as_json)
            return
        try:
            with RunConsole(loaded.params.client, quiet=as_json) as console:
                told["result"] = run_client(plan, console.listen)
        except JorenError as error:
            for complaint in notify_failure(client, reports, error):
                print(f"joren: the failure could not be mailed: {complaint}", file=sys.stderr)
            raise
        console.close(told["result"])


def _rebase(plan: Plan, reason: str, quiet: bool = False) -> RunResult:
    from joren.console import RunConsole
    from joren.rebase import account_lines, run_rebased

    with RunConsole(plan.params.client, quiet) as console:
        result = run_rebased(plan, reason, console.listen)
    console.close(result)
    if result.status == "published" and not quiet:
        print("\n".join(account_lines(result.folder, plan.params.language)))
    return result


def _run_all(reports: Path | None, jobs: int, force: bool, as_json: bool) -> None:
    from joren.console import print_outcomes
    from joren.many import run_many

    options = [*(["--reports", str(reports)] if reports else []), *(["--force"] if force else [])]
    outcomes = run_many(clients(), options, jobs)
    if as_json:
        print(json.dumps([outcome.told for outcome in outcomes], ensure_ascii=False, indent=1))
    else:
        print_outcomes(outcomes)
    if any(outcome.status != 0 for outcome in outcomes):
        raise typer.Exit(1)


@app.command()
def check(client: ClientArgument) -> None:
    """Validate parameters and inputs and print the coverage report; run nothing."""
    from joren import ingest
    from joren.engine import connect

    loaded = load_client(client)
    ingest.check_headers(loaded.params, loaded.folder)
    ingested = ingest.read_sources(connect(), loaded.params, loaded.folder)
    print(ingest.coverage_report(ingested, loaded.params.language))


@app.command()
def new(
    client: Annotated[str, typer.Argument(help="the new client's name: a-z, 0-9, _ and -")],
    files: Annotated[
        list[Path] | None,
        typer.Option("--from", help="the client's exports: a file, folder or glob; repeatable"),
    ] = None,
    more: Annotated[list[Path] | None, typer.Argument(help="further files and folders")] = None,
) -> None:
    """Scaffold params/CLIENT.yaml; with files, propose how their columns map."""
    import re

    from joren import ingest

    if not re.fullmatch(r"[a-z0-9_-]+", client):
        raise ParameterError(f"{client!r} is not a client name", "", "use a-z, 0-9, _ and -")
    target = project_root() / "params" / f"{client}.yaml"
    if target.exists():
        raise ParameterError("this client exists already", str(target), "edit the file")
    proposal = ingest.propose([*(files or []), *(more or [])], client)
    target.write_text(proposal.text, encoding="utf-8")
    print(ingest.proposal_report(proposal, target, client))


@app.command()
def status(
    client: Annotated[str | None, typer.Argument(help="one client; all of them by default")] = None,
    reports: ReportsOption = None,
) -> None:
    """Runs, steps and times, and what would rerun and why."""
    from joren.console import print_status

    for name in [client] if client else clients():
        loaded = load_client(name)
        print_status(loaded, workspace_of(loaded.params.client, reports))


@app.command()
def rebase(
    client: ClientArgument,
    reports: ReportsOption = None,
    reason: Annotated[str, typer.Option(help="why, for the log")] = "",
) -> None:
    """Apply changed identity rules or verdicts to history, with a before/after account."""
    from joren.plan import Plan

    loaded = load_client(client)
    _rebase(Plan(loaded, workspace_of(loaded.params.client, reports)), reason)


@app.command()
def review(client: ClientArgument, reports: ReportsOption = None) -> None:
    """Open the review notebook in JupyterLab: pairs that wait for a verdict."""
    from joren.lab import open_notebook

    loaded = load_client(client)
    workspace = workspace_of(loaded.params.client, reports)
    raise typer.Exit(open_notebook("interactive/10_review", workspace))


@app.command()
def design(
    client: ClientArgument,
    campaign: Annotated[str, typer.Argument(help="the new campaign's ID", show_default=False)],
    reports: ReportsOption = None,
) -> None:
    """Open the design notebook in JupyterLab: audience, hold-out, power, cost and plan."""
    from joren.lab import open_notebook

    workspace = workspace_of(load_client(client).params.client, reports)
    raise typer.Exit(open_notebook("interactive/40_design", workspace, campaign=campaign))


@app.command()
def serve(
    client: Annotated[str | None, typer.Argument(help="a client, or a path to a YAML file")] = None,
    port: Annotated[int | None, typer.Option(help="default: a free port; 8000 with --all")] = None,
    role: Annotated[
        str, typer.Option(help="viewer (aggregates), analyst (masked lists) or manager (exports)")
    ] = "analyst",
    static: Annotated[
        Path | None, typer.Option(help="write the pages as files into this folder instead")
    ] = None,
    reports: ReportsOption = None,
    every: Annotated[bool, typer.Option("--all", help="every client, behind one login")] = False,
    public: Annotated[
        str | None, typer.Option(help="with --all: the address viewers use, by TLS")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="with --all: more of JupyterHub's configuration")
    ] = None,
    one_user: Annotated[
        bool, typer.Option("--one-user", help="with --all as root: no user for each client")
    ] = False,
) -> None:
    """Serve a client's dashboard on this machine's loopback address, or all of them by a hub."""
    if every == (client is not None):
        raise ParameterError("name one client, or give --all", "joren serve", "see --help")
    if client is None:
        from joren.serve.hub import Hub, serve_all

        separate = False if one_user else None
        serve_all(Hub(reports_folder(reports), port or 8000, public, config, separate=separate))
        return
    loaded = load_client(client)
    if static is not None:
        from joren.serve.static import write_copy

        print(write_copy(loaded.params.client, reports_folder(reports), static, role))
        return
    from joren.serve import serve_client

    serve_client(loaded.params.client, reports_folder(reports), port, role=role)


@app.command()
def user(
    client: ClientArgument,
    name: Annotated[str, typer.Argument(help="what they log in as: a-z, 0-9 and . _ @ -")],
    role: Annotated[str, typer.Option(help="viewer, analyst or manager")] = "viewer",
    admin: Annotated[bool, typer.Option("--admin", help="may read the hub's admin page")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="let them in no more")] = False,
    reports: ReportsOption = None,
) -> None:
    """Let somebody into a client's dashboard by password, or change theirs, or take them out."""
    from joren.params_dashboard import ROLES
    from joren.serve.users import User, add_user, hash_password, is_name, remove_user

    state = workspace_of(load_client(client).params.client, reports).state
    if remove:
        if not remove_user(state.parent, state.name, name):
            raise ParameterError(f"{state.name} has no user {name}", "", "see --help")
        print(f"{name} is let in no more.")
        return
    if role not in ROLES or not is_name(name):
        raise ParameterError(
            "no such role, or not a name", f"{name}, {role}", "use viewer, analyst or manager"
        )
    password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    known = User(name, state.name, role, hash_password(password), admin)
    print(f"{name} sees {state.name} as {role}: {add_user(state.parent, known)}")


@app.command()
def simulate(
    name: Annotated[str, typer.Argument(help="the synthetic client's name: a-z, 0-9, _ and -")],
    customers: Annotated[int, typer.Option(help="people who buy: 500 to 1,000,000")] = 2_000,
    seed: Annotated[int, typer.Option(help="the same seed gives the same files")] = 20261121,
    folder: Annotated[
        Path | None, typer.Option(help="where the exports go (default: data/NAME)")
    ] = None,
) -> None:
    """Write a synthetic client: raw exports, params/NAME.yaml and the answer key."""
    from joren.simulate.client import simulate as simulate_client

    data = folder or project_root() / "data" / name
    params = project_root() / "params" / f"{name}.yaml"
    print(simulate_client(name, customers, seed, data, params).report())


@app.command()
def doctor() -> None:
    """What on this machine would stop a run: kernel, fonts, browser, disk, memory."""
    from joren.console import print_checks
    from joren.doctor import examine

    checks = examine()
    print_checks(checks)
    if any(check.fatal and not check.good for check in checks):
        raise typer.Exit(1)


for command in COMMANDS:
    app.command()(command)
