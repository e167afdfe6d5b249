"""Append rows to a log in state outside any run: what a person decided stands at once."""

from __future__ import annotations

import os
from pathlib import Path

import ibis.expr.types as ir

from joren.engine import write_parquet
from joren.workspace import Workspace, utc_now


def append_now(workspace: Workspace, log: str, rows: ir.Table) -> Path:
    """Append rows to a state log; the next run reads them.

    Parameters
    ----------
    workspace : the client's
    log : the log's name, a folder in state
    rows : in the log's columns

    Returns
    -------
    the new file
    """
    folder = workspace.state / log
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{utc_now():%Y%m%dT%H%M%S%fZ}__{os.getpid()}.parquet"
    write_parquet(rows, path, rows.columns)
    path.chmod(0o600)
    return path
