"""A decline is noticed where there is one, rarely where there is none, and never from few."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from joren.experiments.drift import LEAST_CAMPAIGNS, drifts, slope_over_time

STARTS = {f"C{n}": date(2024, 1, 1) + timedelta(days=60 * n) for n in range(8)}


def rows(effects, se=0.01, segment="all"):
    return [
        {"campaign_id": f"C{n}", "arm": "treatment", "metric": "response_rate", "grade": "A",
         "segment": segment, "effect": effect, "se": se}
        for n, effect in enumerate(effects)
    ]  # fmt: skip


def test_the_slope_of_exact_points_is_theirs():
    years = np.array([0.0, 0.5, 1.0, 2.0])
    slope, _se = slope_over_time(years, 0.1 - 0.04 * years, np.full(4, 0.01))
    assert slope == pytest.approx(-0.04)


def test_an_offer_that_wears_out_raises_an_alarm():
    falling = rows(np.linspace(0.12, 0.0, 8), segment="stratum:a")
    steady = rows(np.full(8, 0.05), segment="stratum:b")
    found = {one.segment: one for one in drifts(falling + steady, STARTS, "response_rate", 0.9)}
    assert found["stratum:a"].alarm
    assert not found["stratum:b"].alarm
    assert found["stratum:a"].upper < 0


def test_too_few_campaigns_tell_nothing():
    assert drifts(rows([0.1] * (LEAST_CAMPAIGNS - 1)), STARTS, "response_rate", 0.9) == []


def test_segments_without_decline_are_rarely_accused():
    rng = np.random.default_rng(1)
    accused = 0
    for _again in range(100):
        told = []
        for segment in range(5):
            told += rows(rng.normal(0.05, 0.02, 8), segment=f"stratum:{segment}")
        accused += any(one.alarm for one in drifts(told, STARTS, "response_rate", 0.9))
    assert accused <= 20  # 10 expected; more than 20 happens in one of a thousand
