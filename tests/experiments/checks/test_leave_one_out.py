"""A result that one donor makes is seen by leaving that donor out."""

import numpy as np
from tests.experiments.quasi_worlds import stores

from joren.experiments.checks.leave_one_out import leave_one_out
from joren.experiments.synthetic_control import Series, synthetic_control


def _world(seed, **how):
    treated, donors = stores(seed, **how)
    return Series(treated, donors, tuple(map(str, range(donors.shape[1]))), 40)


def _check(world):
    return leave_one_out(world, synthetic_control(world, 0.9))


def test_a_donor_that_was_hit_itself_fails():
    rng = np.random.default_rng(2)
    # like the treated unit before, and closed for a while after: all weight, and no witness
    twin = rng.normal(1000, 20, 48)
    donors = 1000 + rng.normal(0, 20, (48, 12))
    treated = twin + rng.normal(0, 4, 48)
    donors[:, 0] = twin
    donors[40:, 0] -= 300

    assert _check(Series(treated, donors, tuple("abcdefghijkl"), 40)).outcome == "failed"


def test_a_result_carried_by_many_seldom_fails():
    assert sum(_check(_world(seed)).outcome == "failed" for seed in range(20)) <= 3


def test_with_three_donors_none_can_be_left_out():
    assert _check(_world(1, donors=3)).outcome == "undecided"
