import ibis
import numpy as np
import pytest
from ibis import _
from scipy.stats import poisson

from joren.engine import connect
from joren.ltv.accuracy import auc, auc_by_group, gini, mean_of, pit_distance, share


def customers(scores, came):
    rows = [{"score": float(s), "came": bool(c)} for s, c in zip(scores, came, strict=True)]
    return connect().create_table("customers", ibis.memtable(rows).to_pyarrow())


def test_auc_counts_pairs_and_halves_ties():
    # pairs: (3 beats 1), (3 beats 2), (2 beats 1), (2 ties 2)
    assert auc(customers([3, 2, 2, 1], [1, 1, 0, 0]), "score", "came", 0.9).value == 3.5 / 4


def test_a_perfect_and_a_reversed_ranking():
    assert auc(customers([1, 2, 3, 4], [0, 0, 1, 1]), "score", "came", 0.9).value == 1
    assert auc(customers([4, 3, 2, 1], [0, 0, 1, 1]), "score", "came", 0.9).value == 0


def test_the_interval_of_auc_is_hanley_and_mcneil():
    # A = 0.5 with 2 and 2: Q1 = Q2 = 1/3, variance (0.25 + 2·(1/3 − 0.25)) / 4
    measure = auc(customers([1, 1, 1, 1], [1, 1, 0, 0]), "score", "came", 0.9)
    half = 1.6448536 * ((0.25 + 2 * (1 / 3 - 0.25)) / 4) ** 0.5
    assert measure.value == 0.5
    assert measure.lower == pytest.approx(max(0.5 - half, 0))
    assert measure.n == 4


def test_auc_without_both_outcomes_is_not_a_number():
    measure = auc(customers([1, 2], [1, 1]), "score", "came", 0.9)
    assert measure.value != measure.value
    assert measure.lower is None


def spenders(scores, spent):
    rows = [{"score": float(s), "spent": float(v)} for s, v in zip(scores, spent, strict=True)]
    return connect().create_table("spenders", ibis.memtable(rows).to_pyarrow())


def test_gini_is_one_in_the_right_order_and_minus_one_in_the_reverse():
    assert gini(spenders([1, 2, 3, 4], [0, 5, 9, 20]), "score", "spent", 0.9).value == 1
    assert gini(spenders([4, 3, 2, 1], [0, 5, 9, 20]), "score", "spent", 0.9).value == -1
    assert gini(spenders([1, 1, 1, 1], [0, 5, 9, 20]), "score", "spent", 0.9).value == 0


def test_gini_is_the_share_of_the_areas_under_the_lorenz_curves():
    # Σ spend · (rank − 2.5), by score over by spend
    found = gini(spenders([1, 2, 3, 4], [0, 9, 5, 20]), "score", "spent", 0.9)
    assert found.value == pytest.approx((-4.5 + 2.5 + 30) / (-2.5 + 4.5 + 30))


def test_the_interval_of_gini_is_that_of_repeated_samples():
    rng = np.random.default_rng(1)
    rate = rng.gamma(0.5, 2, (60, 400))
    found = [gini(spenders(r, rng.poisson(r)), "score", "spent", 0.9) for r in rate]
    half = np.mean([m.upper - m.value for m in found])
    assert half == pytest.approx(1.645 * np.std([m.value for m in found]), rel=0.25)


def test_gini_of_nothing_spent_is_not_a_number():
    assert gini(spenders([1, 2], [0, 0]), "score", "spent", 0.9).lower is None


def test_a_mean_error_has_the_interval_of_the_central_limit_theorem():
    measure = mean_of(customers([1, 3], [1, 1]), (_.score - 0).abs(), 0.9)
    assert (measure.value, measure.n) == (2, 2)
    assert measure.upper - measure.value == pytest.approx(1.6448536 / 2**0.5)


def test_a_share_stays_within_zero_and_one():
    assert share(0, 20, 0.9).lower == 0
    assert share(20, 20, 0.9).upper == 1
    half = share(10, 20, 0.9)
    assert half.lower < 0.5 < half.upper
    assert half.lower == pytest.approx(1 - half.upper)


def test_auc_within_groups_is_that_of_each_alone():
    rows = customers([3, 2, 2, 1], [1, 1, 0, 0])
    halves = rows.mutate(group_name=(_.score > 1.5).ifelse("high", "low"))
    found = auc_by_group(halves, "group_name", "score", "came", 0.9)
    assert found["high"].value == 0.75
    assert found["low"].lower is None


def test_counts_drawn_from_their_distribution_have_a_uniform_pit():
    rng = np.random.default_rng(3)
    rate = rng.gamma(0.5, 1, 40_000)
    n = rng.poisson(rate)
    below, up_to = poisson.cdf(n - 1, rate), poisson.cdf(n, rate)
    assert pit_distance(below, up_to, np.ones(len(n))) < 1.63 / len(n) ** 0.5


def test_pit_distance_is_that_of_the_mean_of_the_ramps():
    # half of the outcomes fill 0…0.5, the other half 0…1: F(0.5) = 0.75
    halves = np.array([0.0, 0.0]), np.array([0.5, 1.0])
    assert pit_distance(*halves, np.array([1.0, 1.0])) == pytest.approx(0.25)
    assert pit_distance(*halves, np.array([3.0, 1.0])) == pytest.approx(0.375)
    certain = np.array([0.2]), np.array([0.2])
    assert pit_distance(*certain, np.array([1.0])) == pytest.approx(0.8, abs=1e-6)
