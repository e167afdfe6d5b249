"""From the entries of point accounts to their lots, balances and debt.

Entries may come twice and in any order: each counts once, at the moment at which it happened. What
happens at one moment is ordered by `lot_pass.Act`, then by entry id. The engine sorts, one pass
over the events decides, and the results go back into the engine.
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
from joren.points.expiry import rule_expiry
from joren.points.lot_pass import NEVER, Events, run_lots

_ORDER = {
    "nearest_expiry": "expires",
    "fifo": "moment",
    # half of NEVER is later than any moment: limited-time lots first, nearest expiry within both
    "limited_first": f"expires + CASE WHEN limited THEN 0 ELSE {NEVER // 2} END",
}

# An account is (source, account). Where a source tells an account's expiries, the rule is off.
_ENTRIES = """
CREATE OR REPLACE TEMP TABLE point_ledger_entries AS
WITH once AS (
    SELECT * FROM point_ledger_input WHERE occurred_at <= TIMESTAMP '{as_of}'
    QUALIFY row_number() OVER (PARTITION BY source, entry_id
        ORDER BY occurred_at, account, kind, points, expires_at, available_at,
            reverses_entry_id, transfer_id) = 1
), told AS (
    SELECT DISTINCT source, account FROM once WHERE kind = 'expire'
), placed AS (
    SELECT e.*, CASE WHEN kind = 'grant' THEN greatest(occurred_at, available_at)
            ELSE occurred_at END AS valid_from,
        t.account IS NOT NULL AS told,
        dense_rank() OVER (ORDER BY e.source, e.account) - 1 AS account_no
    FROM once e LEFT JOIN told t ON t.source = e.source AND t.account = e.account
), acted AS (
    SELECT e.*, r.valid_from AS reversed_from, o.entry_id AS moved_by,
        o.occurred_at AS moved_at,
        CASE
            WHEN e.kind = 'grant' OR (e.kind = 'adjust' AND e.points >= 0) THEN 0
            WHEN e.kind = 'use' OR e.kind = 'adjust' THEN 4
            WHEN e.kind = 'expire' THEN 5
            WHEN e.kind = 'transfer' THEN CASE WHEN e.points < 0 THEN 2 ELSE 3 END
            WHEN r.kind = 'grant' OR (r.kind = 'adjust' AND r.points >= 0) THEN 1
            WHEN r.kind IN ('use', 'adjust') AND e.expires_at IS NOT NULL THEN 0
            WHEN r.kind IN ('use', 'adjust', 'expire') THEN 6
        END AS act
    FROM placed e
    LEFT JOIN placed r ON e.kind = 'cancel' AND r.source = e.source
        AND r.entry_id = e.reverses_entry_id AND r.account = e.account
    LEFT JOIN (
        SELECT source, transfer_id, min(entry_id) AS entry_id,
            min(occurred_at) AS occurred_at
        FROM once WHERE kind = 'transfer' AND points < 0 GROUP BY ALL HAVING count(*) = 1
    ) o ON e.kind = 'transfer' AND e.points >= 0
        AND o.source = e.source AND o.transfer_id = e.transfer_id
)
SELECT * EXCLUDE (points), abs(points) AS points, {rule} AS ruled
FROM acted
"""

# Accounts between which points move share one run of time; every other has its own.
_EVENTS = """
CREATE OR REPLACE TEMP TABLE point_ledger_events AS
WITH timed AS (
    SELECT *, epoch_us(CASE WHEN act = 6 THEN greatest(valid_from, reversed_from)
            WHEN act = 3 THEN greatest(valid_from, moved_at)
            ELSE valid_from END) AS moment,
        CASE WHEN told THEN {never}
            ELSE coalesce(epoch_us(coalesce(expires_at, ruled)), {never}) END AS expires,
        expires_at IS NOT NULL AS limited,
        bool_or(kind = 'transfer') OVER (PARTITION BY account_no) AS moves
    FROM point_ledger_entries WHERE act IS NOT NULL
), numbered AS (
    SELECT *, {order} AS place, row_number() OVER (
        ORDER BY CASE WHEN moves THEN -1 ELSE account_no END,
            moment, act, entry_id, source) - 1 AS event
    FROM timed
)
SELECT e.event, e.account_no, e.moment, e.act, e.points, e.expires, e.place, e.told::BIGINT AS told,
    coalesce(r.event, -1) AS ref, e.source, e.account, e.source_id, e.entry_id, e.occurred_at
FROM numbered e LEFT JOIN numbered r ON r.source = e.source
    AND r.entry_id = CASE WHEN e.act IN (1, 6) THEN e.reverses_entry_id
        WHEN e.act = 3 THEN e.moved_by END
