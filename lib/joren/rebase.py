"""Ask for everything to be linked anew: the request goes into state, the next run obeys it.

A run links only what is new (identity/memory.py); a changed rule reaches the records known before
through this request alone. If the run fails, the request is taken back, so that no later run
rewrites history unasked.
"""

from __future__ import annotations

import getpass
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import ibis
import pandas as pd

from joren import text
from joren.engine import connect
from joren.errors import JorenError, RunInProgress
from joren.identity.account import account_rows
from joren.identity.memory import REBASE_TYPES, REQUESTED
from joren.state_log import append_now
from joren.workspace import Workspace, is_locked, read_json, table_path, utc_now

LOG = "identity_rebases"


@contextmanager
def rebase_requested(workspace: Workspace, reason: str) -> Iterator[str]:
    """Hold a request for a rebase while the run that is to obey it is under way.

    Parameters
    ----------
    workspace : the client's
    reason : why, for the log

    Raises
    ------
    JorenError if nothing was published yet; RunInProgress if a run is under way
    """
    if workspace.latest() is None:
        raise JorenError(
            f"no run of {workspace.client} was published yet", str(workspace.root),
            f"run `joren run {workspace.client}`; a first run links everything anyway",
        )  # fmt: skip
    if is_locked(workspace):
        raise RunInProgress(
            f"another run of {workspace.client} is under way", str(workspace.root),
            "wait until it has ended; `joren status` shows it",
        )  # fmt: skip
    request = uuid.uuid4().hex
    values = (
        0, utc_now().replace(tzinfo=None), REQUESTED, request, "", "", getpass.getuser(), reason
    )  # fmt: skip
    row = dict(zip(REBASE_TYPES, values, strict=True))
    rows = ibis.memtable([row], schema=ibis.schema(REBASE_TYPES))
    con = connect()
    path = append_now(workspace, LOG, con.create_table("request", rows, temp=True))
    try:
        yield request
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def account_lines(run: Path, language: str) -> list[str]:
    """The before/after account of a run, one line a measure.

    Parameters
    ----------
    run : the run's folder
    language : ja or en
    """
    account = pd.read_parquet(table_path(run, "identity_account"))
    rows = account_rows(account, language, read_json(run / "run.json")["currency"])
    return [
        f"{text.render(language, row.measure)}: {row.before} → {row.after}"
        for row in rows.itertuples()
    ]
