"""A claimed effect must stand out among units where nothing was done."""

from dataclasses import replace

from tests.experiments.quasi_worlds import stores

from joren.experiments.checks.placebo_space import placebo_space
from joren.experiments.synthetic_control import Series, synthetic_control


def _world(seed, **how):
    treated, donors = stores(seed, **how)
    return Series(treated, donors, tuple(map(str, range(donors.shape[1]))), 40)


def test_a_large_effect_ranks_first_and_passes():
    world = _world(1, effect=200.0)
    check = placebo_space(world, synthetic_control(world, 0.9))

    assert (check.outcome, check.p_value) == ("passed", 1 / 21)


def test_a_claim_that_does_not_stand_out_fails():
    world = _world(1, effect=0.0)
    bold = replace(synthetic_control(world, 0.9), lower=1.0, upper=2.0)

    assert placebo_space(world, bold).outcome == "failed"


def test_no_claim_needs_no_standing_out():
    world = _world(1, effect=0.0)
    modest = replace(synthetic_control(world, 0.9), lower=-1.0, upper=2.0)

    assert placebo_space(world, modest).passed


def test_ranks_without_an_effect_are_spread_out():
    ranks = []
    for seed in range(30):
        world = _world(seed, effect=0.0)
        ranks.append(placebo_space(world, synthetic_control(world, 0.9)).p_value)

    assert sum(p <= 0.1 for p in ranks) <= 8
    assert sum(p > 0.5 for p in ranks) >= 6


def test_too_few_units_give_no_rank():
    world = _world(1, donors=8)

    assert placebo_space(world, synthetic_control(world, 0.9)).outcome == "undecided"