"""

_LOTS = """
SELECT e.source || ':' || e.entry_id
        || CASE WHEN l.part > 0 THEN '/' || l.part ELSE '' END AS lot_id,
    e.source, e.source_id, e.account, e.occurred_at AS granted_at,
    CASE WHEN e.act = 0 THEN make_timestamp(e.moment) ELSE e.occurred_at END AS valid_from,
    CASE WHEN l.expires < {never} THEN make_timestamp(l.expires) END AS expires_at,
    points_granted, points_used, points_expired, points_cancelled, points_transferred,
    points_remaining
FROM point_ledger_lots l JOIN point_ledger_events e USING (event)
"""

_BALANCES = """
WITH held AS (
    SELECT source, account, sum(points_remaining)::BIGINT AS left_over,
        min(expires_at) FILTER (points_remaining > 0) AS next_at
    FROM point_ledger_all_lots WHERE valid_from <= TIMESTAMP '{as_of}' GROUP BY ALL
), soon AS (
    SELECT source, account, sum(points_remaining)::BIGINT AS expiring
    FROM point_ledger_all_lots JOIN held USING (source, account)
    WHERE expires_at = next_at AND valid_from <= TIMESTAMP '{as_of}' GROUP BY ALL
)
SELECT a.source, a.account, coalesce(h.left_over, 0) - d.debt AS balance, d.debt,
    coalesce(s.expiring, 0) AS expiring_next, h.next_at AS expires_next_at
FROM (SELECT DISTINCT source, account, account_no FROM point_ledger_events) a
JOIN point_ledger_debts d USING (account_no)
LEFT JOIN held h USING (source, account)
LEFT JOIN soon s USING (source, account)
"""


@dataclass(frozen=True)
class Ledger:
    """What the entries of point accounts come to at a moment.

    Attributes
    ----------
    lots : lot_id, source, source_id, account, granted_at, valid_from, expires_at (null for never),
        points_granted = points_used + _expired + _cancelled + _transferred + _remaining
    pending : lots that are valid only from later on; no balance holds them
    balances : source, account, balance (lots − debt), debt, expiring_next, expires_next_at
    unplaced : entries that say no direction: cancellations of an entry that the account does not
        have, or of a cancellation or transfer, and unknown kinds
    """

    lots: ir.Table
    pending: ir.Table
    balances: ir.Table
    unplaced: ir.Table


def keep_ledger(con: Backend, entries: ir.Table, rules: Points, as_of: datetime) -> Ledger:
    """Reconstruct every lot from the entries up to a moment.

    Parameters
    ----------
    entries : `canonical/point_entries`, in any order
    rules : order of consumption and expiry policy
    as_of : last moment counted, local time; what expires at it has expired

    Raises
    ------
    ParameterError if the expiry policy is not one of `expiry.POLICIES`
    """
    rule = rule_expiry(rules.expiry, "valid_from")
    keep(con, "point_ledger_input", entries)
    con.raw_sql(_ENTRIES.format(as_of=as_of, rule=rule))
    con.raw_sql(_EVENTS.format(never=NEVER, order=_ORDER[rules.consumption]))
    _run(con, as_of)
    lots = keep(con, "point_ledger_all_lots", con.sql(_LOTS.format(never=NEVER)))
    return Ledger(
        lots=lots.filter(lots.valid_from <= as_of),
        pending=lots.filter(lots.valid_from > as_of),
        balances=keep(con, "point_ledger_balances", con.sql(_BALANCES.format(as_of=as_of))),
        unplaced=con.table("point_ledger_entries").filter(lambda row: row.act.isnull()),
    )


def _run(con: Backend, as_of: datetime) -> None:
    names = ("account_no", "moment", "act", "points", "expires", "place", "ref", "told")
    events = con.table("point_ledger_events").order_by("event").select(*names).to_pyarrow()
    columns = Events(*(events[name].to_numpy() for name in names))
    found = run_lots(columns, int(np.datetime64(as_of, "us").astype(np.int64)))
    named = dict(zip(found._fields[2:-1], found[2:-1], strict=True))
    table = {"event": found.event, "expires": named.pop("expires")}
    table |= {f"points_{name}": values for name, values in named.items()}
    # a move may open several lots, one after the other
    opened = np.flatnonzero(np.r_[True, found.event[1:] != found.event[:-1]][: len(found.event)])
    sizes = np.diff(np.r_[opened, len(found.event)])
    table["part"] = np.arange(len(found.event)) - np.repeat(opened, sizes)
    keep(con, "point_ledger_lots", pa.table(table))
    debts = {"account_no": np.arange(len(found.debt)), "debt": found.debt}
    keep(con, "point_ledger_debts", pa.table(debts))
