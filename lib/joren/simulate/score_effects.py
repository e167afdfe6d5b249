"""How a run's readouts stand against the true effects of campaigns and touchpoints."""

from __future__ import annotations

from joren.ltv.accuracy import Measure, share
from joren.simulate.exam import Exam, Score, scored, skipped
from joren.simulate.exports.touch import CALL_NAMES

_CELLS = """
SELECT k.metric, CASE k.segment WHEN 'all' THEN 'all' ELSE 'segments' END AS grp,
    r.effect - k.effect AS error, k.effect AS truth,
    CASE WHEN r.lower IS NOT NULL AND r.upper IS NOT NULL
        THEN (k.effect BETWEEN r.lower AND r.upper)::INT END AS inside
FROM run_experiment_readout r
JOIN key_campaign_effects k USING (campaign_id, arm, metric, segment)
WHERE r.effect IS NOT NULL
"""

# a touchpoint's churn is that of the customers whose path holds it, by the name that the exports
# of the made-up client give it, or by the key's own
_CHURN = f"""
WITH names AS (
    SELECT DISTINCT touchpoint, CASE touchpoint {
    " ".join(f"WHEN '{ours}' THEN '{theirs}'" for ours, theirs in CALL_NAMES.items())
} ELSE touchpoint END AS exported FROM key_route_effects
), seen AS (
    SELECT t.touchpoint, sum(p.churned) / sum(p.customers) AS churned, sum(p.customers) AS n
    FROM names t JOIN run_route_paths p
        ON p.group_name = 'all'
        AND list_has_any(string_split(p.path, ' > '), [touchpoint, exported])
    GROUP BY t.touchpoint
), ranked AS (
    SELECT *, rank() OVER (ORDER BY churned DESC) AS place, count(*) OVER () AS places FROM seen
)
SELECT * FROM ranked JOIN (
    SELECT touchpoint, max_by(effect, abs(effect)) AS effect FROM key_route_effects
    WHERE what LIKE 'churn_%' GROUP BY touchpoint
) USING (touchpoint)
ORDER BY effect DESC, touchpoint
"""


def score_campaigns(exam: Exam) -> list[Score]:
    """Error of the effects per assigned customer, and how often the intervals hold the truth."""
    missing = exam.lacks("run_experiment_readout", "key_campaign_effects")
    if missing:
        return skipped("campaigns", missing)
    exam.table("exam_cells", _CELLS)
    cells = exam.rows("""
        SELECT metric, grp, count(*) AS n, avg(error) AS bias, avg(abs(error)) AS off,
            avg(abs(truth)) AS size, sum(inside)::INT AS hits, count(inside) AS told
        FROM exam_cells GROUP BY ALL ORDER BY ALL
    """)
    if not cells:
        return skipped("campaigns", "no readout has a campaign, arm, metric and segment of the key")
    scores = []
    for row in cells:
        group, size = row["grp"], f"true effects are {row['size']:.4g} on average"
        covered = share(row["hits"] or 0, row["told"], exam.interval)
        scores += [
            Score("campaigns", f"{row['metric']}: mean error", group, row["bias"], n=row["n"]),
            Score("campaigns", f"{row['metric']}: mean absolute error", group, row["off"],
                  n=row["n"], note=size),
            scored("campaigns", f"{row['metric']}: coverage", group, covered,
                   f"intervals of {exam.interval:.0%}"),
        ]  # fmt: skip
    return scores


def score_routes(exam: Exam) -> list[Score]:
    """Where the touchpoints that cause churn stand among all, by churn of the paths with them."""
    missing = exam.lacks("run_route_paths", "key_route_effects")
    if missing:
        return skipped("routes", missing)
    found = exam.rows(_CHURN)
    if not found:
        return skipped("routes", "no path holds a touchpoint with a true effect on churn")
    return [
        scored(
            "routes",
            "rank by churn",
            row["touchpoint"],
            Measure(row["place"], None, None, int(row["n"])),
            f"of {row['places']}; truly {row['effect']:+.1%} churn",
        )
        for row in found
    ]
