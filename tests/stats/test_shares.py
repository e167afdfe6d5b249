import numpy as np
import pytest

from joren.stats.shares import jeffreys


def test_the_interval_is_the_published_one():
    # Brown, Cai & DasGupta (2001), table 5: 95 % limits for n = 10
    lower, upper = jeffreys([0, 1, 5], [10, 10, 10], 0.95)

    assert lower == pytest.approx([0, 0.011, 0.224], abs=5e-4)
    assert upper == pytest.approx([0.217, 0.381, 0.776], abs=5e-4)


def test_nobody_has_no_interval_and_everybody_reaches_one():
    lower, upper = jeffreys([0, 7], [0, 7], 0.9)

    assert np.isnan([lower[0], upper[0]]).all()
    assert upper[1] == 1
    assert lower[1] < 1
