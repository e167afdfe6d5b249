"""Secrets of a client: from the environment, or a file only its owner can read."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from joren.errors import JorenError
from joren.workspace import Workspace


def given_secret(workspace: Workspace, name: str) -> str | None:
    """A secret that somebody must have given: the same places, but it is never made up.

    Raises
    ------
    JorenError if others can read the file
    """
    variable = _variable(workspace, name)
    if os.environ.get(variable):
        return os.environ[variable]
    path = workspace.state / "secrets" / name
    return _read(path).decode().strip() if path.exists() else None


def client_secret(workspace: Workspace, name: str) -> bytes:
    """The client's secret, made on first use.

    The environment variable `JOREN_SECRET_<CLIENT>_<NAME>` wins over the file
    `state/<client>/secrets/<name>`. The file belongs into the backup: a new key makes new hashes.

    Raises
    ------
    JorenError if others can read the file
    """
    variable = _variable(workspace, name)
    if os.environ.get(variable):
        return os.environ[variable].encode()
    path = workspace.state / "secrets" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(secrets.token_hex(32).encode())
    return _read(path)


def _variable(workspace: Workspace, name: str) -> str:
    return f"JOREN_SECRET_{workspace.client}_{name}".upper().replace("-", "_")


def _read(path: Path) -> bytes:
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise JorenError("others can read this secret", str(path), f"run `chmod 600 {path}`")
    return path.read_bytes()
