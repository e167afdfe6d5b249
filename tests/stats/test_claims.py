import numpy as np
import pytest
from tests.stats.hillstrom import CONTROL, MEN, named

from joren.stats.claims import claimed, joint_tail
from joren.stats.effects import Effect, Estimate
from joren.stats.hierarchical import segment_effects
from joren.stats.moments import of_counts


def effect(lower: float, upper: float, p_better: float = 0.5) -> Effect:
    estimate = Estimate((lower + upper) / 2, lower, upper)
    return Effect(10, 10, 1.0, 1.0, estimate, None, p_better, "laplace")


def even(n: int) -> np.ndarray:
    return np.full(n, 1 / n)


def test_intervals_with_the_joint_tail_hold_all_cells_together():
    draws = np.random.default_rng(1).standard_normal((20_000, 16))
    tail = joint_tail(draws, even(20_000), 0.9)
    low, high = np.quantile(draws, [tail, 1 - tail], axis=0)
    assert ((low <= draws) & (draws <= high)).all(axis=1).mean() == pytest.approx(0.9, abs=0.003)
    assert tail == pytest.approx((1 - 0.9 ** (1 / 16)) / 2, rel=0.15)


def test_cells_that_are_one_need_no_more_than_their_own_interval():
    one = np.random.default_rng(2).gamma(1.0, size=(20_000, 1))
    assert joint_tail(np.repeat(one, 5, axis=1), even(20_000), 0.9) == pytest.approx(0.05, abs=1e-3)


def test_weights_count_as_often_as_they_weigh():
    draws = np.random.default_rng(3).standard_normal((2000, 3))
    twice = np.concatenate([draws, draws[:1000]])
    weights = np.where(np.arange(2000) < 1000, 2.0, 1.0) / 3000
    found = joint_tail(draws, weights, 0.9)
    assert found == pytest.approx(joint_tail(twice, even(3000), 0.9), rel=0.1)


def test_a_segment_is_claimed_with_its_arm_or_against_all_cells():
    cells = {
        "with": effect(0.1, 0.5, 0.97),
        "against": effect(-0.5, -0.1, 0.03),
        "far": effect(-0.9, -0.5, 0.001),
        "unsure": effect(-0.1, 0.5, 0.9),
    }
    up, unchanged = effect(0.1, 0.3, 0.98), effect(-0.1, 0.3, 0.8)
    assert claimed(cells, dict.fromkeys(cells, up), 0.005) == {"with", "far"}
    assert claimed(cells, dict.fromkeys(cells, unchanged), 0.005) == {"far"}


def test_hillstroms_segments_stay_claimed_where_everybody_moved():
    found = segment_effects(named("visit"), CONTROL, "rate", 0.9)
    assert found.claimed == set(found.cells)


def test_one_segment_that_was_moved_among_many_that_were_not_is_claimed():
    cells = {(str(s), a): of_counts(4000, 400) for s in range(8) for a in (CONTROL, MEN)}
    cells["3", MEN] = of_counts(4000, 520)
    cells["5", MEN] = of_counts(4000, 340)
    found = segment_effects(cells, CONTROL, "rate", 0.9)
    assert not found.totals[MEN].excludes_zero()
    assert found.claimed == {("3", MEN)}
