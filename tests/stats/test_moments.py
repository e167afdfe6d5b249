from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joren.stats.moments import Moments, from_record, merged, of_counts

AMOUNTS = st.lists(st.integers(-10_000_000, 10_000_000), min_size=2, max_size=20)


def whole(values: list[int]) -> Moments:
    plus = [v for v in values if v > 0]
    return Moments(
        len(values), sum(values), sum(v * v for v in values), len(plus), sum(plus), float(len(plus))
    )


@given(AMOUNTS, AMOUNTS)
def test_merged_groups_are_the_group_of_all_customers_exactly(left, right):
    assert whole(left) + whole(right) == whole(left + right) == merged([whole(left), whole(right)])


def test_a_variance_keeps_its_digits_where_amounts_are_large_and_alike():
    a, b = 10**17, 10**17 + 2
    assert Moments(2, a + b, a * a + b * b).variance() == 2.0


def test_decimals_stay_exact_and_mix_with_whole_numbers_and_floats():
    cents = Moments(2, Decimal("0.30"), Decimal("0.05"))
    assert (cents + Moments(1, 1, 1)).total == Decimal("1.30")
    assert (cents + Moments(1, 0.5, 0.25)).total == pytest.approx(0.8)
    assert cents.mean() == 0.15


def test_records_come_back_as_they_went_and_nulls_of_empty_groups_are_nothing():
    m = Moments(3, Decimal("9.50"), Decimal("40.25"), 2, Decimal("9.50"), 2.5, 7, 21, 30)
    assert from_record(m.record() | {"campaign_id": "c1"}) == m
    assert from_record({"n": 0, "total": None, "squares": None}) == Moments(0)


def test_covariance_and_variance_are_those_of_the_rows():
    x, y = [0, 3, 5, 0], [1, 2, 6, 3]
    m = Moments(4, 8, 34, 2, 8, 0.0, 12, 50, sum(a * b for a, b in zip(x, y, strict=True)))
    assert m.variance() == pytest.approx(6.0)
    assert m.covariate_variance() == pytest.approx(14 / 3)
    assert m.covariance() == pytest.approx(4.0)
    assert m.covariate_mean() == 3.0


def test_negative_outcomes_are_told_from_outcomes_that_are_nothing_or_positive():
    assert Moments(3, 5, 25, 1, 5, 1.6).only_positive_or_nothing()
    assert not Moments(3, 3, 29, 1, 5, 1.6).only_positive_or_nothing()
    assert Moments(3).only_positive_or_nothing()


def test_counts_are_moments_of_ones_and_nobody_has_no_mean():
    assert of_counts(10, 3).mean() == 0.3
    assert of_counts(10, 3).variance() == pytest.approx(0.3 * 0.7 * 10 / 9)
    assert Moments(0).mean() != Moments(0).mean()
    assert Moments(1, 5, 25).variance() != Moments(1, 5, 25).variance()
