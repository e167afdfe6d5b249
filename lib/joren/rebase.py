"""Ask for everything to be linked anew: the request goes into state, the next run obeys it.

A run links only what is new (identity/memory.py); a changed rule reaches the records known before
through this request alone. If the run fails or publishes nothing, the request is taken back, so
that no later run rewrites history unasked.
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
from joren.errors import JorenError, ParameterError, RunInProgress
from joren.identity.account import account_rows
from joren.identity.memory import REBASE_TYPES, REQUESTED
from joren.plan import Plan
from joren.run import Listener, RunResult, run_client
from joren.state_log import append_now
from joren.workspace import Workspace, is_locked, read_json, table_path, utc_now

LOG = "identity_rebases"
STAGE = "01_identity"


def run_rebased(plan: Plan, reason: str, listener: Listener) -> RunResult:
    """A run that links everything anew, published or not.

    Parameters
    ----------
    plan, listener : as for `run_client`
    reason : why, for the log

    Raises
    ------
    ParameterError if the plan leaves out the stage that links; the errors of `rebase_requested`
    and of `run_client`
    """
    if not plan.selection.has(STAGE):
        raise ParameterError(
            f"a rebase needs the stage {STAGE}", "joren run --rebase", f"add `--stage {STAGE}`"
        )
    with rebase_requested(plan.workspace, reason) as request:
        result = run_client(plan, listener)
        if result.status != "published":
            request.unlink()
    return result


@contextmanager
def rebase_requested(workspace: Workspace, reason: str) -> Iterator[Path]:
    """Hold a request for a rebase, a file in state, while the run to obey it is under way.

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
    name, at = uuid.uuid4().hex, utc_now().replace(tzinfo=None)
    values = (0, at, REQUESTED, name, "", "", getpass.getuser(), reason)
    row = dict(zip(REBASE_TYPES, values, strict=True))
    rows = ibis.memtable([row], schema=ibis.schema(REBASE_TYPES))
    con = connect()
    path = append_now(workspace, LOG, con.create_table("request", rows, temp=True))
    try:
        yield path
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
