"""From entries of point accounts to events: what each does, when, and to which other it refers.

Raw SQL: this is most of the ledger's time. Strings are replaced by numbers once, and only entries
that refer to others are joined with these.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from ibis.backends.duckdb import Backend

from joren.engine import keep
from joren.points.expiry import rule_expiry, slides
from joren.points.lot_pass import NEVER

# the column `place` of events, by order of consumption
PLACES = {
    "nearest_expiry": "due",
    "fifo": "moment",
    # half of NEVER is later than any moment: limited-time lots first, nearest expiry within both
    "limited_first": f"due + CASE WHEN limited THEN 0 ELSE {NEVER // 2} END",
}

# An entry told twice counts once.
_ONCE = """
CREATE OR REPLACE TEMP TABLE point_ledger_unique AS
FROM ({known}) WHERE hash(source, entry_id) NOT IN (SELECT id FROM point_ledger_repeated)
UNION ALL
SELECT * FROM ({known}) WHERE hash(source, entry_id) IN (SELECT id FROM point_ledger_repeated)
QUALIFY row_number() OVER (PARTITION BY source, entry_id
    ORDER BY occurred_at, account, kind, points, expires_at, available_at,
        reverses_entry_id, transfer_id) = 1
"""

# An account is (source, account); its entries may name several holders.
_HOLDERS = """
CREATE OR REPLACE TEMP TABLE point_ledger_holders AS
SELECT source, account, source_id,
    (row_number() OVER (ORDER BY source, account, source_id) - 1)::INTEGER AS holder_no,
    (dense_rank() OVER (ORDER BY source, account) - 1)::INTEGER AS account_no,
    bool_or(tells) OVER (PARTITION BY source, account) AS told,
    bool_or(transfers) OVER (PARTITION BY source, account) AS moves
FROM (
    SELECT source, account, source_id, bool_or(kind = 'expire') AS tells,
        bool_or(kind = 'transfer') AS transfers
    FROM point_ledger_once GROUP BY ALL
)
"""

_REFERRING = """
CREATE OR REPLACE TEMP TABLE point_ledger_referring AS
SELECT c.source, c.entry_id, c.account AS ref_account, c.reverses_entry_id AS ref_id,
    r.valid_from AS ref_from,
    CASE
        WHEN r.kind = 'grant' OR (r.kind = 'adjust' AND r.points >= 0) THEN 1
        WHEN r.kind IN ('use', 'adjust') AND c.expires_at IS NOT NULL THEN 0
        WHEN r.kind IN ('use', 'adjust', 'expire') THEN 6
    END AS act
FROM point_ledger_once c JOIN point_ledger_once r ON r.source = c.source
    AND r.entry_id = c.reverses_entry_id AND r.account = c.account
