"""From the entries of point accounts to their lots, balances and debt.

Entries may come twice and in any order: each counts once, at the moment at which it happened. What
happens at one moment is ordered by `lot_pass.Act`, then by entry id. One pass over the ordered
events decides, and the results go back into the engine. Accounts are taken in parts, a processor
each, so that memory holds the events of two parts at a time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import NamedTuple

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from ibis.backends.duckdb import Backend

from joren.engine import append, keep
from joren.params import Points
from joren.points.entries import PLACES, keep_events, unplaced
from joren.points.event_order import order_of_events
from joren.points.lot_pass import KINDS, NEVER, UNKNOWN, VALIDITIES, Events, Lots, run_lots

PART = 1_000_000  # events
BESIDE = 2  # parts that are decided at one time

_MONTHS = """
SELECT DISTINCT epoch_us(date_trunc('month', make_timestamp(moment))) AS month FROM (
    SELECT moment FROM point_ledger_events UNION ALL
    SELECT due FROM point_ledger_events WHERE due <= {until}
    UNION ALL SELECT {until}
) ORDER BY month
"""

_PART = """
SELECT rowid AS event, holder_no, account_no, moment, act, points, due, {place} AS place,
    slides::TINYINT AS slides, entry_id, occurred
FROM point_ledger_events WHERE {part}
"""

_LOTS = """
SELECT h.source || ':' || l.entry_id
        || CASE WHEN l.part > 0 THEN '/' || l.part ELSE '' END AS lot_id,
    h.source, h.source_id, h.account, make_timestamp(l.occurred) AS granted_at,
    make_timestamp(l.opened) AS valid_from,
    CASE WHEN l.due < {never} THEN make_timestamp(l.due) END AS expires_at,
    l.grant_month, l.validity, {points}
FROM point_ledger_lots l JOIN point_ledger_holders h USING (holder_no)
WHERE l.pending = {pending}
"""

# what its source lets stand beyond its expiry does not lapse next
_BALANCES = """
WITH lots AS (
    SELECT account_no, due, points_remaining FROM point_ledger_lots
    JOIN point_ledger_holders USING (holder_no) WHERE NOT pending AND points_remaining > 0
), held AS (
    SELECT account_no, sum(points_remaining)::BIGINT AS left_over,
        min(due) FILTER (due > {until} AND due < {never}) AS next
    FROM lots GROUP BY ALL
), soon AS (
    SELECT account_no, sum(points_remaining)::BIGINT AS expiring
    FROM lots JOIN held USING (account_no) WHERE due = next GROUP BY ALL
)
SELECT a.source, a.account, coalesce(h.left_over, 0) - d.debt AS balance, d.debt,
    coalesce(s.expiring, 0) AS expiring_next, make_timestamp(h.next) AS expires_next_at
