"""The operational clock and the hours of the day."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from joren.simulate.season import (
    DAY_FACTORS,
    HORIZON,
    SHOP_HOURS,
    at_hours,
    timestamps,
    to_calendar,
    to_operational,
)
from joren.simulate.world import DAYS, FUTURE_END, START


def test_the_clock_passes_as_many_days_as_the_window_has():
    assert to_operational(np.array(float(DAYS))) == pytest.approx(DAYS)
    assert timestamps(np.array([HORIZON * 86_400]))[0] == np.datetime64(FUTURE_END)


def test_calendar_and_clock_are_inverse():
    day = np.linspace(0, HORIZON, 5_000)
    np.testing.assert_allclose(to_calendar(to_operational(day)), day, atol=1e-9)


def test_december_is_the_strongest_month():
    december = (datetime(2024, 12, 1) - START).days
    assert DAY_FACTORS[december] == DAY_FACTORS.max()
    assert to_operational(np.array(december + 1.0)) - to_operational(
        np.array(float(december))
    ) == pytest.approx(DAY_FACTORS[december])


def test_hours_keep_the_day_and_the_order():
    day = np.sort(np.random.default_rng(1).random(1_000)) + 41
    second = at_hours(day, SHOP_HOURS) - 41 * 86_400
    assert (np.diff(second) >= 0).all()
    assert second.min() >= 10 * 3_600
    assert second.max() <= 20 * 3_600
