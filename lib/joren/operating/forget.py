"""Delete one person from state and from every future run.

The person's source records are listed in the state log `forgotten`; ingest leaves their rows out
from then on (quarantine names them `forgotten` and shows nothing of them). Rows of the person in
the other logs are taken out of the files that hold them. Runs made before keep what they say until
they are pruned, and the client's own systems are not Joren's to change.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import ibis

from joren.engine import connect, read_parquet, write_parquet
from joren.errors import JorenError
from joren.state_log import append_now
from joren.workspace import Workspace, client_lock, utc_now

LOG = "forgotten"
_PAIRS = (("source", "source_id"), ("left_source", "left_source_id"),
          ("right_source", "right_source_id"))  # fmt: skip
_LISTS = ("customer_ids_before", "customer_ids_after")


@dataclass(frozen=True)
class Forgotten:
    """What was done: the person's records, rows taken out of state by log, runs that still know."""

    records: int
    rows: dict[str, int]
    runs: tuple[str, ...]


def forget(workspace: Workspace, customer_id: str, reason: str = "") -> Forgotten:
    """Forget a customer.

    Parameters
    ----------
    customer_id : as in the served run
    reason : why, for the log; no personal data

    Raises
    ------
    JorenError if the served run knows no such customer
    """
    with client_lock(workspace):
        run = workspace.latest()
        known = run / "tables" / "identity_map.parquet" if run else None
        if known is None or not known.is_file():
            raise JorenError(
                f"no run of {workspace.client} with customers was published yet",
                str(workspace.reports), f"run `joren run {workspace.client}`",
            )  # fmt: skip
        con = connect()
        people = read_parquet(con, known)
        records = (
            people.filter(people.customer_id == customer_id)
            .select("source", "source_id")
            .to_pyarrow()
            .to_pylist()
        )
        if not records:
            raise JorenError(
                f"the served run knows no customer {customer_id}", str(run), "check the ID"
            )
        at = utc_now().replace(tzinfo=None)
        log = [record | {"at": at, "reason": reason} for record in records]
        append_now(workspace, LOG, con.create_table("log", ibis.memtable(log), temp=True))
        pairs = {(record["source"], record["source_id"]) for record in records}
        rows = {}
        for folder in sorted(path for path in workspace.state.iterdir() if path.is_dir()):
            if folder.name in (LOG, "secrets"):
                continue
            taken = sum(_take_out(path, customer_id, pairs) for path in folder.glob("*.parquet"))
            if taken:
                rows[folder.name] = taken
        # comparison keys in clear can be worked out again from what is left
        shutil.rmtree(workspace.cache / "restricted", ignore_errors=True)
        return Forgotten(len(records), rows, tuple(path.name for path in workspace.runs()))


def _take_out(path: Path, customer_id: str, pairs: set[tuple[str, str]]) -> int:
    """Write a log's file again without the person's rows; how many there were."""
    con = connect()
    table = read_parquet(con, path)
    theirs = ibis.literal(False)
    if "customer_id" in table.columns:
        theirs = theirs | (table.customer_id == customer_id)
    for source, source_id in _PAIRS:
        if {source, source_id} <= set(table.columns):
            for one, other in sorted(pairs):
                theirs = theirs | ((table[source] == one) & (table[source_id] == other))
    for name in _LISTS:
        if name in table.columns:
            theirs = theirs | table[name].contains(customer_id)
    theirs = theirs.fill_null(False)
    taken = int(table.filter(theirs).count().execute())
    if taken:
        write_parquet(table.filter(~theirs), path, [])
        path.chmod(0o600)
    return taken
