"""Effect on lifetime value: seen and expected parts apart, with what is extrapolated told."""

import ibis
import numpy as np
import pandas as pd
import pytest

from joren.errors import JorenError
from joren.experiments.ltv_effect import ltv_effect, value_moments
from joren.experiments.period_moments import GroupMoments
from joren.stats.checks import Check


def _moments(seen, expected):
    both = np.column_stack([seen, expected])
    return GroupMoments(len(both), both.sum(0), both.T @ both)


def _arms(seed, n=2000, lift=30.0, carried=60.0):
    rng = np.random.default_rng(seed)
    arms = []
    for treated in (1, 0):
        taste = rng.gamma(1.5, 100, n)
        seen = rng.poisson(taste / 50) * 50.0 + treated * lift
        arms.append(_moments(seen, 2 * taste + treated * carried))
    return arms


def test_sums_come_out_of_the_engine_with_silent_customers_as_zeros():
    assigned = pd.DataFrame({"customer_id": list("abcd"), "arm": ["t", "t", "c", "c"]})
    seen = pd.DataFrame({"customer_id": list("aab"), "value": [10, 5, 7]})
    ltv = pd.DataFrame({"customer_id": list("acx"), "ltv_365d": [100.0, 30.0, 999.0]})

    found = value_moments(*(ibis.memtable(t) for t in (assigned, seen, ltv)))

    expected = _moments([15.0, 7.0], [100.0, 0.0])
    assert found["t"].n == 2
    assert np.array_equal(found["t"].sums, expected.sums)
    assert np.array_equal(found["t"].products, expected.products)
    assert found["c"].sums.tolist() == [0, 30]


def test_the_effect_until_the_horizon_is_the_difference_of_total_value():
    treated, control = _moments([1.0, 3.0, 5.0], [10, 20, 60]), _moments([2.0, 2.0], [10, 14])
    found = ltv_effect(treated, control, 0.0, 0.9)

    total, other = np.array([11.0, 23, 65]), np.array([12.0, 16])
    assert found.seen.effect == pytest.approx(1.0)
    assert found.horizon.effect == pytest.approx(total.mean() - other.mean())
    assert found.horizon.se == pytest.approx(np.sqrt(total.var(ddof=1) / 3 + other.var(ddof=1) / 2))
    assert found.extrapolated == pytest.approx(18 / 19)


def test_planted_effects_are_covered():
    found = [ltv_effect(*_arms(seed), 0.0, 0.9) for seed in range(100)]

    assert sum(e.seen.lower <= 30 <= e.seen.upper for e in found) >= 81  # binomial(100, .9)
    assert sum(e.horizon.lower <= 90 <= e.horizon.upper for e in found) >= 81


def test_a_doubtful_model_widens_only_what_is_extrapolated():
    sure, doubtful = (ltv_effect(*_arms(1), sd, 0.9) for sd in (0.0, 0.5))
    extra = doubtful.horizon.effect - doubtful.seen.effect

    assert doubtful.seen == sure.seen
    assert doubtful.horizon.se**2 - sure.horizon.se**2 == pytest.approx((extra * 0.5) ** 2)


def test_both_parts_name_their_assumption_and_take_the_readouts_grade():
    found = ltv_effect(*_arms(1), 0.1, 0.9)

    assert found.horizon.assumption == "quasi.assumption.surrogate"
    assert found.horizon.grade == "D"
    assert found.horizon.with_checks(Check("srm", "passed", 0.0, 0.5, 4000)).grade == "A"


def test_arms_without_an_effect_extrapolate_nothing():
    same = _moments([1.0, 2.0], [3.0, 4.0])

    assert ltv_effect(same, same, 0.1, 0.9).extrapolated == 0


def test_what_cannot_be_compared_is_refused():
    one, two = _moments([1.0], [1.0]), _moments([1.0, 2.0], [1.0, 2.0])

    with pytest.raises(JorenError, match="fewer than two"):
        ltv_effect(one, two, 0.1, 0.9)
    with pytest.raises(JorenError, match="standard deviation"):
        ltv_effect(two, two, -0.1, 0.9)


def _world(seed):
    """Arms with what was brought before, and without; the campaign adds 30."""
    rng = np.random.default_rng(seed)
    arms, plain = [], []
    for treated in (1, 0):
        taste = rng.gamma(1.5, 100, 2000)
        before = rng.poisson(taste / 20) * 20.0
        seen = rng.poisson(taste / 50) * 50.0 + treated * 30
        both = np.column_stack([seen, 2 * taste, before])
        arms.append(GroupMoments(len(both), both.sum(0), both.T @ both))
        plain.append(_moments(seen, 2 * taste))
    return ltv_effect(*arms, 0.0, 0.9), ltv_effect(*plain, 0.0, 0.9)


def test_what_was_brought_before_narrows_both_effects_and_moves_neither():
    worlds = [_world(seed) for seed in range(100)]

    for found, alone in worlds:
        assert (found.narrowed, alone.narrowed) == ((True, True), (False, False))
        assert found.seen.se < 0.8 * alone.seen.se
        assert found.horizon.se < 0.5 * alone.horizon.se
    assert sum(e.seen.lower <= 30 <= e.seen.upper for e, _ in worlds) >= 81
    assert sum(e.horizon.lower <= 30 <= e.horizon.upper for e, _ in worlds) >= 81


def test_margin_before_is_added_up_in_the_engine_beside_the_others():
    assigned = pd.DataFrame({"customer_id": list("abc"), "arm": ["t", "t", "c"]})
    seen = pd.DataFrame({"customer_id": list("ab"), "value": [10, 7]})
    ltv = pd.DataFrame({"customer_id": list("ac"), "ltv_365d": [100.0, 30.0]})
    past = pd.DataFrame({"customer_id": list("aab"), "value": [1, 2, 4]})
    tables = (ibis.memtable(t) for t in (assigned, seen, ltv))

    found = value_moments(*tables, before=ibis.memtable(past))

    both = np.array([[10.0, 100, 3], [7, 0, 4]])
    assert np.array_equal(found["t"].sums, both.sum(0))
    assert np.array_equal(found["t"].products, both.T @ both)
