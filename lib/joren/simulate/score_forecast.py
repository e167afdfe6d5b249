"""How a run's forecasts stand against the true future and the true ends of relationships.

What a customer does after the as-of date is what the people do whose records are mostly hers, so
that everybody's future counts once. Orders of one day are one order, as the run counts them.
Money is compared excluding tax where the run's orders are: the future is scaled by the share of
the amount that the window's orders had without tax.
"""

from __future__ import annotations

import math
from datetime import date, timedelta

import ibis
from ibis import _

from joren.ltv.accuracy import Measure, auc, mean_of, share
from joren.simulate.exam import Exam, Score, scored, skipped
from joren.simulate.world import END, FUTURE_DAYS

LAST_DAY = END.date() - timedelta(days=1)
_CALIBRATED = 365  # days of the horizon shown by tenths

# each person's future belongs to the customer with most of their records
_OWNERS = """
SELECT person_id, arg_max(customer_id, (n, customer_id)) AS customer_id
FROM (
    SELECT r.person_id, m.customer_id, count(*) AS n
    FROM key_records r JOIN run_identity_map m USING (source, source_id) GROUP BY ALL
) GROUP BY person_id
"""

_FUTURE = """
SELECT o.customer_id, f.ordered_at::DATE - DATE '{as_of}' AS day, f.amount::DOUBLE * {net} AS value
FROM key_future_orders f JOIN exam_owners o USING (person_id)
"""

_OUTCOMES = """
SELECT l.*, coalesce(f.orders, 0) AS came, coalesce(f.value, 0) AS true_value,
    coalesce(f.margin, 0) AS true_ltv, coalesce(f.orders, 0) > 0 AS ordered
FROM run_ltv l LEFT JOIN (
    SELECT customer_id, count(DISTINCT day) AS orders, sum(value) AS value,
        sum(value * {margin} * exp(-{discount} * (day - 0.5))) AS margin
    FROM exam_future WHERE day <= {days} GROUP BY customer_id
) f USING (customer_id)
"""

_ENDS = """
SELECT l.customer_id, l.p_alive, c.p_end_90d, coalesce(d.died_by, FALSE) AS dead,
    coalesce(d.died_soon, FALSE) AS dead_soon
FROM run_ltv l
JOIN (
    SELECT customer_id, bool_and(coalesce(died_at < DATE '{as_of}' + INTERVAL 1 DAY, FALSE))
            AS died_by,
        bool_and(coalesce(died_at < DATE '{as_of}' + INTERVAL 91 DAY, FALSE)) AS died_soon
    FROM key_processes JOIN exam_owners USING (person_id) GROUP BY customer_id
) d USING (customer_id)
LEFT JOIN ({lapses}) c USING (customer_id)
"""
_LAPSES = "SELECT customer_id, p_end_90d FROM run_churn WHERE kind = 'lapse'"
_NO_LAPSES = "SELECT NULL::VARCHAR AS customer_id, NULL::DOUBLE AS p_end_90d"


def score_forecast(exam: Exam) -> list[Score]:
    """Bias, interval coverage, calibration by tenths, Brier score and AUC."""
    missing = exam.lacks("run_ltv", "run_identity_map", "key_records", "key_future_orders")
    if not missing and exam.as_of not in (None, LAST_DAY):
        missing = f"the run is as of {exam.as_of}, the future of the key begins after {LAST_DAY}"
    if missing:
        return skipped("forecast", missing)
    as_of = exam.as_of or LAST_DAY
    _prepare(exam, as_of)
    columns = exam.con.table("run_ltv").columns
    scores = []
    for days in _horizons(columns):
        scores += _horizon(exam, days, columns)
    return scores + _ends(exam, as_of)


def _horizons(columns: tuple[str, ...]) -> list[int]:
    found = {
        int(name.removeprefix("expected_orders_").removesuffix("d"))
        for name in columns
        if name.startswith("expected_orders_") and name.removesuffix("d")[-1].isdigit()
    }
    return sorted(days for days in found if days <= FUTURE_DAYS)


def _prepare(exam: Exam, as_of: date) -> None:
    net = 1.0
    if not exam.lacks("key_canonical_orders"):
        sums = exam.row("""
            SELECT sum(coalesce(amount_excluding_tax, amount))::DOUBLE AS net,
                sum(amount)::DOUBLE AS gross
            FROM key_canonical_orders WHERE status = 'valid'
        """)
        net = sums["net"] / sums["gross"] if sums["gross"] else 1.0
    exam.table("exam_owners", _OWNERS)
    exam.table("exam_future", _FUTURE.format(as_of=as_of, net=net))


