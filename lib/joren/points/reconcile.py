"""The ledger beside the balances that the client's systems report, and what explains differences.

A reported balance differs anew where it is off by another amount than the account's report before
it; what came between the two is the place to look.

- `doubled_entry`: an entry in between is off by just that much, and has a twin
- `entry_not_reported`: an entry in between is off by just that much; the system left it out
- `expiry_not_reported`: what lapsed by rule in between is just that much
- `late_entry`: the next report agrees again, and an entry before it is just that much: the system
  knew it earlier than the entry says
- `wrong_balance`: the next report agrees again, and no entry explains it
- `missing_entry`: the difference stays, and no entry explains it: one of that many points lacks
- `last_report`: nothing explains it, and no later report tells which of the last two it is

Raw SQL for the as-of join: Ibis 12 does not order equal moments within one.
"""

from __future__ import annotations

from typing import NamedTuple

import ibis.expr.types as ir

from joren.engine import keep
from joren.points.ledger import Ledger

# A report holds everything of its second. An entry's effect on the balance is what the balance
# after it is more than after the one before it, but for what lapsed in between.
_MOVES = """
WITH rows AS (
    SELECT *, coalesce(sum(points) OVER account_order, 0) AS lapsed FROM point_reconcile_running
    WINDOW account_order AS (PARTITION BY source, account ORDER BY moment, place, entry_id)
), entries AS (
    SELECT source, account, moment, place, entry_id,
        balance - lag(balance, 1, 0) OVER account_order
            - (lapsed - lag(lapsed, 1, 0) OVER account_order) AS delta
    FROM rows WHERE balance IS NOT NULL
    WINDOW account_order AS (PARTITION BY source, account ORDER BY moment, place)
)
SELECT source, account, moment, place, entry_id, delta::BIGINT AS delta FROM entries
UNION ALL
SELECT source, account, moment, place, NULL, points FROM rows WHERE balance IS NULL
"""

_STANDS = """
SELECT source, account, moment, last_entry_id, sum(delta) OVER (
        PARTITION BY source, account ORDER BY moment)::BIGINT AS balance
FROM (
    SELECT source, account, moment, sum(delta) AS delta,
        arg_max(entry_id, place) FILTER (entry_id IS NOT NULL) AS last_entry_id
    FROM point_reconcile_moves GROUP BY ALL
)
"""

_COMPARED = """
WITH beside AS (
    SELECT r.source, r.source_id, r.account, r.as_of, r.balance AS reported,
        coalesce(s.balance, 0) AS ledger, r.balance - coalesce(s.balance, 0) AS difference,
        s.last_entry_id
    FROM point_reconcile_reported r ASOF LEFT JOIN point_reconcile_stands s
        ON s.source = r.source AND s.account = r.account AND s.moment <= r.as_of
)
SELECT *, difference - lag(difference, 1, 0) OVER reports AS change,
    lag(difference, 1, 0) OVER reports AS difference_before,
    lag(difference, 2, 0) OVER reports AS difference_earlier,
    lead(difference) OVER reports AS difference_next,
    lag(as_of) OVER reports AS before, lead(as_of) OVER reports AS next,
    max(as_of) FILTER (difference = 0) OVER (PARTITION BY source, account ORDER BY as_of
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS agreed_at
FROM beside WINDOW reports AS (PARTITION BY source, account ORDER BY as_of, source_id)
"""

_EXPLAINED = """
WITH anew AS (
    SELECT * FROM point_reconcile_compared
    WHERE change <> 0 AND difference <> 0
        -- back to what it was before one report that was off
        AND NOT (difference = difference_earlier AND difference_before <> 0)
), counted AS (
    SELECT a.source, a.account, a.as_of, m.entry_id, m.moment, m.place, t.twins > 1 AS doubled
    FROM anew a JOIN point_reconcile_moves m ON m.source = a.source AND m.account = a.account
        AND m.delta = -a.change AND m.moment <= a.as_of
        AND m.moment > coalesce(a.before, TIMESTAMP '0001-01-01')
    LEFT JOIN (
        SELECT source, entry_id, count(*) OVER (
            PARTITION BY source, account, kind, points, occurred_at, order_id) AS twins
        FROM point_reconcile_entries SEMI JOIN anew USING (source, account)
    ) t ON t.source = m.source AND t.entry_id = m.entry_id
), in_ledger AS (
    -- of twins the one that came second is the double
    SELECT source, account, as_of, first(entry_id ORDER BY doubled DESC NULLS LAST, moment DESC,
            place DESC) AS suspect, bool_or(doubled) AS doubled
    FROM counted GROUP BY ALL
), later AS (
    SELECT a.source, a.account, a.as_of, first(m.entry_id ORDER BY m.moment, m.place) AS suspect
    FROM anew a JOIN point_reconcile_moves m ON m.source = a.source AND m.account = a.account
        AND m.delta = a.change AND m.moment > a.as_of AND m.moment <= a.next
        AND m.entry_id IS NOT NULL
    WHERE a.difference_next = a.difference_before GROUP BY ALL
)
SELECT a.source, a.source_id, a.account, a.as_of, a.reported, a.ledger, a.difference, a.change,
    a.agreed_at, a.last_entry_id, coalesce(l.suspect, i.suspect) AS suspect_entry_id,
    CASE
        WHEN l.suspect IS NOT NULL THEN 'late_entry'
        WHEN i.doubled THEN 'doubled_entry'
        WHEN i.suspect IS NOT NULL THEN 'entry_not_reported'
        WHEN i.account IS NOT NULL THEN 'expiry_not_reported'
        WHEN a.next IS NULL THEN 'last_report'
        WHEN a.difference_next = a.difference_before THEN 'wrong_balance'
        ELSE 'missing_entry'
    END AS reason
FROM anew a
LEFT JOIN in_ledger i USING (source, account, as_of)
LEFT JOIN later l USING (source, account, as_of)
"""


class Agreement(NamedTuple):
    """How many reported balances, and accounts with some, the ledger agrees with."""

    reports: int
    agreeing: int
    accounts: int
    accounts_agreeing: int


def reconcile(ledger: Ledger, entries: ir.Table, reported: ir.Table) -> tuple[ir.Table, Agreement]:
    """Compare every reported balance with the ledger's at that moment.

    Parameters
    ----------
    ledger : kept with the accounts of `reported` watched
    entries : `canonical/point_entries`, for what twins have in common
    reported : `canonical/point_balances_reported`

    Returns
    -------
    the rows of `point_reconciliation`, one for each report that differs anew; the counts
    """
    con = ledger.lots.get_backend()
    keep(con, "point_reconcile_running", ledger.running)
    keep(con, "point_reconcile_entries", entries.semi_join(reported, ["source", "account"]))
    keep(con, "point_reconcile_reported", reported)
    for name, query in (("moves", _MOVES), ("stands", _STANDS), ("compared", _COMPARED)):
        con.raw_sql(f"CREATE OR REPLACE TEMP TABLE point_reconcile_{name} AS {query}")
    compared = con.table("point_reconcile_compared")
    agrees = compared["difference"] == 0
    by_account = compared.group_by("source", "account").agg(agrees=agrees.all())
    (reports,) = compared.agg(n=compared.count(), agreeing=agrees.sum()).to_pyarrow().to_pylist()
    (of,) = (
        by_account.agg(n=by_account.count(), agreeing=by_account.agrees.sum())
        .to_pyarrow()
        .to_pylist()
    )
    counts = Agreement(reports["n"], reports["agreeing"] or 0, of["n"], of["agreeing"] or 0)
    return keep(con, "point_reconciliation", con.sql(_EXPLAINED)), counts
