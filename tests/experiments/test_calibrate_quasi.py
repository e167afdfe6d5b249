"""A short run of the calibration: every design is read, and its violation noticed."""

import pytest
from tests.experiments.calibrate_quasi import DESIGNS, noise, rates


@pytest.mark.parametrize("name", DESIGNS)
def test_a_few_worlds_of_each_design(name):
    held, alarms, noticed = rates(name, 6)

    assert held >= 0.5  # three of six: less in one of 80 of intervals that hold in nine of ten
    assert alarms
    assert noticed >= 0.5


def test_noise_shrinks_with_seeds():
    assert noise(0.05, 200) == pytest.approx(0.0462, abs=1e-4)
