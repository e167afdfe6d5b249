"""Whether a run's point ledger holds exactly what the true one does."""

from __future__ import annotations

from joren.ltv.accuracy import share
from joren.simulate.exam import Exam, Score, scored, skipped

_BALANCES = """
SELECT coalesce(k.system, 'not in the key') AS grp,
    coalesce(r.balance, 0) - coalesce(k.balance, 0) AS error
FROM key_balances k FULL JOIN run_point_balances r ON r.account = k.source_id
"""

# lots of one account and moment are compared together: their order says nothing
_LOTS = """
WITH told AS (
    SELECT account, granted_at, sum(points_granted) AS granted, sum(points_used) AS used,
        sum(points_expired) AS expired, sum(points_cancelled) AS cancelled,
        sum(points_transferred) AS transferred, sum(points_remaining) AS remaining
    FROM run_point_lots GROUP BY ALL
), kept AS (
    SELECT system, source_id AS account, granted_at, sum(granted) AS granted, sum(used) AS used,
        sum(expired) AS expired, sum(cancelled) AS cancelled, sum(transferred) AS transferred,
        sum(remaining) AS remaining, bool_and(expiry_known) AS known
    FROM key_lots GROUP BY ALL
), compared AS (
    SELECT coalesce(k.account, r.account) AS account, k.system, coalesce(k.known, true) AS known,
        k.granted IS NOT DISTINCT FROM r.granted AND k.used IS NOT DISTINCT FROM r.used
        AND k.expired IS NOT DISTINCT FROM r.expired
        AND k.cancelled IS NOT DISTINCT FROM r.cancelled
        AND k.transferred IS NOT DISTINCT FROM r.transferred
        AND k.remaining IS NOT DISTINCT FROM r.remaining AS exact
    FROM kept k FULL JOIN told r ON r.account = k.account AND r.granted_at = k.granted_at
)
SELECT coalesce(max(system), 'not in the key') AS grp, bool_and(known) AS known,
    bool_and(exact) AS exact
FROM compared GROUP BY account
"""

_NOT_TOLD = "some lot's expiry is not in the exports"


def score_points(exam: Exam) -> list[Score]:
    """Accounts whose balance, and accounts whose every lot, is right to the point.

    Accounts that only one side holds count as wrong unless their balance is 0.
    """
    missing = exam.lacks("run_point_balances", "key_balances")
    scores = skipped("points", missing) if missing else _balances(exam)
    missing = exam.lacks("run_point_lots", "key_lots")
    return scores + (skipped("points", missing) if missing else _lots(exam))


def _balances(exam: Exam) -> list[Score]:
    exam.table("exam_balances", _BALANCES)
    scores = []
    for found in exam.rows("""
        SELECT grp, count(*) FILTER (error = 0) AS exact, count(*) AS n, sum(abs(error)) AS off
        FROM exam_balances GROUP BY ROLLUP (grp) ORDER BY grp NULLS FIRST
    """):
        measure = share(found["exact"], found["n"], exam.interval)
        note = f"{int(found['off']):,} points off" if found["off"] else ""
        scores.append(scored("points", "balances exact", found["grp"] or "all", measure, note))
    return scores


def _lots(exam: Exam) -> list[Score]:
    exam.table("exam_lots", _LOTS)
    scores = []
    for found in exam.rows("""
        SELECT grp, known, count(*) FILTER (exact) AS exact, count(*) AS n
        FROM exam_lots GROUP BY grp, known ORDER BY grp, known DESC
    """):
        group = found["grp"] if found["known"] else f"{found['grp']}, {_NOT_TOLD}"
        measure = share(found["exact"], found["n"], exam.interval)
        scores.append(scored("points", "accounts with all lots exact", group, measure))
    return scores
