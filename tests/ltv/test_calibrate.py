from dataclasses import replace

import pytest

from joren.ltv.calibrate import Calibration, calibrate
from joren.params import project_root
from joren.params_ltv import Ltv

GOOD = Calibration(30_000, "MBG/NBD", 0.01, 0.02, 1.0, 0.03, 0.94, 0.95, [])


@pytest.mark.parametrize(
    ("changed", "missed"),
    [
        ({}, []),
        ({"deviations": -2.6}, ["deviations"]),
        ({"bias": 0.031}, ["bias"]),
        ({"bias": 0.031, "customers": 2_000}, []),
        ({"pit_distance": 0.06}, ["pit_distance"]),
        ({"coverage": 0.91}, ["coverage"]),
    ],
)
def test_what_misses_its_bound_is_named(changed, missed):
    assert replace(GOOD, **changed).failures() == missed


def test_the_demos_future_is_forecast_within_its_bounds(tmp_path):
    # the fastest model and few draws: seconds matter, and the demo's run tests the chosen one
    settings = Ltv(model="mbg_nbd", draws=250, chains=2, horizon_days=[365])
    key = project_root() / "data" / "demo" / "answer_key"
    found = calibrate(key, tmp_path / "run", settings)
    assert found.failures() == []
    assert 1_900 < found.customers < 2_100
    assert abs(found.bias) < 0.1
    assert 0 < found.campaigns < 0.05
    (total,) = (s for s in found.scores if s.measure == "expected_orders_365d: total bias")
    assert (1 + total.value) * (1 - found.campaigns) == pytest.approx(1 + found.bias)
    assert {s.measure for s in found.scores} >= {"p_order_365d: AUC", "ltv_365d: coverage"}
