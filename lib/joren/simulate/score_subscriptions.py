"""How a run's forecasts of subscription ends stand against when the subscriptions truly end."""

from __future__ import annotations

import math
from datetime import timedelta

from scipy.special import ndtri

from joren.ltv.accuracy import Measure, auc, mean_of
from joren.simulate.exam import Exam, Score, scored, skipped
from joren.simulate.world import END

HORIZONS = (90, 365)  # days
LAST_DAY = END.date() - timedelta(days=1)

# an end in the same second as the horizon is beyond it
_OUTCOMES = """
SELECT c.*, coalesce(t.true_ended_at < DATE '{as_of}' + INTERVAL {later} DAY, FALSE) AS ended
FROM run_churn c JOIN key_subscriptions t USING (source, subscription_id)
WHERE c.kind = 'contractual'
"""


def score_subscriptions(exam: Exam) -> list[Score]:
    """Total forecast against outcome, Brier score, AUC and calibration by fifths, by horizon.

    The bias of the total is shown with the interval that chance alone would give it, were every
    probability right; a forecast is calibrated where that interval holds zero.
    """
    missing = exam.lacks("run_churn", "key_subscriptions")
    if not missing and exam.as_of not in (None, LAST_DAY):
        missing = f"the run is as of {exam.as_of}, the future of the key begins after {LAST_DAY}"
    if missing:
        return skipped("subscriptions", missing)
    columns = exam.con.table("run_churn").columns
    scores = []
    for days in HORIZONS:
        if f"p_end_{days}d" in columns:
            scores += _horizon(exam, days)
    return scores or skipped("subscriptions", "the run's churn table holds no forecast")


def _horizon(exam: Exam, days: int) -> list[Score]:
    chance = f"p_end_{days}d"
    query = _OUTCOMES.format(as_of=exam.as_of or LAST_DAY, later=days + 1)
    rows = exam.table(f"exam_ends_{days}", query)
    row = exam.row(f"""
        SELECT count(*) AS n, sum({chance}) AS expected, count(*) FILTER (ended) AS ended,
            sum({chance} * (1 - {chance})) AS variance FROM exam_ends_{days}
    """)
    if not row["n"]:
        return skipped("subscriptions", "the run forecast no subscription")
    half = ndtri((1 + exam.interval) / 2) * math.sqrt(row["variance"]) / row["n"]
    bias = (row["expected"] - row["ended"]) / row["n"]
    error = (rows[chance] - rows.ended.cast("float64")) ** 2
    return [
        scored("subscriptions", f"{chance}: share foreseen less share ended", "all",
               Measure(bias, bias - half, bias + half, row["n"]), "interval: chance alone"),
        scored("subscriptions", f"{chance}: Brier score", "all",
               mean_of(rows, error, exam.interval)),
        scored("subscriptions", f"{chance}: AUC", "all",
               auc(rows, chance, "ended", exam.interval)),
        *_fifths(exam, days),
    ]  # fmt: skip


def _fifths(exam: Exam, days: int) -> list[Score]:
    chance = f"p_end_{days}d"
    rows = exam.rows(f"""
        SELECT fifth, avg({chance}) AS foreseen, avg(ended::INT) AS ended, count(*) AS n
        FROM (
            SELECT *, ntile(5) OVER (ORDER BY {chance}, source, subscription_id) AS fifth
            FROM exam_ends_{days}
        ) GROUP BY fifth ORDER BY fifth
    """)
    return [
        Score("subscriptions", f"{chance}: share foreseen less share ended",
              f"fifth {row['fifth']} by forecast", row["foreseen"] - row["ended"], n=row["n"])
        for row in rows
    ]  # fmt: skip
