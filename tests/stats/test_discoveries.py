import numpy as np
import pytest

from joren.stats.discoveries import q_values


def test_the_example_of_benjamini_and_hochberg_rejects_four():
    # their section 3.2: fifteen p-values of a myocardial infarction trial, 5 % level
    p = [.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240, .4262, .5719, .6528,
         .7590, 1.0]  # fmt: skip

    assert (q_values(p) <= 0.05).sum() == 4


def test_order_does_not_matter_and_unseen_tests_count():
    p = np.array([0.01, 0.2, 0.03])

    assert q_values(p[[2, 0, 1]]) == pytest.approx(q_values(p)[[2, 0, 1]])
    assert q_values(p, tests=30)[0] == pytest.approx(0.3)
    with pytest.raises(ValueError, match="3 p-values of 2 tests"):
        q_values(p, tests=2)


def test_of_nothing_true_a_twentieth_of_the_families_finds_something():
    rng = np.random.default_rng(5)
    families = rng.random((2000, 20))
    found = np.mean([(q_values(p) <= 0.05).any() for p in families])

    assert found == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / 2000))
