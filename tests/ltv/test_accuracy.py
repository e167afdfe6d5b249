import ibis
import pytest
from ibis import _

from joren.engine import connect
from joren.ltv.accuracy import auc, mean_of, share


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
