"""The ledger's state at a moment, from which it goes on with later entries alone.

A checkpoint holds every lot, every debt, what each entry took from which lots (a later cancel may
give it back) and what was cancelled before it opened. `resume_ledger` runs only what came after it.

History may turn out otherwise: an entry before the checkpoint comes late or goes, the first expiry
that a source tells turns the rule off for its account, a later entry gives an earlier cancel or
transfer its other half. Then what the checkpoint decided no longer holds, and the ledger is run in
full: a restatement, never a guess. The events of the entries are compared one by one to tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from ibis.backends.duckdb import Backend

from joren.engine import keep
from joren.params import Points
from joren.points.entries import PLACES, keep_events
from joren.points.ledger import (
    OPENING,
    Ledger,
    event_columns,
    keep_ledger,
    keep_results,
    ledger_at,
    months_and_told,
    opened_lots,
)
from joren.points.lot_kernel import ACCOUNT, CELL
from joren.points.lot_pass import KINDS, VALIDITIES, Events, State, run_lots

# Events decided before stand first, in their order; accounts share one run of time.
_ROWS = """
SELECT e.rowid AS event, e.holder_no, e.account_no, e.moment, e.act, e.points, e.due,
    {place} AS place, e.slides::BIGINT AS slides, e.entry_id, e.occurred, h.source
FROM point_ledger_events e
JOIN (SELECT holder_no, source FROM point_ledger_holders) h USING (holder_no)
LEFT JOIN point_ledger_decided d ON d.source = h.source AND d.entry_id = e.entry_id
ORDER BY d.number NULLS LAST, e.moment, e.act, e.entry_id, e.account_no
"""


@dataclass(frozen=True)
class Checkpoint:
    """What the entries up to a moment came to, good for going on from.

    Attributes
    ----------
    until : the moment, in microseconds
    decided : number, source, entry_id of its events
    columns : of these
    told : (accounts,) whether the source tells the expiries of an account
    months, flows : as of `lot_pass.run_lots`
    state : None where it cannot be gone on from: an entry was cancelled before it opens, later
    """

    until: int
    decided: pa.Table
    columns: Events
    told: np.ndarray
    months: np.ndarray
    flows: np.ndarray
    state: State | None


def keep_checkpoint(con: Backend, entries: ir.Table, rules: Points, as_of: datetime) -> Checkpoint:
    """Run the entries up to a moment and keep the state; see `keep_ledger` for the parameters."""
    rows, columns, until = _events(con, entries, rules, as_of, None)
    n = int(np.searchsorted(columns.at, until, "right"))
    months, told = months_and_told(con, until)
    columns = Events(*(column[:n] for column in columns))
    decided = rows.select(["source", "entry_id"]).slice(0, n)
    decided = decided.append_column("number", pa.array(np.arange(n)))
    if (columns.ref >= n).any():
        return Checkpoint(until, decided, columns, told, months, np.zeros(0), None)
    by_due = rules.consumption != "fifo"
    found = run_lots(columns, until, months, told, by_due=by_due, keep_state=True)
    return Checkpoint(until, decided, columns, told, months, found.flows, found.state)


def resume_ledger(
    con: Backend, checkpoint: Checkpoint, entries: ir.Table, rules: Points, as_of: datetime
) -> tuple[Ledger, bool]:
    """The ledger at a later moment, and whether the checkpoint could be gone on from.

    Parameters
    ----------
    checkpoint : kept under the same rules, no later than `as_of`
    entries : all of them, in any order; those the checkpoint decided are compared, not run
    """
    rows, columns, until = _events(con, entries, rules, as_of, checkpoint.decided)
    months, told = months_and_told(con, until)
    months = np.union1d(months, checkpoint.months)
    state = _carried(checkpoint, columns, told, months)
    if state is None:
        return keep_ledger(con, entries, rules, as_of), False
    later = Events(*(column[len(checkpoint.decided) :] for column in columns))
    by_due = rules.consumption != "fifo"
    found = run_lots(later, until, months, told, by_due=by_due, before=state)
    flows = found.flows + _flows_on(checkpoint, months)
    opened = rows.select(OPENING).take(found.event)
    keep(con, "point_ledger_lots", opened_lots(found, opened, months))
    keep_results(con, flows, found.debt, months)
    return ledger_at(con, until), True


def _events(
    con: Backend, entries: ir.Table, rules: Points, as_of: datetime, decided: pa.Table | None
) -> tuple[pa.Table, Events, int]:
    keep_events(con, entries, rules.expiry, as_of)
    nothing = pa.table({"source": pa.array([], pa.string()), "entry_id": pa.array([], pa.string()),
                        "number": pa.array([], pa.int64())})  # fmt: skip
    keep(con, "point_ledger_decided", nothing if decided is None else decided)
    events = _ROWS.format(place=PLACES[rules.consumption])
    rows = con.raw_sql(events).to_arrow_table().combine_chunks()
    refs = con.raw_sql("FROM point_ledger_refs").fetchnumpy()
    until = int(np.datetime64(as_of, "us").astype(np.int64))
    return rows, event_columns(rows, refs["event"], refs["ref"], slice(None)), until


def _carried(
    checkpoint: Checkpoint, columns: Events, told: np.ndarray, months: np.ndarray
) -> State | None:
    """The checkpoint's state in today's numbers of accounts and months; None if history changed."""
    n, known = len(checkpoint.decided), checkpoint.columns
    state = checkpoint.state
    if state is None or len(columns.at) < n or (columns.at[n:] <= checkpoint.until).any():
        return None
    compared = [name for name in Events._fields if name != "account"]
    if any((getattr(columns, name)[:n] != getattr(known, name)).any() for name in compared):
        return None
    number = np.zeros(len(checkpoint.told), np.int64)
    number[known.account] = columns.account[:n]
    seen = np.unique(known.account)
    if (told[number[seen]] != checkpoint.told[seen]).any():
        return None
    accounts = State.empty(len(told)).accounts
    accounts[number[seen]] = state.accounts[seen]
    lots = state.lots.copy()
    lots[:, ACCOUNT] = number[lots[:, ACCOUNT]]
    lots[:, CELL] = _cells(lots[:, CELL], checkpoint.months, months)
    return state._replace(accounts=accounts, lots=lots)


def _cells(cells: np.ndarray, before: np.ndarray, months: np.ndarray) -> np.ndarray:
    month, validity = np.divmod(cells, len(VALIDITIES))
    return np.searchsorted(months, before)[month] * len(VALIDITIES) + validity


def _flows_on(checkpoint: Checkpoint, months: np.ndarray) -> np.ndarray:
    flows = np.zeros((len(months) * len(VALIDITIES) + 1, len(months), len(KINDS)), np.int64)
    cells = _cells(np.arange(len(checkpoint.flows) - 1), checkpoint.months, months)
    at = np.searchsorted(months, checkpoint.months)
    flows[np.ix_([*cells, -1], at)] = checkpoint.flows
    return flows
