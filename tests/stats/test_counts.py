import numpy as np
import pytest

from joren.stats.counts import log_linear


def test_two_groups_give_the_log_of_their_ratio_and_its_error():
    counts = np.repeat([4.0, 6.0], 50)
    design = np.column_stack([np.repeat([0.0, 1.0], 50), np.ones(100)])
    found = log_linear(counts, design)

    assert found.coefficients == pytest.approx([np.log(1.5), np.log(4)])
    assert found.errors[0] == pytest.approx(np.sqrt(1 / 200 + 1 / 300))
    assert found.dispersion == 1


def test_overdispersed_counts_have_wider_errors_that_hold_the_truth():
    rng = np.random.default_rng(8)
    design = np.column_stack([np.tile([0.0, 1.0], 150), np.ones(300)])
    held, runs = 0, 300
    for _run in range(runs):
        mean = np.exp(design @ [-0.3, 1.5])
        found = log_linear(rng.poisson(mean * rng.gamma(2, 1 / 2, 300)), design)
        held += abs(found.coefficients[0] + 0.3) < 1.645 * found.errors[0]

    assert found.dispersion > 2
    assert held / runs == pytest.approx(0.9, abs=3 * np.sqrt(0.09 / runs))


def test_what_the_columns_cannot_tell_apart_has_no_fit():
    ones = np.ones((20, 1))
    assert log_linear(np.arange(20), np.hstack([ones, ones])) is None
    assert log_linear(np.zeros(20), ones) is None
