"""Lines make up their order's amount."""

from __future__ import annotations

import numpy as np

from joren.simulate.baskets import LOWEST_UNIT, fill_baskets, fill_parcels
from joren.simulate.catalogue import COURSES, GOODS, RUNGS


def test_lines_make_up_the_amount_wanted_to_the_rounding():
    n = 30_000
    rng = np.random.default_rng(1)
    goods = rng.gamma(4, 900, n)
    favourite = rng.integers(0, 6, n)
    lines = fill_baskets(rng, favourite, goods)
    total = np.bincount(lines.order, lines.amount)
    # half of ten yen for each pack, and the lowest unit price of a line that got too little
    slack = np.bincount(lines.order, lines.quantity * (5 + LOWEST_UNIT * (lines.unit_price == 110)))
    assert (np.abs(total - goods) <= slack).all()
    assert abs(total.mean() / goods.mean() - 1) < 0.01
    np.testing.assert_array_equal(lines.total(8, n) + lines.total(10, n), total)


def test_lines_are_numbered_and_unit_prices_are_in_tens():
    rng = np.random.default_rng(2)
    lines = fill_baskets(rng, np.zeros(5_000, dtype=int), rng.gamma(4, 900, 5_000))
    first = np.diff(lines.order, prepend=-1) != 0
    assert (lines.line_no[first] == 1).all()
    assert (np.diff(lines.line_no)[~first[1:]] == 1).all()
    assert lines.line_no.max() == 3
    assert (lines.unit_price % 10 == 0).all()
    assert lines.unit_price.min() >= LOWEST_UNIT
    assert set(lines.quantity) == {1, 2, 3}


def test_most_lines_are_of_the_favourite_category():
    rng = np.random.default_rng(3)
    lines = fill_baskets(rng, np.full(5_000, 4), np.full(5_000, 3_000.0))
    category = (lines.product_no - 1) // RUNGS
    assert 0.6 < (category == 4).mean() < 0.75
    assert (lines.tax_rate[category == 4] == 10).all()
    assert (lines.tax_rate[category == 0] == 8).all()


def test_parcels_hold_the_course_at_its_price():
    lines = fill_parcels(np.array([1, 0]), np.array([2, 1]))
    assert lines.product_no.tolist() == [GOODS + 2, GOODS + 1]
    assert lines.amount.tolist() == [2 * COURSES[1].price, COURSES[0].price]
