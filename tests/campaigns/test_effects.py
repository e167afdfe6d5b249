from datetime import date

import pytest

from joren.campaigns.effects import before_after, better_way, effect_of
from joren.campaigns.metrics import METRICS
from joren.campaigns.outcomes import BEFORE_DAYS, Window
from joren.stats.cuped import explain
from joren.stats.effects import mean_effect, rate_effect
from joren.stats.moments import Moments, of_counts

WINDOW = Window("C1", "readout", date(2026, 2, 1), date(2026, 2, 1), date(2026, 3, 3))


def rows(pairs: list[tuple[float, float]]) -> Moments:
    """Moments of customers with an outcome and what is known from before."""
    x, y = zip(*pairs, strict=True)
    up = [v for v in x if v > 0]
    return Moments(
        len(x), sum(x), sum(v * v for v in x), len(up), sum(up), 0.0, sum(y),
        sum(v * v for v in y), sum(a * b for a, b in pairs),
    )  # fmt: skip


def test_shares_are_compared_as_shares_and_money_as_means():
    some, fewer = of_counts(1000, 120), of_counts(1000, 100)
    assert effect_of(METRICS["response_rate"], some, fewer, None, 0.9) == rate_effect(
        some, fewer, 0.9
    )
    money = rows([(i % 7 * 100, 0) for i in range(50)])
    less = rows([(i % 5 * 100, 0) for i in range(50)])
    assert effect_of(METRICS["revenue"], money, less, None, 0.9) == mean_effect(money, less, 0.9)


def test_past_behaviour_takes_noise_off_where_it_explains_something():
    one = rows([(10 * i + i % 3, i) for i in range(40)])
    other = rows([(10 * i + i % 4, i) for i in range(40)])
    found = explain([one, other], 0.9)
    adjusted = effect_of(METRICS["orders"], one, other, found, 0.9)
    plain = mean_effect(one, other, 0.9)
    assert adjusted.method == "cuped"
    assert adjusted.absolute.se < plain.absolute.se / 20


def test_a_rare_answer_is_read_exactly_and_not_adjusted():
    one, other = of_counts(300, 4), of_counts(300, 2)
    found = explain([rows([(i, i) for i in range(40)])], 0.9)
    assert effect_of(METRICS["response_rate"], one, other, found, 0.9).method == "beta"


def test_where_fewer_is_better_the_chance_of_better_is_of_fewer():
    some, fewer = of_counts(1000, 320), of_counts(1000, 400)
    effect = effect_of(METRICS["lapse_rate"], some, fewer, None, 0.9)
    assert effect.absolute.value == pytest.approx(-0.08)
    assert effect.p_better > 0.99
    plain = rate_effect(some, fewer, 0.9)
    assert better_way(METRICS["response_rate"], plain) == plain


def test_a_basket_is_the_ratio_of_means_with_the_delta_methods_error():
    # revenue and orders of each customer; 1,400 / 4 = 350 against 900 / 3 = 300
    one = rows([(800, 2), (600, 2), (0, 0)])
    other = rows([(500, 2), (400, 1), (0, 0)])
    effect = effect_of(METRICS["average_basket"], one, other, None, 0.9)
    assert (effect.mean, effect.mean_control) == pytest.approx((350, 300))
    # residuals 800 − 350·2 and so on; Σ e² / (n − 1) / n / mean orders²
    spread = ((100**2 + 100**2) / 2 / 3) / (4 / 3) ** 2
    control = ((100**2 + 100**2) / 2 / 3) / 1**2
    assert effect.absolute.se == pytest.approx((spread + control) ** 0.5)
    assert effect.method == "ratio"


def test_a_basket_of_nobody_has_no_interval():
    effect = effect_of(
        METRICS["average_basket"], rows([(0, 0), (0, 0)]), rows([(5, 1), (9, 1)]), None, 0.9
    )
    assert (effect.absolute.lower, effect.p_better) == (None, None)


def test_before_and_after_is_at_the_same_pace():
    per_day = BEFORE_DAYS / (WINDOW.until - WINDOW.begin).days
    steady = rows([(i, i * per_day) for i in range(10)])
    effect = before_after(METRICS["orders"], steady, WINDOW, 0.9)
    assert effect.absolute.value == pytest.approx(0, abs=1e-12)
    assert (effect.n_control, effect.method, effect.p_better) == (0, "before_after", None)
    assert before_after(METRICS["ltv"], steady, WINDOW, 0.9) is None
    assert before_after(METRICS["average_basket"], steady, WINDOW, 0.9) is None
