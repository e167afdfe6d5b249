from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.stats.hillstrom import CONTROL, MEN, SIZES, WOMEN, arm, customers, moments

from joren.stats.effects import mean_effect, rate_effect, relative_interval
from joren.stats.moments import Moments, of_counts


@pytest.mark.parametrize(
    ("name", "lift", "se"), [(MEN, 0.769827156, 0.145246560), (WOMEN, 0.424412216, 0.130332859)]
)
def test_the_spend_lift_of_hillstroms_mails_is_the_published_one(name, lift, se):
    found = mean_effect(arm(name, "spend"), arm(CONTROL, "spend"), 0.95)
    assert found.absolute.value == pytest.approx(lift, abs=1e-9)
    assert found.absolute.se == pytest.approx(se, abs=1e-9)
    assert (found.n, found.n_control) == (SIZES[name], SIZES[CONTROL])
    assert found.p_better > 0.999
    assert found.excludes_zero()


@pytest.mark.parametrize(("name", "lift"), [(MEN, 0.006805007), (WOMEN, 0.003111058)])
def test_the_conversion_lift_of_hillstroms_mails_is_the_published_one(name, lift):
    found = rate_effect(arm(name, "conversion"), arm(CONTROL, "conversion"), 0.95)
    assert found.absolute.value == pytest.approx(lift, abs=1e-9)
    assert found.method == "unpooled"
    assert found.mean_control == pytest.approx(122 / 21306)


def test_the_interval_of_a_mean_is_that_of_welchs_test():
    rng = np.random.default_rng(1)
    a, b = rng.gamma(2, 3, 12), rng.gamma(2, 2, 30)
    found = mean_effect(moments(pd.Series(a)), moments(pd.Series(b)), 0.9)
    test = stats.ttest_ind(a, b, equal_var=False)
    interval = test.confidence_interval(0.9)
    assert found.absolute.lower == pytest.approx(interval.low)
    assert found.absolute.upper == pytest.approx(interval.high)
    assert found.p_better == pytest.approx(1 - test.pvalue / 2)


def test_money_in_yen_leaves_every_relative_result_unchanged():
    c = customers()
    arms = [c.spend[c.segment == name] for name in (MEN, CONTROL)]
    dollars = mean_effect(*(moments(x) for x in arms), 0.9)
    yen = mean_effect(*(moments(x * 150) for x in arms), 0.9)
    assert yen.absolute.value == pytest.approx(150 * dollars.absolute.value)
    assert yen.p_better == pytest.approx(dollars.p_better)
    for bound in ("value", "lower", "upper", "se"):
        assert getattr(yen.relative, bound) == pytest.approx(getattr(dollars.relative, bound))


@pytest.mark.parametrize("lift", [0.5, 0.75, 0.9, 1.1])
def test_the_relative_interval_excludes_zero_when_the_absolute_one_does(lift):
    control = Moments(400, 400, 3000, 120, 400, 0.0)
    found = mean_effect(replace(control, total=400 * (1 + lift), squares=5000), control, 0.95)
    assert (found.relative.lower > 0) == (found.absolute.lower > 0)
    assert found.relative.lower < found.relative.value < found.relative.upper


def test_a_control_that_cannot_be_told_from_zero_gives_no_relative_bounds():
    assert relative_interval(1.0, 0.1, 0.04, 0.04, 1.645).lower is None
    assert relative_interval(1.0, 0.0, 0.04, 0.04, 1.645) is None
    assert relative_interval(1.0, -3.0, 0.04, 0.04, 1.645) is None


def test_rare_answers_have_the_difference_of_beta_posteriors():
    found = rate_effect(of_counts(200, 9), of_counts(180, 2), 0.9)
    assert found.method == "beta"
    rng = np.random.default_rng(3)
    a, b = rng.beta(9.5, 191.5, 400_000), rng.beta(2.5, 178.5, 400_000)
    low, high = np.quantile(a - b, [0.05, 0.95])
    assert found.absolute.lower == pytest.approx(low, abs=2e-4)
    assert found.absolute.upper == pytest.approx(high, abs=2e-4)
    assert found.p_better == pytest.approx((a > b).mean(), abs=2e-3)
    low, high = np.quantile(a / b - 1, [0.05, 0.95])
    assert found.relative.lower == pytest.approx(low, abs=0.02)
    assert found.relative.upper == pytest.approx(high, rel=0.02)


def test_nobody_who_answered_still_has_an_interval():
    found = rate_effect(of_counts(50, 0), of_counts(40, 0), 0.9)
    assert found.absolute.value == 0
    assert found.absolute.lower < 0 < found.absolute.upper
    assert found.relative is None
    assert 0.3 < found.p_better < 0.7


@pytest.mark.parametrize(
    ("treated", "control"),
    [
        (Moments(1, 5, 25), Moments(9, 5, 25)),
        (Moments(9), Moments(9)),
        (Moments(0), Moments(9, 5, 25)),
    ],
)
def test_an_arm_that_cannot_vary_has_no_interval(treated, control):
    found = mean_effect(treated, control, 0.9)
    assert found.absolute.lower is None
    assert found.p_better is None
    assert not found.excludes_zero()


@pytest.mark.parametrize("rate", [0.004, 0.3])
def test_intervals_of_rates_hold_the_truth_as_often_as_they_say(rate):
    rng, n, held = np.random.default_rng(7), 1500, 0
    for _ in range(300):
        treated, control = (of_counts(n, int(rng.binomial(n, r))) for r in (rate * 1.3, rate))
        interval = rate_effect(treated, control, 0.9).absolute
        held += interval.lower <= 0.3 * rate <= interval.upper
    assert 0.85 <= held / 300 <= 0.95
