import numpy as np
import pytest

from joren.stats.inference import sample
from joren.stats.normal_pooling import pool, pooling_model

# coaching in eight schools (Rubin 1981; Gelman et al., Bayesian Data Analysis, table 5.2)
EFFECTS = np.array([28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0])
ERRORS = np.array([15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0])


def test_the_grid_gives_the_posterior_of_the_model():
    found = pool(EFFECTS, ERRORS, 0.9)
    posterior = sample(pooling_model(EFFECTS, ERRORS), ["mu", "theta"], "nuts", 2000, 4, seed=1)

    error = posterior.sd() / np.sqrt(posterior.ess_bulk)
    assert found.centre == pytest.approx(posterior.mean()[0], abs=5 * error[0])
    assert (np.abs(found.mean - posterior.mean()[1:]) < 5 * error[1:]).all()
    assert found.lower == pytest.approx(posterior.quantile(0.05)[1:], abs=0.9)
    assert found.upper == pytest.approx(posterior.quantile(0.95)[1:], abs=0.9)


def test_schools_that_agree_are_drawn_together():
    found = pool(EFFECTS, ERRORS, 0.9)

    assert 8 < found.mean[0] < 14  # 28 by itself
    assert np.argsort(found.mean)[-1] == 0
    assert (found.upper - found.lower < 2 * 1.645 * ERRORS).all()


def test_the_unit_of_money_does_not_matter():
    yen, dollars = pool(150 * EFFECTS, 150 * ERRORS, 0.9), pool(EFFECTS, ERRORS, 0.9)

    assert yen.mean == pytest.approx(150 * dollars.mean)
    assert yen.upper == pytest.approx(150 * dollars.upper, rel=1e-6)


def test_estimates_far_apart_are_left_alone():
    found = pool(np.array([-100.0, 0.0, 100.0]), np.ones(3), 0.9)
    assert found.mean == pytest.approx([-100, 0, 100], abs=0.1)


def test_one_estimate_or_an_error_of_nothing_is_refused():
    with pytest.raises(ValueError, match="two estimates"):
        pool([1.0], [1.0], 0.9)
    with pytest.raises(ValueError, match="positive errors"):
        pool([1.0, 2.0], [1.0, 0.0], 0.9)
