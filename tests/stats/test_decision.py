from dataclasses import replace

import numpy as np
import pytest

from joren.errors import JorenError
from joren.stats.decision import Stakes, best_test, decide, value_of_testing

STAKES = Stakes(population=50_000, value=1.0, cost=80.0, fixed_cost=200_000.0)


def test_a_decision_is_that_of_a_million_draws():
    found = decide(95.0, 30.0, STAKES, 0.9)
    gain = 50_000 * (np.random.default_rng(1).normal(95, 30, 1_000_000) - 80) - 200_000
    assert found.expected_gain == pytest.approx(550_000)
    assert found.p_loss == pytest.approx((gain < 0).mean(), abs=0.002)
    assert found.expected_loss == pytest.approx(np.maximum(-gain, 0).mean(), rel=0.01)
    assert found.value_of_certainty == pytest.approx(
        np.maximum(gain, 0).mean() - gain.mean(), rel=0.01
    )
    assert found.lower == pytest.approx(np.quantile(gain, 0.05), abs=12_000)
    assert found.roll_out


def test_a_test_is_worth_what_deciding_after_it_brings_more_than_deciding_now():
    rng, n, sd, draws = np.random.default_rng(2), 8000, 900.0, 1_000_000
    found = value_of_testing(95.0, 30.0, replace(STAKES, fixed_cost=0), sd, n, holdout=0.25)
    truth = rng.normal(95, 30, draws)
    test_se = sd * np.sqrt(1 / 6000 + 1 / 2000)
    seen = rng.normal(truth, test_se)
    believed = (seen / test_se**2 + 95 / 30**2) / (1 / test_se**2 + 1 / 30**2)
    brought = 6000 * (truth - 80) + np.where(believed > 80, 42_000 * (truth - 80), 0)
    assert found.net == pytest.approx(brought.mean() - 50_000 * 15, rel=0.05, abs=4000)


def test_a_test_is_never_worth_more_than_certainty_and_a_large_one_nearly_that():
    certain = decide(95.0, 30.0, STAKES, 0.9).value_of_certainty
    worth = [value_of_testing(95.0, 30.0, STAKES, 900.0, n).gross for n in (100, 1000, 50_000)]
    assert worth == sorted(worth)
    assert worth[-1] < certain
    assert value_of_testing(95.0, 30.0, STAKES, 1.0, 50_000).gross == pytest.approx(
        certain, rel=1e-3
    )


def test_what_is_known_for_certain_needs_no_test():
    assert decide(95.0, 0.0, STAKES, 0.9).value_of_certainty == 0
    assert decide(95.0, 0.0, STAKES, 0.9).p_loss == 0
    assert decide(70.0, 0.0, STAKES, 0.9).p_loss == 1
    assert best_test(95.0, 0.0, STAKES, 900.0) is None


def test_the_best_test_is_of_some_customers_only_and_not_worth_it_if_it_costs_too_much():
    found = best_test(85.0, 30.0, STAKES, 900.0)
    assert 100 < found.customers < 50_000
    assert found.net > 0
    assert best_test(85.0, 30.0, STAKES, 900.0, test_cost=1e9) is None


def test_currency_changes_the_amounts_and_no_decision():
    yen = Stakes(50_000, 1.0, 80.0 * 150, 200_000.0 * 150)
    some, same = decide(95.0, 30.0, STAKES, 0.9), decide(95.0 * 150, 30.0 * 150, yen, 0.9)
    assert same.p_loss == pytest.approx(some.p_loss)
    assert same.expected_gain == pytest.approx(150 * some.expected_gain)


@pytest.mark.parametrize(("n", "holdout"), [(0, 0.5), (50_001, 0.5), (100, 0.0)])
def test_a_test_that_cannot_be_made_is_an_error(n, holdout):
    with pytest.raises(JorenError):
        value_of_testing(95.0, 30.0, STAKES, 900.0, n, holdout)
