"""The bandwidth narrows with more customers and with more curvature, and scales with its unit."""

import numpy as np
import pytest

from joren.experiments.bandwidth import imbens_kalyanaraman
from joren.experiments.threshold_bins import of_rows


def _bins(n, bend=1.0, unit=1.0, money=1.0):
    rng = np.random.default_rng(7)
    x = rng.uniform(-1, 1, n)
    y = 1 + x + bend * np.where(x >= 0, 4.0, -4.0) * x**2 + rng.normal(0, 0.3, n)
    return of_rows(x * unit, y * money)


def test_more_customers_narrow_it():
    assert imbens_kalyanaraman(_bins(20_000)) < imbens_kalyanaraman(_bins(1000))


def test_curvature_narrows_it():
    assert imbens_kalyanaraman(_bins(4000, bend=3.0)) < imbens_kalyanaraman(_bins(4000, bend=0.3))


def test_it_scales_with_points_and_not_with_money():
    h = imbens_kalyanaraman(_bins(4000))

    assert imbens_kalyanaraman(_bins(4000, unit=500.0)) == pytest.approx(500 * h)
    assert imbens_kalyanaraman(_bins(4000, money=150.0)) == pytest.approx(h)


def test_it_is_near_the_best_for_a_known_curve():
    # m₊ = 8, m₋ = −8, σ² = .09, f = ½: the formula without regularisation
    best = 3.4375 * (0.18 / (0.5 * 16**2)) ** 0.2 * 20_000**-0.2

    assert imbens_kalyanaraman(_bins(20_000)) == pytest.approx(best, rel=0.1)
