"""A model of each arm: its values add up to its forecast and vary as the forecast would."""

from __future__ import annotations

import numpy as np
import pytest
from tests.ltv.calibrate_arms import AHEAD, SEEN, WAYS, Found, calibrate, customers

from joren.ltv.arm_models import arm_posteriors, compare, forecast_arms
from joren.ltv.mbg_nbd import MBG_NBD
from joren.ltv.statistics import purchase_statistics


def arms(seed: int, n: int, lift: float):
    rng, found = np.random.default_rng(seed), []
    for factor in (lift, 1.0):
        counts, last = customers(rng, n, factor, SEEN)
        found.append(purchase_statistics(counts[0], last, np.full(n, SEEN)))
    return found


@pytest.fixture(scope="module")
def forecasts():
    groups = arms(1, 2000, 2.0)
    posteriors = arm_posteriors(MBG_NBD, groups, 2000, 1)
    return forecast_arms(MBG_NBD, groups, posteriors, AHEAD, 0.1)


def test_arms_resemble_each_other_more_than_fits_apart_and_weights_can_be_trusted():
    groups = arms(2, 300, 3.0)
    together = arm_posteriors(MBG_NBD, groups, 2000, 1)
    alone = [arm_posteriors(MBG_NBD, [group], 2000, 1)[0] for group in groups]
    gaps = [abs(np.log(of[0].mean()[1] / of[1].mean()[1])) for of in (together, alone)]
    assert gaps[0] < gaps[1]
    assert all(posterior.problems() == [] for posterior in together)


def test_values_average_to_what_the_arm_is_expected_to_bring(forecasts):
    treated, control = forecasts
    pair = compare(treated, control, (300.0, 200.0))
    for arm, values, money in ((treated, pair.treated, 300.0), (control, pair.control, 200.0)):
        mean = arm.purchases.customers @ values / arm.purchases.total
        assert mean == pytest.approx(money * arm.mean.mean(), rel=1e-6)
    assert treated.mean.mean() > control.mean.mean()


def test_values_hold_what_customers_teach_of_the_parameters(forecasts):
    treated, control = forecasts
    pair = compare(treated, control, (1.0, 1.0))
    spread = [
        arm.purchases.customers @ (of - (arm.purchases.customers @ of) / arm.purchases.total) ** 2
        for arm, of in ((treated, treated.each), (treated, pair.treated))
    ]
    assert spread[1] > spread[0]  # who buys more is expected to, and moves the parameters so
    assert 0 <= pair.prior_sd**2 < spread[1] / treated.purchases.total**2


def test_intervals_hold_planted_effects_and_learning_arms_need_shorter_ones_than_those_apart():
    found = {one.way: one for one in calibrate(seeds=12, n=600, lift=1.3)}
    assert list(found) == list(WAYS)
    assert found["learning"].held >= 8  # binomial(12, .9) is below in one of 2,000
    assert found["apart"].held >= 8
    assert found["learning"].width < found["apart"].width


def test_too_few_intervals_that_hold_are_off():
    facts = (1.0, 0.0, 0.0, 0.1, 0.4)
    assert Found("apart", *facts, held=80, seeds=100).is_off()
    assert not Found("apart", *facts, held=84, seeds=100).is_off()
    assert not Found("one model", *facts, held=50, seeds=100).is_off()
