"""When a step's earlier result still holds: keys of what it depends on, stamps of what it made.

The key of a step is its code cells, declared parameters, the hashes of its inputs, the lib modules
its imports reach, the environment's lock and as_of. A stamp is written last, once the step was
proved complete; a step whose key has a stamp is not run again.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from joren.imports import PACKAGE, modules_used
from joren.notebooks import RAW_FILES, StepSource, folder_name
from joren.params import Params, project_root
from joren.workspace import Workspace, digest_of, file_digest, read_json, state_digest, write_json

Stamp = dict[str, Any]


def step_ingredients(
    step: StepSource,
    params: Params,
    inputs: dict[str, str],
    facts: dict[str, Any],
) -> dict[str, Any]:
    """Everything a step's result depends on, part by part; `why_stale` compares two of these.

    Parameters
    ----------
    inputs : what it reads → digest; `absent` for what the client does not have
    facts : what earlier steps fixed for the run (as_of)
    """
    code = step.code()
    declared = params.model_dump(mode="json")
    always = {name: declared[name] for name in ("client", "language", "currency", "interval")}
    files = modules_used(code)
    return {
        "code": digest_of(code),
        "declarations": digest_of([step.reads, step.needs, step.writes, step.state]),
        "parameters": {name: declared[name] for name in step.params} | always,
        "inputs": inputs,
        "modules": {str(file.relative_to(PACKAGE)): file_digest(file) for file in files},
        "lock": lock_digest(),
        "as_of": facts.get("as_of"),
        "seed": params.seed,
    }


def step_key(ingredients: dict[str, Any]) -> str:
    return digest_of(ingredients)


def why_stale(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """In words, which ingredients differ."""
    reasons = []
    for part, now in new.items():
        before = old.get(part)
        if before == now:
            continue
        if isinstance(now, dict) and isinstance(before, dict):
            names = sorted(k for k in now.keys() | before.keys() if now.get(k) != before.get(k))
            reasons.append(f"{part}: {', '.join(names)}")
        else:
            reasons.append(part)
    return reasons


def lock_digest() -> str:
    """The digest of the environment's lock; empty where the lib is installed without it."""
    lock = project_root() / "requirements.lock"
    return file_digest(lock) if lock.is_file() else ""


def write_stamp(workspace: Workspace, run: Path, step: StepSource, stamp: Stamp) -> None:
    """Record that the step is complete; nothing of it is believed before this."""
    path = stamp_path(run, step.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, stamp)
    index = _index_path(workspace, stamp["key"])
    index.parent.mkdir(parents=True, exist_ok=True)
    write_json(index, {"run": run.name})


def read_stamp(run: Path, step: str) -> Stamp | None:
    path = stamp_path(run, step)
    return read_json(path) if path.is_file() else None


def stamp_path(run: Path, step: str) -> Path:
    return run / ".stamps" / f"{folder_name(step)}.json"


def find_stamp(workspace: Workspace, step: StepSource, key: str) -> tuple[Path, Stamp] | None:
    """The run and stamp of an earlier result of the same key, if all its files are still there."""
    index = _index_path(workspace, key)
    if not index.is_file():
        return None
    run = workspace.run_folder(read_json(index)["run"])
    stamp = read_stamp(run, step.name)
    if stamp is None or stamp["key"] != key:
        return None
    whole = all(_is_intact(run / name, facts) for name, facts in stamp["files"].items())
    return (run, stamp) if whole and _state_is_as_known(workspace, stamp) else None


def _state_is_as_known(workspace: Workspace, stamp: Stamp) -> bool:
    # A run appends to the logs it reads; its own additions do not make its result stale.
    known = [stamp["state"]]
    published = workspace.run_folder(stamp["origin"]) / "run.json"
    if published.is_file():
        known.append(read_json(published).get("state_after") or {})
    return all(
        any(state_digest(workspace, log) == digests.get(log) for digests in known)
        for log in stamp["state"]
    )


def describe_files(folder: Path, names: list[str]) -> dict[str, dict[str, Any]]:
    """Digest, size and time of change of a step's files, to recognise them later."""
    described = {}
    for name in names:
        status = (folder / name).stat()
        described[name] = {
            "sha256": file_digest(folder / name),
            "size": status.st_size,
            "mtime_ns": status.st_mtime_ns,
        }
    return described


def raw_digests(workspace: Workspace, files: list[Path], base: Path) -> dict[str, str]:
    """Digest of every raw file; files unchanged in size and time are not read again."""
    path = workspace.cache / "raw_files.json"
    known = read_json(path) if path.is_file() else {}
    digests, remembered = {}, {}
    for file in files:
        status = file.stat()
        signature = [status.st_size, status.st_mtime_ns, status.st_ino]
        entry = known.get(str(file))
        if entry is None or entry["signature"] != signature:
            entry = {"signature": signature, "sha256": file_digest(file)}
        remembered[str(file)] = entry
        digests[os.path.relpath(file, base)] = entry["sha256"]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, remembered)
    return digests


def input_digests(
    step: StepSource, raw: dict[str, str], tables: dict[str, Stamp]
) -> dict[str, str]:
    """What the step reads → digest.

    Parameters
    ----------
    raw : digests of the raw files
    tables : table → its entry in `written`
    """
    return {
        name: digest_of(raw)
        if name == RAW_FILES
        else tables[name]["sha256"]
        if name in tables
        else "absent"
        for name in step.reads
    }


def _index_path(workspace: Workspace, key: str) -> Path:
    return workspace.cache / "stamps" / f"{key}.json"


def _is_intact(path: Path, facts: dict[str, Any]) -> bool:
    if not path.is_file():
        return False
    status = path.stat()
    return (status.st_size, status.st_mtime_ns) == (facts["size"], facts["mtime_ns"])
