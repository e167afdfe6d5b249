"""Interrupted time series: a planted step inside its interval, in any currency, or a refusal."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from tests.experiments.quasi_worlds import EFFECT, daily

from joren.errors import JorenError
from joren.experiments.interrupted_time_series import (
    daily_totals,
    interrupted_time_series,
    segmented,
)


def _values(seed, first="2024-01-01", **how):
    sales = daily(seed, **how)
    return pd.Series(sales, pd.date_range(first, periods=len(sales)))


def _read(values, before=200):
    return interrupted_time_series(values, values.index[before].date(), 0.9)


def test_a_planted_effect_is_covered():
    found = [_read(_values(seed)) for seed in range(60)]

    assert sum(e.lower <= EFFECT <= e.upper for e in found) >= 47  # binomial(60, .9)


def test_without_noise_the_effect_is_exact():
    time = np.arange(120)
    sales = 500 + 2.0 * time + 30 * (time % 7 == 2) + np.where(time >= 90, 40.0, 0.0)
    sales = sales + 1e-3 * np.cos(np.arange(120) ** 2)  # an exact fit has no errors to model
    values = pd.Series(sales, pd.date_range("2025-01-01", periods=120))

    found = _read(values, 90)

    assert found.effect == pytest.approx(40, abs=0.01)
    assert found.counterfactual == pytest.approx(sales[90:].mean() - 40, abs=0.01)
    assert (found.n, found.n_control) == (30, 90)


def test_waves_of_the_year_are_not_taken_for_an_effect():
    # three years of a yearly wave, the start on its way up
    rng = np.random.default_rng(1)
    days = pd.date_range("2022-01-01", periods=1100)
    wave = 300 * np.sin(2 * np.pi * days.day_of_year / 365.25)
    values = pd.Series(2000 + wave + rng.normal(0, 40, 1100), days)
    found = _read(values, 1040)

    assert abs(found.effect) < 40
    assert found.lower < 0 < found.upper


def test_yen_instead_of_dollars_leave_the_relative_effect():
    values = _values(2)

    assert _read(values * 150).relative == pytest.approx(_read(values).relative, rel=1e-4)


def test_days_without_orders_are_zero_and_rows_come_in_any_order():
    rows = pd.DataFrame(
        {"date": [date(2025, 1, 3), date(2025, 1, 1), date(2025, 1, 1)], "value": [5, 10, 20]}
    )
    found = daily_totals(ibis.memtable(rows), date(2025, 1, 1), date(2025, 1, 4))

    assert found.tolist() == [30, 0, 5, 0]
    assert found.index[1] == pd.Timestamp("2025-01-02")


def test_a_short_or_flat_series_is_refused():
    with pytest.raises(JorenError, match="days lie before"):
        _read(_values(1), 30)
    flat = pd.Series(1.0, pd.date_range("2025-01-01", periods=100))
    with pytest.raises(JorenError, match="does not vary"):
        segmented(flat, 80)
