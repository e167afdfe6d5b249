"""Forecasts of subscription ends made by hand against true ends made by hand."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from joren.simulate.exam import Score, open_exam
from joren.simulate.score_subscriptions import score_subscriptions

TRUTH = """
SELECT 'teiki' AS source, 'T' || i AS subscription_id,
    CASE WHEN i < 25 THEN TIMESTAMP '2026-05-01' WHEN i < 60 THEN TIMESTAMP '2026-06-30 12:00'
        END AS true_ended_at
FROM range(100) t(i)
"""


def _scored(folder: Path, churn: str, as_of: str = "2026-03-31") -> list[Score]:
    for place, query in (("run/tables/churn", churn), ("key/subscriptions", TRUTH)):
        path = folder / f"{place}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        duckdb.sql(query).write_parquet(str(path))
    (folder / "run" / "run.json").write_text(json.dumps({"as_of": as_of}))
    return score_subscriptions(open_exam(folder / "run", folder / "key"))


def _churn(chance: str) -> str:
    return f"""
        SELECT 'teiki' AS source, 'T' || i AS subscription_id, 'contractual' AS kind,
            ({chance})::DOUBLE AS p_end_90d FROM range(100) t(i)
    """


def _found(scores: list[Score], measure: str, group: str = "all") -> Score:
    (one,) = [s for s in scores if s.measure == f"p_end_90d: {measure}" and s.group == group]
    return one


def test_an_end_on_the_ninetieth_day_has_come_and_a_later_one_has_not(tmp_path):
    # 29 June is the 90th day after 31 March: 25 of 100 ended by then
    bias = _found(_scored(tmp_path, _churn("0.25")), "share foreseen less share ended")

    assert bias.value == pytest.approx(0)
    assert bias.upper == pytest.approx(1.645 * (0.25 * 0.75 / 100) ** 0.5, rel=1e-3)
    assert bias.n == 100


def test_a_forecast_that_knows_who_ends_ranks_and_scores_best(tmp_path):
    scores = _scored(tmp_path, _churn("CASE WHEN i < 25 THEN 1.0 ELSE 0.0 END"))

    assert _found(scores, "AUC").value == 1
    assert _found(scores, "Brier score").value == 0
    for fifth in range(1, 6):
        found = _found(scores, "share foreseen less share ended", f"fifth {fifth} by forecast")
        assert (found.value, found.n) == (0, 20)


def test_lapses_are_not_scored_as_ends_of_contracts(tmp_path):
    lapses = _churn("0.25").replace("'contractual'", "'lapse'")

    assert [s.note for s in _scored(tmp_path, lapses)] == ["the run forecast no subscription"]


def test_a_run_of_another_day_is_not_scored(tmp_path):
    (score,) = _scored(tmp_path, _churn("0.25"), as_of="2025-12-31")

    assert score.value is None
    assert "as of 2025-12-31" in score.note
