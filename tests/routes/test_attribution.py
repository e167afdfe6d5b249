import numpy as np
import pyarrow as pa
import pytest
from tests.routes.conftest import touch_rows
from tests.routes.published import CONVERTED, JOURNEYS, NAMES, counts

from joren.routes.attribution import attribute, expected_steps, with_weights
from joren.routes.chain import Counts, count, memories

# removal effects of the R package ChannelAttribution at order 1
PUBLISHED = {
    "alpha": 0.558399, "beta": 0.264039, "delta": 0.000482, "epsilon": 0.062639, "eta": 0.349026,
    "gamma": 0.017880, "iota": 0.405835, "kappa": 0.028663, "lambda": 0.134022, "mi": 0.000180,
    "theta": 0.206010, "zeta": 0.039811,
}  # fmt: skip


def test_published_removal_effects_at_order_one():
    credit = attribute(counts().at_order(1))
    assert dict(zip(NAMES, credit.effect.round(6), strict=True)) == PUBLISHED


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("largest_dense", [300, 0])
def test_the_base_rate_is_the_observed_one_at_every_order(order, largest_dense):
    credit = attribute(counts().at_order(order), largest_dense=largest_dense)
    assert credit.rate == pytest.approx(CONVERTED / JOURNEYS, abs=1e-9)


@pytest.mark.parametrize("order", [1, 2])
def test_iteration_gives_the_numbers_of_the_inverse(order):
    dense = attribute(counts().at_order(order))
    iterated = attribute(counts().at_order(order), largest_dense=0)

    np.testing.assert_allclose(iterated.effect, dense.effect, atol=1e-10)
    np.testing.assert_allclose(iterated.effect_value, dense.effect_value, atol=1e-10)


def test_the_textbook_example(rows):
    # C1 > C2 > C3 converts; C1 and C2 > C3 do not
    given = rows(
        touch_rows(("A", "abc", 1, 10), ("B", "a", 0, 0), ("C", "bc", 0, 0)),
        value=pa.decimal128(18, 4),
    )
    credit = attribute(count(memories(given, 3, 1), 3, 1))
    np.testing.assert_allclose(credit.effect, [0.5, 1, 1])
    np.testing.assert_allclose(credit.share, [0.2, 0.4, 0.4])


@pytest.mark.parametrize(("start", "steps"), [(1, 3), (2, 4), (3, 3)])
def test_the_drunkards_walk_on_five_points(start, steps):
    # absorbed at 0 and 4: t = (3, 4, 3) and a chance of start / 4 to come home (Grinstead & Snell,
    # Introduction to Probability, ch. 11.2)
    grams = np.array([start, 1 * 4 + 2, 2 * 4 + 1, 2 * 4 + 3, 3 * 4 + 2])
    ends, home = np.array([1, 3]), np.array([0.0, 1.0])
    walk = Counts(1, 3, np.sort(grams), np.ones(5), ends, home, 1 - home, np.zeros(2), np.zeros(2))
    assert attribute(walk).rate == pytest.approx(start / 4)
    assert expected_steps(walk)[0] == pytest.approx(steps)


def test_journeys_still_open_change_what_follows_but_not_how_it_ends(rows):
    closed = [("A", "ab", 1, 1), ("B", "a", 0, 0)]
    opened = [*closed, ("C", "ab", -1, 0), ("D", "ab", -1, 0)]
    rates = [
        attribute(
            count(memories(rows(touch_rows(*j), value=pa.decimal128(18, 4)), 2, 1), 2, 1)
        ).rate
        for j in (closed, opened)
    ]
    # a: half end there; with two more on to b, one in four does; all ends after b convert
    assert rates == pytest.approx([0.5, 0.75])


def test_a_chain_without_conversions_credits_nothing():
    none = counts().at_order(1)
    zero = np.zeros(len(none.ends))
    credit = attribute(with_weights(none, none.weight, zero, none.null + none.converted, zero))

    assert credit.rate == 0
    assert not credit.share.any()


def test_value_follows_where_it_was_earned(rows):
    given = rows(touch_rows(("A", "a", 1, 90), ("B", "b", 1, 10)), value=pa.decimal128(18, 4))
    credit = attribute(count(memories(given, 2, 1), 2, 1))

    np.testing.assert_allclose(credit.share, [0.5, 0.5])
    np.testing.assert_allclose(credit.share_value, [0.9, 0.1])
