from math import log, sqrt

import pytest
from scipy.stats import norm
from tests.stats.hillstrom import CONTROL, MEN, arm
from tests.stats.looks import claims

from joren.errors import JorenError
from joren.stats.effects import mean_effect
from joren.stats.moments import Moments
from joren.stats.sequential import quantile, sequential_effect


def test_twenty_looks_at_a_campaign_without_effect_claim_one_in_five_percent_at_most():
    found = claims("conversion", 400, 0.95, seed=5)
    assert found["sequence"] <= 0.05 + 0.02  # binomial noise of 400 runs
    assert 0.17 <= found["fixed"] <= 0.31


def test_the_width_is_that_of_the_theorem():
    n, alpha, tuned = 700, 0.05, 1000
    rho2 = (-2 * log(alpha) + log(-2 * log(alpha) + 1)) / tuned
    half = sqrt(2 * (n * rho2 + 1) / (n**2 * rho2) * log(sqrt(n * rho2 + 1) / alpha))
    assert quantile(n, 0.95, tuned) / sqrt(n) == pytest.approx(half)


def test_no_other_tuning_is_much_shorter_at_the_size_tuned_for_and_all_are_wider_than_one_look():
    own = quantile(10_000, 0.9, 10_000)
    assert own < 1.001 * min(quantile(10_000, 0.9, other) for other in range(1000, 40_000, 500))
    assert min(quantile(n, 0.9, 10_000) for n in range(100, 50_000, 100)) > norm.ppf(0.95)


def test_hillstroms_mail_is_still_shown_to_work_and_its_chances_are_not_watched():
    treated, control = arm(MEN, "spend"), arm(CONTROL, "spend")
    plain = mean_effect(treated, control, 0.9)
    found = sequential_effect(plain, control, 0.9, 42_613)
    assert found.absolute.value == plain.absolute.value
    assert 0 < found.absolute.lower < plain.absolute.lower
    assert 0 < found.relative.lower < plain.relative.lower
    assert found.p_better is None


def test_an_effect_without_interval_gets_none():
    plain = mean_effect(Moments(5), Moments(5), 0.9)
    assert sequential_effect(plain, Moments(5), 0.9, 10).absolute.lower is None


def test_a_sequence_of_nobody_is_an_error():
    with pytest.raises(JorenError):
        quantile(0, 0.9, 100)