def _horizon(exam: Exam, days: int, columns: tuple[str, ...]) -> list[Score]:
    discount = math.log1p(exam.parameter("ltv", "annual_discount_rate", 0.1)) / 365
    margin = exam.parameter("ltv", "margin_rate", 0.4)
    query = _OUTCOMES.format(days=days, discount=discount, margin=margin)
    customers = exam.table(f"exam_outcomes_{days}", query)
    scores = []
    for forecast, happened in (
        (f"expected_orders_{days}d", "came"), (f"expected_value_{days}d", "true_value"),
        (f"ltv_{days}d", "true_ltv"),
    ):  # fmt: skip
        if forecast in columns:
            found = _bias(exam, customers, forecast, happened)
            scores.append(scored("forecast", f"{forecast}: total bias", "all", found))
    lower, upper = f"ltv_{days}d_lower", f"ltv_{days}d_upper"
    if {lower, upper} <= set(columns):
        scores.append(_coverage(exam, customers, lower, upper))
    if days == _CALIBRATED:
        scores += _tenths(exam, days)
    if (chance := f"p_order_{days}d") in columns:
        error = (_[chance].cast("float64") - _.ordered.cast("float64")) ** 2
        brier = mean_of(customers, error, exam.interval)
        scores.append(scored("forecast", f"{chance}: Brier score", "all", brier))
        ranked = auc(customers, chance, "ordered", exam.interval)
        scores.append(scored("forecast", f"{chance}: AUC", "all", ranked))
    return scores


def _bias(exam: Exam, customers: ibis.Table, forecast: str, happened: str) -> Measure:
    """Forecast total less what happened, relative to what happened."""
    error = _[forecast].cast("float64") - _[happened].cast("float64")
    mean = mean_of(customers, error, exam.interval)
    happened_mean = customers[happened].cast("float64").mean().to_pyarrow().as_py()
    if not happened_mean:
        return Measure(float("nan"), None, None, mean.n)
    return Measure(*(figure / happened_mean for figure in (mean.value, mean.lower, mean.upper)),
                   mean.n)  # fmt: skip


def _coverage(exam: Exam, customers: ibis.Table, lower: str, upper: str) -> Score:
    inside = customers.true_ltv.between(customers[lower] - 1e-9, customers[upper] + 1e-9)
    found = customers.agg(hits=inside.sum(), n=customers.count()).to_pyarrow().to_pylist()[0]
    measure = share(int(found["hits"] or 0), found["n"], exam.interval)
    note = f"customers inside an interval of {exam.interval:.0%}"
    return scored("forecast", f"{lower.removesuffix('_lower')}: coverage", "all", measure, note)


def _tenths(exam: Exam, days: int) -> list[Score]:
    rows = exam.rows(f"""
        SELECT tenth, sum(expected) / nullif(sum(came), 0) AS ratio, count(*) AS n
        FROM (
            SELECT expected_orders_{days}d AS expected, came,
                ntile(10) OVER (ORDER BY expected_orders_{days}d, customer_id) AS tenth
            FROM exam_outcomes_{days}
        ) GROUP BY tenth ORDER BY tenth
    """)
    return [
        Score("forecast", f"expected_orders_{days}d: forecast / happened",
              f"tenth {row['tenth']} by forecast", row["ratio"], n=row["n"])
        for row in rows
    ]  # fmt: skip


def _ends(exam: Exam, as_of: date) -> list[Score]:
    missing = exam.lacks("key_processes")
    if missing:
        return skipped("churn", missing)
    no_churn = exam.lacks("run_churn")
    lapses = _NO_LAPSES if no_churn else _LAPSES
    ends = exam.table("exam_ends", _ENDS.format(as_of=as_of, lapses=lapses))
    ends = ends.mutate(gone=1 - ends.p_alive)
    found = auc(ends, "gone", "dead", exam.interval)
    scores = [scored("churn", "1 − p_alive: AUC", "gone by the as-of date", found)]
    told = ends.filter(ends.p_end_90d.notnull())
    if no_churn or told.count().to_pyarrow().as_py() == 0:
        return scores + skipped("churn", no_churn or "the run's churn table holds no lapse")
    found = auc(told, "p_end_90d", "dead_soon", exam.interval)
    return [*scores, scored("churn", "p_end_90d: AUC", "gone 90 days later", found)]