FROM (SELECT DISTINCT source, account, account_no FROM point_ledger_holders) a
JOIN point_ledger_debts d USING (account_no)
LEFT JOIN held h USING (account_no)
LEFT JOIN soon s USING (account_no)
"""


_WATCHED = """
SELECT count(w.account)::BIGINT AS watched
FROM (SELECT DISTINCT source, account, account_no FROM point_ledger_holders) h
LEFT JOIN (SELECT DISTINCT source, account FROM point_ledger_watched) w USING (source, account)
GROUP BY account_no ORDER BY account_no
"""
_RUNNING = """
SELECT source, account, make_timestamp(moment) AS moment, place, balance, points, entry_id
FROM point_ledger_running
JOIN (SELECT DISTINCT source, account, account_no FROM point_ledger_holders) USING (account_no)
"""
OPENING = ("holder_no", "entry_id", "occurred", "moment", "act")
_RUNNING_SCHEMA = pa.schema(
    [(name, pa.int64()) for name in ("account_no", "moment", "place", "balance", "points")]
    + [("entry_id", pa.string())]
)


class Decided(NamedTuple):
    """What a part of the accounts comes to; see `Lots`."""

    lots: pa.Table
    flows: np.ndarray
    debt: np.ndarray
    running: list[pa.Table]


@dataclass(frozen=True)
class Ledger:
    """What the entries of point accounts come to at a moment.

    Attributes
    ----------
    lots : lot_id, source, source_id, account, granted_at, valid_from, expires_at (null for never),
        grant_month (the month of valid_from, or of the cancel or move that opened it), validity
        (its class at that moment),
        points_granted = points_used + _expired + _cancelled + _transferred + _remaining
    pending : lots that are valid only from later on; no balance holds them
    balances : source, account, balance (lots − debt), debt,
        expiring_next, expires_next_at
    flows : grant_month, validity, month, kind, points: what became of the lots of a month and
        class of validity in which month; what was given back counts negative
    debts : month, points: by how much debt grew
    running : source, account, moment, place, balance, points, entry_id: of accounts whose running
        balance was asked for, what it was after each entry (by place), and what lapsed when (no
        entry, no balance, negative points)
    holders : source, account, source_id: whoever the entries of an account name
    unplaced : entries that say no direction: cancellations of an entry that the account does not
        have, or of a cancellation or transfer, and unknown kinds
    """

    lots: ir.Table
    pending: ir.Table
    balances: ir.Table
    flows: ir.Table
    debts: ir.Table
    running: ir.Table
    holders: ir.Table
    unplaced: ir.Table


def end_of_day(day: date) -> datetime:
    """The last moment of a day."""
    return datetime.combine(day, time.max)


def keep_ledger(
    con: Backend, entries: ir.Table, rules: Points, as_of: datetime, watched: ir.Table | None = None
) -> Ledger:
    """Reconstruct every lot from the entries up to a moment.

    Parameters
    ----------
    entries : `canonical/point_entries`, in any order
    rules : order of consumption and expiry policy
    as_of : last moment counted, local time; what expires at it has expired
    watched : source, account of those whose running balance is asked for

    Raises
    ------
    ParameterError if the expiry policy is not one of `expiry.POLICIES`
    """
    keep_events(con, entries, rules.expiry, as_of)
    until = int(np.datetime64(as_of, "us").astype(np.int64))
    _run(con, until, rules.consumption, _seen(con, watched))
    return ledger_at(con, until)


def ledger_at(con: Backend, until: int) -> Ledger:
    """The ledger from the tables that a run left in the engine."""
    points = ", ".join(f"l.points_{name}" for name in (*KINDS, "remaining"))
    lots, pending = (
        con.sql(_LOTS.format(never=NEVER, points=points, pending=pending))
        for pending in (False, True)
    )
    balances = con.sql(_BALANCES.format(never=NEVER, until=until))
    return Ledger(
        lots=lots,
        pending=pending,
        balances=keep(con, "point_ledger_balances", balances),
        flows=con.table("point_ledger_flows"),
        debts=con.table("point_ledger_debt_flows"),
        running=con.sql(_RUNNING),
        holders=con.table("point_ledger_holders").select("source", "account", "source_id"),
        unplaced=keep(con, "point_ledger_unplaced", unplaced(con)),
    )


def _seen(con: Backend, watched: ir.Table | None) -> np.ndarray | None:
    """(accounts,) 1 where an account is watched."""
    if watched is None:
        return None
    con.create_view("point_ledger_watched", watched, overwrite=True)
    return con.raw_sql(_WATCHED).fetchnumpy()["watched"]


def months_and_told(con: Backend, until: int) -> tuple[np.ndarray, np.ndarray]:
    """First moments of the months in which anything can happen; 1 for each account told."""
    months = con.raw_sql(_MONTHS.format(until=until)).fetchnumpy()["month"].astype(np.int64)
    told = con.raw_sql(
        "SELECT told::BIGINT AS told FROM (SELECT DISTINCT account_no, told "
        "FROM point_ledger_holders) ORDER BY account_no"
    ).fetchnumpy()["told"]
    return months, told


def _run(con: Backend, until: int, consumption: str, watched: np.ndarray | None) -> None:
    months, told = months_and_told(con, until)
    refs = con.raw_sql("FROM point_ledger_refs").fetchnumpy()
    by_due, place = consumption != "fifo", PLACES[consumption]
    running, debt = [], np.zeros(len(told), np.int64)
    flows = np.zeros((len(months) * len(VALIDITIES) + 1, len(months), len(KINDS)), np.int64)

    def decide(rows: pa.Table, together: bool) -> Decided:
        order = order_of_events(rows, together=together)
        columns = event_columns(rows, refs["event"], refs["ref"], order)
        found = run_lots(columns, until, months, told, by_due=by_due, watched=watched)
        lots = opened_lots(found, rows.select(OPENING).take(order[found.event]), months)
        moved = [] if watched is None else _movements(found, rows, order)
        return Decided(lots, found.flows, found.debt, moved)

    keep(con, "point_ledger_lots", decide(_part(con, "false", place), False).lots)
    for part in _beside(decide, _parts(con, place)):
        append(con, "point_ledger_lots", part.lots)
        running += part.running
        flows, debt = flows + part.flows, debt + part.debt
    keep_results(con, flows, debt, months, running)


def _beside(decide: Callable[..., Decided], parts: Iterable[tuple]) -> Iterator[Decided]:
    """What is decided of each part, in their order; the engine reads one while others wait."""
    waiting: deque[Future[Decided]] = deque()
    with ThreadPoolExecutor(BESIDE) as pool:
        for part in parts:
            waiting.append(pool.submit(decide, *part))
            if len(waiting) == BESIDE:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _parts(con: Backend, place: str) -> Iterator[tuple[pa.Table, bool]]:
    """Events of some accounts, and whether these share one run of time since points move."""
    n = con.table("point_ledger_events").count().to_pyarrow().as_py()
    parts = -(-n // PART)
    if con.raw_sql("SELECT bool_or(moves) FROM point_ledger_holders").fetchone()[0]:
        yield _part(con, "moves", place), True
    for part in range(parts):
        yield _part(con, f"NOT moves AND account_no % {parts} = {part}", place), False


def _part(con: Backend, where: str, place: str) -> pa.Table:
    return con.raw_sql(_PART.format(part=where, place=place)).to_arrow_table().combine_chunks()


def keep_results(
    con: Backend, flows: np.ndarray, debt: np.ndarray, months: np.ndarray,
    running: Sequence[pa.Table] = (),
) -> None:  # fmt: skip
    """Put debts, flows and running balances into the engine; see `Lots` for their shapes."""
    keep(con, "point_ledger_running", pa.concat_tables([_RUNNING_SCHEMA.empty_table(), *running]))
    keep(con, "point_ledger_debts", pa.table({"account_no": np.arange(len(debt)), "debt": debt}))
    keep(con, "point_ledger_flows", _flow_rows(flows[:-1], months))
    days = months.astype("datetime64[us]").astype("datetime64[D]")
    keep(con, "point_ledger_debt_flows", pa.table({"month": days, "points": flows[-1, :, 0]}))


def event_columns(
    rows: pa.Table, referring: np.ndarray, referred: np.ndarray, order: np.ndarray | slice
) -> Events:
    """The columns of events in their order, with positions for the rows that some refer to."""
    event = rows["event"].to_numpy()[order]
    ref = np.full(len(event), -1)
    if len(referring) and len(event):
        by_row = np.argsort(event)
        at = np.searchsorted(event, referring, sorter=by_row)
        here = event[by_row[np.minimum(at, len(event) - 1)]] == referring
        to = np.searchsorted(event, referred[here], sorter=by_row)
        ref[by_row[at[here]]] = by_row[to]
    names = ("account_no", "moment", "act", "points", "due", "place")
    columns = (rows[name].to_numpy()[order] for name in names)
    return Events(*columns, ref, rows["slides"].to_numpy()[order])


def opened_lots(found: Lots, opened: pa.Table, months: np.ndarray) -> pa.Table:
    """Lots with what is known of the events that opened them: `OPENING`, a row for each lot."""
    event = found.event
    # a move may open several lots, one after the other
    first = np.flatnonzero(np.r_[True, event[1:] != event[:-1]][: len(event)])
    sizes = np.diff(np.r_[first, len(event)])
    month = months[np.maximum(found.cell, 0) // len(VALIDITIES)]
    validity = pa.DictionaryArray.from_arrays(
        pa.array((np.maximum(found.cell, 0) % len(VALIDITIES)).astype(np.int8)), list(VALIDITIES)
    )
    points = {f"points_{name}": getattr(found, name) for name in (*KINDS, "remaining")}
    return pa.table({
        "holder_no": opened["holder_no"], "entry_id": opened["entry_id"],
        "occurred": opened["occurred"],
        "opened": np.where(opened["act"].to_numpy() == 0, opened["moment"], opened["occurred"]),
        "part": (np.arange(len(event)) - np.repeat(first, sizes)).astype(np.int32),
        "due": found.due, "pending": found.cell < 0,
        "grant_month": month.astype("datetime64[us]").astype("datetime64[D]"),
        "validity": validity,
    } | points)  # fmt: skip


def _movements(found: Lots, rows: pa.Table, order: np.ndarray) -> list[pa.Table]:
    """Balances after the entries of watched accounts, and what lapsed there."""
    known = np.flatnonzero(found.after != UNKNOWN)
    kept = rows.select(["account_no", "moment", "entry_id"]).take(order[known])
    after = kept.append_column("place", pa.array(known))
    after = after.append_column("balance", pa.array(found.after[known]))
    after = after.append_column("points", pa.nulls(len(known), pa.int64()))
    n = len(found.lapses)
    lapses = pa.table({
        "account_no": found.lapses[:, 0], "moment": found.lapses[:, 1],
        "entry_id": pa.nulls(n, pa.string()), "place": np.full(n, -1),
        "balance": pa.nulls(n, pa.int64()), "points": -found.lapses[:, 2],
    })  # fmt: skip
    names = _RUNNING_SCHEMA.names
    return [table.select(names).cast(_RUNNING_SCHEMA) for table in (after, lapses)]


def _flow_rows(flows: np.ndarray, months: np.ndarray) -> pa.Table:
    """Flows as rows; (months × classes, months, kinds), those that are not 0."""
    cell, month, kind = np.nonzero(flows)
    days = months.astype("datetime64[us]").astype("datetime64[D]")
    return pa.table({
        "grant_month": days[cell // len(VALIDITIES)],
        "validity": np.array(VALIDITIES)[cell % len(VALIDITIES)],
        "month": days[month], "kind": np.array(KINDS)[kind],
        "points": flows[cell, month, kind],
    })  # fmt: skip