WHERE c.kind = 'cancel'
UNION ALL
SELECT t.source, t.entry_id, o.account, o.entry_id, o.occurred_at, 3
FROM point_ledger_once t LEFT JOIN (
    SELECT source, transfer_id, min(account) AS account, min(entry_id) AS entry_id,
        min(occurred_at) AS occurred_at
    FROM point_ledger_once WHERE kind = 'transfer' AND points < 0
    GROUP BY ALL HAVING count(*) = 1
) o ON o.source = t.source AND o.transfer_id = t.transfer_id
WHERE t.kind = 'transfer' AND t.points >= 0
"""

# Accounts between which points move share one run of time; every other has its own.
_EVENTS = """
CREATE OR REPLACE TEMP TABLE point_ledger_events AS
WITH acted AS (
    SELECT source, account, source_id, entry_id, points, occurred_at, valid_from, expires_at,
        CASE kind WHEN 'grant' THEN 0 WHEN 'use' THEN 4 WHEN 'expire' THEN 5
            WHEN 'transfer' THEN 2 ELSE CASE WHEN points >= 0 THEN 0 ELSE 4 END END AS act,
        NULL AS ref_from, true AS own
    FROM point_ledger_once
    WHERE kind IN ('grant', 'use', 'expire', 'adjust') OR (kind = 'transfer' AND points < 0)
    UNION ALL
    SELECT source, account, source_id, entry_id, points, occurred_at, valid_from, expires_at,
        act, ref_from, false
    FROM point_ledger_once JOIN point_ledger_referring USING (source, entry_id)
    WHERE act IS NOT NULL
), timed AS (
    SELECT holder_no, account_no, moves, entry_id,
        act::TINYINT AS act, abs(points) AS points, epoch_us(occurred_at) AS occurred,
        epoch_us(CASE WHEN act IN (3, 6) THEN greatest(valid_from, ref_from)
            ELSE valid_from END) AS moment,
        coalesce(epoch_us(coalesce(expires_at, {rule})), {never}) AS due,
        expires_at IS NOT NULL AS limited,
        {slides} AND act = 0 AND own AND expires_at IS NULL AS slides
    FROM acted JOIN point_ledger_holders USING (source, account, source_id)
)
FROM timed
"""

_REFS = """
CREATE OR REPLACE TEMP TABLE point_ledger_refs AS
WITH referring AS (
    SELECT source, entry_id, ref_id FROM point_ledger_referring
    WHERE act > 0 AND ref_id IS NOT NULL
), known AS (
    SELECT e.rowid AS event, h.source, e.entry_id
    FROM (
        SELECT rowid, holder_no, entry_id FROM point_ledger_events WHERE entry_id IN (
            SELECT entry_id FROM referring UNION ALL SELECT ref_id FROM referring)
    ) e JOIN point_ledger_holders h USING (holder_no)
)
SELECT e.event, r.event AS ref
FROM referring JOIN known e USING (source, entry_id)
JOIN known r ON r.source = e.source AND r.entry_id = ref_id
"""

_UNPLACED = """
SELECT o.* EXCLUDE (valid_from) FROM point_ledger_once o
WHERE kind NOT IN ('grant', 'use', 'expire', 'adjust', 'transfer') AND NOT EXISTS (
    FROM point_ledger_referring r
    WHERE r.source = o.source AND r.entry_id = o.entry_id AND r.act IS NOT NULL
)
"""


def keep_events(con: Backend, entries: ir.Table, policy: dict[str, Any], as_of: datetime) -> None:
    """Make the tables `point_ledger_holders`, `_events` and `_refs` from entries up to a moment.

    Holders: source, account, source_id, holder_no, account_no, told (its source tells its
    expiries), moves. Events, known by their rowid: holder_no, account_no, moves, entry_id, act,
    points, occurred, moment, due, limited, slides; moments in microseconds. Refs: event, ref.

    Raises
    ------
    ParameterError if the expiry policy is not one of `expiry.POLICIES`
    """
    rule = rule_expiry(policy, "valid_from")
    con.create_view("point_ledger_input", entries, overwrite=True)
    known = f"SELECT * FROM point_ledger_input WHERE occurred_at <= TIMESTAMP '{as_of}'"
    once = known if _all_told_once(con, known) else "SELECT * FROM point_ledger_unique"
    if once != known:
        con.raw_sql(_ONCE.format(known=known))
    con.raw_sql(
        "CREATE OR REPLACE TEMP VIEW point_ledger_once AS SELECT *, CASE WHEN kind = 'grant' "
        f"THEN greatest(occurred_at, available_at) ELSE occurred_at END AS valid_from FROM ({once})"
    )
    con.raw_sql(_HOLDERS)
    con.raw_sql(_REFERRING)
    con.raw_sql(_EVENTS.format(rule=rule, never=NEVER, slides=str(slides(policy)).lower()))
    con.raw_sql(_REFS)


def _all_told_once(con: Backend, entries: str) -> bool:
    """Whether no two entries share a hash of their id; `point_ledger_repeated` keeps those shared.

    Sorting numbers takes a fifth of grouping them; only entries whose hash is shared are compared.
    """
    hashes = con.raw_sql(f"SELECT hash(source, entry_id) AS id FROM ({entries})").fetchnumpy()
    ids = np.asarray(hashes["id"])
    ids.sort()
    repeated = np.unique(ids[1:][ids[1:] == ids[:-1]])
    keep(con, "point_ledger_repeated", pa.table({"id": repeated}))
    return not len(repeated)


def unplaced(con: Backend) -> ir.Table:
    """Entries that say no direction: see `Ledger`."""
    return con.sql(_UNPLACED)
