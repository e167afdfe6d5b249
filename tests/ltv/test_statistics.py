import numpy as np
import pytest

from joren.errors import JorenError
from joren.ltv.statistics import purchase_statistics, spend_statistics


def test_customers_the_model_cannot_tell_apart_become_one_row():
    unique = purchase_statistics([1, 0, 1, 0], [5, 0, 5, 0], [9, 9, 9, 8])
    assert unique.frequency.tolist() == [0, 0, 1]
    assert unique.age.tolist() == [8, 9, 9]
    assert unique.recency.tolist() == [0, 0, 5]
    assert unique.customers.tolist() == [1, 1, 2]


def test_the_order_of_customers_does_not_matter():
    x, t, age = np.array([1, 0, 3]), np.array([5, 0, 7]), np.array([9, 9, 8])
    shuffled = purchase_statistics(x[[2, 0, 1]], t[[2, 0, 1]], age[[2, 0, 1]])
    ordered = purchase_statistics(x, t, age)
    for name, column in vars(ordered).items():
        np.testing.assert_array_equal(column, getattr(shuffled, name))


def test_median_age_counts_every_customer_and_is_at_least_a_day():
    assert purchase_statistics([0, 0], [0, 0], [10, 30], [1, 5]).median_age() == 30
    assert purchase_statistics([0], [0], [0]).median_age() == 1


def test_spend_of_one_time_buyers_and_of_refunded_customers_is_left_out():
    spends = spend_statistics([0, 1, 2], [9.0, 5.0, -1.0])
    assert (spends.total, spends.mean_spend.tolist()) == (1, [5.0])


@pytest.mark.parametrize("recency", [-1, 11])
def test_a_recency_outside_the_known_time_is_an_error(recency):
    with pytest.raises(JorenError, match="1 customers have a recency outside"):
        purchase_statistics([1], [recency], [10])


def test_nobody_and_nobody_again_are_errors():
    with pytest.raises(JorenError, match="no customer"):
        purchase_statistics([], [], [])
    with pytest.raises(JorenError, match="nobody bought again"):
        spend_statistics([0], [5.0])


def test_a_share_of_the_customers_keeps_the_mean_of_their_gaps():
    some = purchase_statistics([0, 2], [0, 20], [50, 40], [90, 10_000], log_gaps=[0, 30_000])
    fewer = some.thinned(0.2, np.random.default_rng(1))
    assert 1900 < fewer.total < 2150
    assert fewer.log_gaps[-1] == pytest.approx(3 * fewer.customers[-1])
    assert some.thinned(1e-9, np.random.default_rng(1)).total == 1


def test_chosen_rows_keep_their_order():
    some = purchase_statistics([0, 1, 2], [0, 5, 6], [9, 9, 9])
    assert some.rows(np.array([2, 0])).frequency.tolist() == [2, 0]
    assert some.rows(np.array([2, 0])).log_gaps is None
