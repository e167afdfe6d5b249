import numpy as np
import pytest
from tests.routes.calibrate_routes import as_journeys, chains, shifted, split_in_two

from joren.routes.compare import compare_groups, compare_periods


def test_two_halves_of_the_same_customers_are_seldom_told_apart_but_always_by_a_g_test():
    flags = np.array([split_in_two(seed) for seed in range(200)])

    assert flags[:, 0].mean() <= 0.075
    assert flags[:, 1].mean() >= 0.95


def test_a_planted_shift_of_one_edge_is_found_and_its_intervals_hold():
    found = np.array([shifted(seed) for seed in range(12)]).mean(0)

    assert found[0] >= 0.9
    assert found[1] >= 0.80


def test_differences_are_those_of_the_probabilities():
    counts = np.zeros((4, 4))
    counts[0, :2], counts[1, :2] = (1, 3), (1, 1)  # a → a and a → b of one side
    counts[2, :2], counts[3, :2] = (4, 0), (2, 2)
    found = compare_groups(as_journeys(counts), np.array([0, 0, 1, 1]), 0.9, 1, permutations=19)[0]

    assert found.value[0] == pytest.approx(2 / 6)
    assert found.other[0] == pytest.approx(6 / 8)
    assert found.difference[:2] == pytest.approx([2 / 6 - 6 / 8, 6 / 8 - 2 / 6])
    assert (found.lower <= found.difference).all() and (found.difference <= found.upper).all()


def test_labels_stay_within_their_strata():
    # all that differs is the stratum; exchanged within it, nothing does
    rng = np.random.default_rng(2)
    strata = np.repeat([0, 1], 100)
    side = np.where(rng.random(200) < np.where(strata == 0, 0.8, 0.2), 0, 1)
    counts = np.zeros((200, 4))
    counts[:, 0] = rng.poisson(1 + 4 * strata)
    counts[:, 1] = 1
    journeys = as_journeys(counts)
    free = compare_groups(journeys, side, 0.9, 3, permutations=199, per_customer=True)[0]
    held = compare_groups(
        journeys, side, 0.9, 3, strata=strata, permutations=199, per_customer=True
    )[0]

    assert free.smallest_p <= 0.01
    assert held.smallest_p > 0.05


def test_periods_of_the_same_customers_are_told_apart_where_they_differ():
    rng = np.random.default_rng(5)
    base = rng.dirichlet(np.ones(5), 5)
    moved = base.copy()
    moved[1] *= 0.7
    moved[1, 2] += 0.3
    before, same, now = (as_journeys(chains(rng, world, 300)) for world in (base, base, moved))

    assert compare_periods(same, before, 0.9, 1, 199).smallest_p > 0.05
    assert compare_periods(now, before, 0.9, 1, 199).p[1 * 5 + 2] <= 0.01


def test_the_same_seed_gives_the_same_p_and_a_larger_score_no_larger_q():
    rng = np.random.default_rng(8)
    journeys = as_journeys(chains(rng, rng.dirichlet(np.ones(4), 4), 80))
    side = np.repeat([0, 1], 40)
    one, two = (compare_groups(journeys, side, 0.9, 9, permutations=99)[0] for _ in range(2))

    assert one.p.tolist() == two.p.tolist() and one.q.tolist() == two.q.tolist()
    order = np.argsort(-np.abs(one.score))
    assert (np.diff(one.q[order]) >= 0).all()
    assert (np.diff(one.p[order]) >= 0).all()
