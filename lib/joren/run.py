"""A whole run of one client: execute what is stale, report, publish.

Steps whose key has a stamp are linked from the run that made them, so an interrupted run resumes
where it stopped and a rerun without changes executes nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joren import __version__
from joren.errors import JorenError, QualityError, StepFailed
from joren.notebooks import StepSource, discover
from joren.plan import Decision, Plan, Progress, decide, nothing_changed, raw_inputs, report_key
from joren.sequence import Outcome, execute_step
from joren.stamps import Stamp, describe_files, lock_digest, read_stamp, write_stamp
from joren.versions import code_version
from joren.workspace import (
    OPEN,
    RESTRICTED,
    Workspace,
    client_lock,
    create_run,
    link_file,
    publish,
    read_json,
    recover,
    state_digest,
    table_path,
    utc_now,
    write_json,
)

Listener = Callable[[str, StepSource, dict[str, Any]], None]


@dataclass(frozen=True)
class RunResult:
    """How a run ended: published, written (its as_of is older than the served one), unchanged."""

    status: str
    folder: Path
    warnings: tuple[dict[str, str], ...] = ()


def run_client(plan: Plan, listener: Listener) -> RunResult:
    """Run the sequence for one client and publish it.

    Raises
    ------
    RunInProgress, InputError, ParameterError before anything started
    StepFailed, QualityError when nothing was published; the run's folder stays, `status: failed`
    """
    from joren import ingest

    steps = discover()
    plan.selection.check(steps)
    ingest.check_headers(plan.params, plan.client.folder)
    with client_lock(plan.workspace):
        recover(plan.workspace)
        raw = raw_inputs(plan)
        if not plan.force and nothing_changed(plan, steps, raw):
            latest = plan.workspace.latest()
            return RunResult("unchanged", latest, tuple(read_json(latest / "run.json")["warnings"]))
        return _run(plan, steps, raw, listener)


def _run(plan: Plan, steps: list[StepSource], raw: dict[str, str], listener: Listener) -> RunResult:
    run = create_run(plan.workspace)
    record = _opening_record(plan, run, raw)
    write_json(run / "run.json", record)
    try:
        return _run_steps(plan, steps, raw, run, record, listener)
    except BaseException as error:
        cause = str(error) if isinstance(error, JorenError) else type(error).__name__
        try:
            write_json(run / "run.json", record | {"status": "failed", "failure": cause})
        except OSError as second:  # the next run's recovery marks it failed
            error.add_note(f"the failure could not be recorded: {second}")
        if isinstance(error, OSError):
            raise StepFailed(
                f"the run could not be written: {error.strerror}",
                str(run),
                "free some space and rerun",
            ) from error
        raise


def _run_steps(
    plan: Plan,
    steps: list[StepSource],
    raw: dict[str, str],
    run: Path,
    record: dict[str, Any],
    listener: Listener,
) -> RunResult:
    progress = Progress()
    for step in steps:
        decision = decide(plan, step, raw, progress)
        listener("start", step, {"kind": decision.kind})
        entry, stamp = _carry_out(plan, step, decision, run)
        record["steps"].append(entry)
        progress.add(step, stamp, decision.reason)
        record["as_of"] = progress.facts.get("as_of")
        record["warnings"] = list(progress.facts.get("warnings", ()))
        record["tables"] = {
            name: facts["origin"] for name, facts in sorted(progress.tables.items())
        }
        write_json(run / "run.json", record)
        listener("end", step, entry)
        if stamp is not None and stamp["blocked"]:
            raise QualityError(
                f"nothing is published: {'; '.join(stamp['blocked'])}",
                str(run / "tables" / "quarantine.parquet"),
                "correct the exports, or change `quality` in the parameters",
            )
    shutil.rmtree(run / ".steps", ignore_errors=True)
    return _finish(plan, run, record)


def _finish(plan: Plan, run: Path, record: dict[str, Any]) -> RunResult:
    from joren.report import build

    record["report_key"] = report_key(plan, record["steps"])
    record["finished_at"] = utc_now().isoformat(timespec="seconds")
    record["peak_memory_mb"] = max(
        (s.get("peak_memory_mb") or 0 for s in record["steps"]), default=0
    )
    latest = plan.workspace.latest()
    build.write_report(run, record, latest)
    served = read_json(latest / "run.json")["as_of"] if latest else None
    warnings = tuple(record["warnings"])
    if served and record["as_of"] and record["as_of"] < served and not plan.publish_older:
        write_json(run / "run.json", record | {"status": "written"})
        return RunResult("written", run, warnings)
    record["state_after"] = _state_after(plan.workspace, run, record)
    publish(plan.workspace, run, record)
    return RunResult("published", run, warnings)


def _state_after(workspace: Workspace, run: Path, record: dict[str, Any]) -> dict[str, str]:
    """Digest of every log the run read, as it will stand once this run's rows are appended.

    A log the run adds nothing to counts as it was read: what a person wrote into it meanwhile is
    for the next run.
    """
    read: dict[str, str] = {}
    for stamp in _stamps(run, record):
        read |= stamp["state"]
    return {
        log: state_digest(workspace, log, run / "state" / log)
        if (run / "state" / log).is_dir()
        else digest
        for log, digest in sorted(read.items())
    }


def _stamps(run: Path, record: dict[str, Any]) -> list[Stamp]:
    found = (read_stamp(run, entry["step"]) for entry in record["steps"])
    return [stamp for stamp in found if stamp is not None]


def _carry_out(
    plan: Plan, step: StepSource, decision: Decision, run: Path
) -> tuple[dict[str, Any], Stamp | None]:
    entry: dict[str, Any] = {"step": step.name, "status": "", "reason": decision.reason}
    if decision.kind in ("skip", "absent"):
        entry["status"] = "skipped" if decision.kind == "skip" else "missing"
        return entry, None
    if decision.kind == "execute":
        state = {log: state_digest(plan.workspace, log) for log in step.state}
        outcome = execute_step(step, run, plan.params.client, plan.params.limits)
        stamp = _move_in(step, decision, run, outcome, state)
        entry |= {"status": "refused" if outcome.refusal else "ran", "because": decision.because}
    else:
        for name in decision.stamp["files"]:
            link_file(decision.origin / name, run / name)
        stamp = decision.stamp
        done = {"reuse": "reused", "carry": "carried"}[decision.kind]
        entry["status"] = "refused" if stamp["refusal"] else done
    write_stamp(plan.workspace, run, step, stamp)
    entry |= {
        "reason": stamp["refusal"],
        "origin": stamp["origin"],
        "seconds": stamp["seconds"],
        "peak_memory_mb": stamp["peak_memory_mb"],
    }
    return entry, stamp


def _move_in(
    step: StepSource,
    decision: Decision,
    run: Path,
    outcome: Outcome,
    state: dict[str, str],
) -> Stamp:
    """Move a proved step's files into the run and describe them."""
    folder = run / ".steps" / step.folder_name
    items = folder / "items.json"
    if items.is_file():
        (folder / "items").mkdir(exist_ok=True)
        items.replace(folder / "items" / f"{step.folder_name}.json")
    names = []
    for part in (*OPEN, *RESTRICTED, "items"):
        for path in sorted((folder / part).rglob("*")):
            if path.is_file():
                name = str(path.relative_to(folder))
                (run / name).parent.mkdir(parents=True, exist_ok=True)
                path.replace(run / name)
                names.append(name)
    files = describe_files(run, names)
    tables = {
        table: {
            "sha256": files[str(table_path(Path(), table))]["sha256"],
            "rows": rows,
            "origin": run.name,
        }
        for table, rows in outcome.rows.items()
    }
    return {
        "step": step.name,
        "key": decision.key,
        "ingredients": decision.ingredients,
        "origin": run.name,
        "files": files,
        "tables": tables,
        "facts": outcome.facts,
        "refusal": outcome.refusal,
        "blocked": outcome.blocked,
        "state": state,
        "seconds": round(outcome.seconds, 2),
        "peak_memory_mb": outcome.peak_memory_mb,
    }


def _opening_record(plan: Plan, run: Path, raw: dict[str, str]) -> dict[str, Any]:
    params = plan.params
    return {
        "run_id": run.name,
        "client": params.client,
        "title": params.title.model_dump(),
        "language": params.language,
        "currency": params.currency,
        "timezone": params.timezone,
        "status": "running",
        "as_of": None,
        "started_at": utc_now().isoformat(timespec="seconds"),
        "parameters": params.model_dump(mode="json"),
        "params_file": str(plan.client.path),
        "seed": params.seed,
        "inputs": raw,
        "code_version": code_version(),
        "joren_version": __version__,
        "lock": lock_digest(),
        "steps": [],
        "tables": {},
        "warnings": [],
        "report_key": "",
    }
