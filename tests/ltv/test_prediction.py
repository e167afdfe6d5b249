import numpy as np
import pytest

from joren.errors import JorenError
from joren.ltv.prediction import forecast_orders, order_intervals, totals_by_group
from joren.ltv.statistics import purchase_statistics

DRAWS = np.array([[0.243, 30.9, 0.793, 2.426], [0.3, 40.0, 0.6, 2.0]])


def test_a_year_is_more_than_a_quarter_and_moments_are_consistent():
    customers = purchase_statistics([0, 1, 1, 9], [0, 5, 90, 300], [100, 100, 100, 310])
    f = forecast_orders(customers, DRAWS, [90, 365], 0.1)
    assert (f.mean[:, 1] > f.mean[:, 0]).all()
    assert (f.square >= f.mean_square).all()
    assert (f.mean_square >= f.mean**2).all()
    assert ((f.p_order > 0) & (f.p_order < 1) & (f.p_order <= f.mean)).all()
    # ordered by frequency, T, recency: the later last order is the likelier to be alive
    assert f.p_alive[0] == 1
    assert f.p_alive[2] > f.p_alive[1]


def test_draws_are_averaged_not_the_parameters():
    customers = purchase_statistics([2], [50], [100])
    both = forecast_orders(customers, DRAWS, [90]).mean
    each = [forecast_orders(customers, DRAWS[i : i + 1], [90]).mean for i in (0, 1)]
    assert both[0, 0] == pytest.approx((each[0] + each[1])[0, 0] / 2, rel=1e-12)


def test_discounting_is_the_integral_of_the_order_rate():
    customers = purchase_statistics([3], [200], [300])
    rate, grid = np.log(1.1) / 365, np.arange(1, 731)
    discounted = forecast_orders(customers, DRAWS, [90, 365, 730], 0.1).discounted[0]
    by_day = np.diff(np.r_[0, forecast_orders(customers, DRAWS, grid).mean[0]])
    for horizon, value in zip((90, 365, 730), discounted, strict=True):
        exact = (by_day * np.exp(-rate * (grid - 0.5)))[:horizon].sum()
        assert value == pytest.approx(exact, rel=1e-5)


def test_without_a_discount_rate_nothing_is_discounted():
    f = forecast_orders(purchase_statistics([3], [200], [300]), DRAWS, [90, 365])
    np.testing.assert_array_equal(f.discounted, f.mean)


def test_the_next_order_slides_with_silence_and_the_usual_gap_does_not():
    soon = forecast_orders(purchase_statistics([5], [100], [100]), DRAWS, [90])
    late = forecast_orders(purchase_statistics([5], [100], [160]), DRAWS, [90])
    assert late.next_order[0] > soon.next_order[0]
    assert late.usual_gap[0] == soon.usual_gap[0]
    assert soon.usual_gap[0] == pytest.approx(soon.next_order[0])


def test_a_new_customer_of_today_can_be_forecast():
    f = forecast_orders(purchase_statistics([0], [0], [0]), DRAWS, [90])
    assert np.isfinite(f.mean).all()


def test_totals_by_group_sum_to_the_forecast_whatever_the_groups():
    customers = purchase_statistics(
        [0, 1, 1, 9], [0, 5, 90, 300], [100, 100, 100, 310], [4, 3, 2, 1]
    )
    weights = np.column_stack([customers.customers, customers.customers * 2])
    totals = totals_by_group(customers, DRAWS, 365, np.array([0, 2, 2, 0]), weights)
    expected = (forecast_orders(customers, DRAWS, [365]).mean[:, 0] * customers.customers).sum()
    assert totals.shape == (3, 2, 2)
    assert totals[..., 0].sum(0).mean() == pytest.approx(expected, rel=1e-12)
    assert (totals[1] == 0).all()
    np.testing.assert_allclose(totals[..., 1], 2 * totals[..., 0])


def test_count_intervals_hold_at_least_what_was_asked_for():
    customers = purchase_statistics([0, 3, 30], [0, 200, 290], [300, 300, 300])
    counts = order_intervals(customers, DRAWS, 365, 0.9)
    assert (counts.mass >= 0.9 - 1e-9).all()
    assert (counts.lower <= counts.upper).all()
    assert counts.lower[0] == 0
    assert counts.upper[2] > counts.upper[0]


def test_count_intervals_are_the_quantiles_of_simulated_futures():
    r, alpha, a, b = DRAWS[0]
    rng, n = np.random.default_rng(2), 300_000
    counts = order_intervals(purchase_statistics([6], [280], [300]), DRAWS[:1], 365, 0.8)
    alive = 1 / (1 + a / (b + 5) * ((alpha + 300) / (alpha + 280)) ** (r + 6))
    orders = rng.poisson(rng.gamma(r + 6, 1 / (alpha + 300), n) * 365)
    futures = np.minimum(orders, rng.geometric(rng.beta(a, b + 6, n)))
    futures = np.where(rng.random(n) < alive, futures, 0)
    assert counts.lower[0] == np.quantile(futures, 0.1, method="inverted_cdf")
    assert counts.upper[0] == np.quantile(futures, 0.9, method="inverted_cdf")
    inside = (futures >= counts.lower[0]) & (futures <= counts.upper[0])
    assert counts.mass[0] == pytest.approx(inside.mean(), abs=0.004)


@pytest.mark.parametrize("horizons", [[], [0], [90, 90], [365, 90]])
def test_horizons_that_do_not_ascend_are_an_error(horizons):
    with pytest.raises(JorenError, match="do not ascend"):
        forecast_orders(purchase_statistics([0], [0], [0]), DRAWS, horizons)
