"""What a run has to do: for each step, reuse, carry, skip or execute, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from joren import text
from joren.errors import ParameterError
from joren.notebooks import StepSource, discover
from joren.params import ClientFile, Params
from joren.stamps import (
    Stamp,
    find_stamp,
    input_digests,
    raw_digests,
    read_stamp,
    step_ingredients,
    step_key,
    why_stale,
)
from joren.workspace import Workspace, read_json, state_digest

ANNOTATIONS = "annotations"
_HAS_RESULT = ("ran", "reused", "carried")


@dataclass(frozen=True)
class Selection:
    """Which stages a run executes; all of them where nothing is named.

    Parameters
    ----------
    stages : stage folders named one by one
    first, last : ends of a range of stage folders, both included
    """

    stages: tuple[str, ...] = ()
    first: str | None = None
    last: str | None = None

    def check(self, steps: list[StepSource]) -> None:
        """Raise ParameterError if a named stage does not exist."""
        known = sorted({step.stage for step in steps})
        for name in (*self.stages, self.first, self.last):
            if name is not None and name not in known:
                raise ParameterError(
                    f"there is no stage {name!r}", "", f"choose of {', '.join(known)}"
                )

    def has(self, stage: str) -> bool:
        if self.stages:
            return stage in self.stages
        return (self.first or stage) <= stage <= (self.last or stage)


@dataclass(frozen=True)
class Decision:
    """What is to be done with a step and why.

    `kind` is execute, reuse, carry (not selected, taken from the last published run), skip (an
    input is missing) or absent (not selected, never published).
    """

    kind: str
    stamp: Stamp | None = None
    origin: Path | None = None
    reason: dict[str, str] | None = None
    because: tuple[str, ...] = ()
    key: str = ""
    ingredients: dict[str, Any] = field(default_factory=dict)


@dataclass
class Progress:
    """What the steps so far have written and fixed."""

    tables: dict[str, Stamp] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    reasons: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, step: StepSource, stamp: Stamp | None, reason: dict[str, str] | None) -> None:
        """Take in a step's stamp, or the reason why it has none."""
        if stamp is not None:
            self.tables |= stamp["tables"]
            self.facts |= stamp["facts"]
            reason = stamp["refusal"]
        if reason:
            self.reasons |= dict.fromkeys(step.writes, reason)


@dataclass(frozen=True)
class Plan:
    """What a run is asked to do."""

    client: ClientFile
    workspace: Workspace
    selection: Selection = Selection()
    force: bool = False
    publish_older: bool = False

    @property
    def params(self) -> Params:
        return self.client.params


def preview(plan: Plan) -> list[tuple[StepSource, Decision]]:
    """What a run would do now; decisions after the first stale step are provisional."""
    return list(_walk(plan, discover(), raw_inputs(plan)))


def raw_inputs(plan: Plan) -> dict[str, str]:
    """Digest of every raw file, by its path relative to the parameter file."""
    from joren import ingest

    files = ingest.raw_files(plan.params, plan.client.folder)
    return raw_digests(plan.workspace, files, plan.client.folder)


def _walk(
    plan: Plan, steps: list[StepSource], raw: dict[str, str]
) -> Iterator[tuple[StepSource, Decision]]:
    progress = Progress()
    for step in steps:
        decision = decide(plan, step, raw, progress)
        yield step, decision
        progress.add(step, decision.stamp, decision.reason)


def nothing_changed(plan: Plan, steps: list[StepSource], raw: dict[str, str]) -> bool:
    """Whether a run would only repeat the published one."""
    latest = plan.workspace.latest()
    if latest is None:
        return False
    record = read_json(latest / "run.json")
    if record["report_key"] != report_key(plan, record["steps"]):
        return False
    done = {entry["step"]: entry for entry in record["steps"]}
    for step, decision in _walk(plan, steps, raw):
        entry = done.get(step.name)
        if entry is None or decision.kind == "execute":
            return False
        if decision.stamp is None:
            if entry["status"] not in ("skipped", "missing"):
                return False
        elif (read_stamp(latest, step.name) or {}).get("key") != decision.stamp["key"]:
            return False
    return len(done) == len(steps)


def decide(plan: Plan, step: StepSource, raw: dict[str, str], progress: Progress) -> Decision:
    """What is to be done with a step, given what the steps before it have written."""
    latest = plan.workspace.latest()
    if not plan.selection.has(step.stage):
        stamp = read_stamp(latest, step.name) if latest else None
        return Decision("carry", stamp, latest) if stamp else Decision("absent")
    lacking = [
        name
        for name in step.needed_tables
        if name not in progress.tables or progress.tables[name]["rows"] == 0
    ]
    if lacking:
        return Decision("skip", reason=_why_skipped(lacking, progress))
    inputs = input_digests(step, raw, progress.tables)
    ingredients = step_ingredients(step, plan.params, inputs, progress.facts)
    key = step_key(ingredients)
    found = None if plan.force else find_stamp(plan.workspace, step, key)
    if found:
        return Decision("reuse", found[1], found[0])
    before = read_stamp(latest, step.name) if latest else None
    because = (
        ["forced"] if plan.force
        else why_stale(before["ingredients"], ingredients) or ["its state changed"] if before
        else ["never run"]
    )  # fmt: skip
    return Decision("execute", because=tuple(because), key=key, ingredients=ingredients)


def _why_skipped(lacking: list[str], progress: Progress) -> dict[str, str]:
    reasons = {}
    for language in text.LANGUAGES:
        names = "、".join(lacking) if language == "ja" else ", ".join(lacking)
        upstream = next(
            (progress.reasons[n][language] for n in lacking if n in progress.reasons), ""
        )
        reasons[language] = upstream or text.render(language, "frame.input_missing", tables=names)
    return reasons


def report_key(plan: Plan, steps: list[dict[str, Any]]) -> str:
    """What the report depends on besides the steps' files."""
    from joren.report import build

    done = [(s["step"], s["status"] in _HAS_RESULT) for s in steps]
    return build.report_key(plan.params, done, state_digest(plan.workspace, ANNOTATIONS))


def with_as_of(client: ClientFile, as_of: date | None) -> ClientFile:
    """The client's parameters with another last day of data, where one is given."""
    if as_of is None:
        return client
    return client.model_copy(update={"params": client.params.model_copy(update={"as_of": as_of})})
