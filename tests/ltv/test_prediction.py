import numpy as np
import pandas as pd
import pytest

from joren.errors import JorenError
from joren.ltv.order_models import ORDER_MODELS
from joren.ltv.prediction import forecast_orders, once, totals_by_group
from joren.ltv.statistics import PurchaseStatistics, purchase_statistics
from joren.params import project_root

CDNOW = project_root() / "tests" / "data" / "ltv" / "cdnow_customers_summary.csv"

BG = ORDER_MODELS["bg_nbd"]
DRAWS = np.array([[0.243, 30.9, 0.793, 2.426], [0.3, 40.0, 0.6, 2.0]])


def test_a_year_is_more_than_a_quarter_and_moments_are_consistent():
    customers = purchase_statistics([0, 1, 1, 9], [0, 5, 90, 300], [100, 100, 100, 310])
    f = forecast_orders(customers, BG, DRAWS, [90, 365], 0.1)
    assert (f.mean[:, 1] > f.mean[:, 0]).all()
    assert (f.square >= f.mean_square).all()
    assert (f.mean_square >= f.mean**2).all()
    assert ((f.p_order > 0) & (f.p_order < 1) & (f.p_order <= f.mean)).all()
    # ordered by frequency, T, recency: the later last order is the likelier to be alive
    assert f.p_alive[0] == 1
    assert f.p_alive[2] > f.p_alive[1]


def test_draws_are_averaged_not_the_parameters():
    customers = purchase_statistics([2], [50], [100])
    both = forecast_orders(customers, BG, DRAWS, [90]).mean
    each = [forecast_orders(customers, BG, DRAWS[i : i + 1], [90]).mean for i in (0, 1)]
    assert both[0, 0] == pytest.approx((each[0] + each[1])[0, 0] / 2, rel=1e-12)


def test_discounting_is_the_integral_of_the_order_rate():
    customers = purchase_statistics([3], [200], [300])
    rate, grid = np.log(1.1) / 365, np.arange(1, 731)
    discounted = forecast_orders(customers, BG, DRAWS, [90, 365, 730], 0.1).discounted[0]
    by_day = np.diff(np.r_[0, forecast_orders(customers, BG, DRAWS, grid).mean[0]])
    for horizon, value in zip((90, 365, 730), discounted, strict=True):
        exact = (by_day * np.exp(-rate * (grid - 0.5)))[:horizon].sum()
        assert value == pytest.approx(exact, rel=1e-5)


def test_without_a_discount_rate_nothing_is_discounted():
    f = forecast_orders(purchase_statistics([3], [200], [300]), BG, DRAWS, [90, 365])
    np.testing.assert_array_equal(f.discounted, f.mean)


def test_the_next_order_slides_with_silence_and_the_usual_gap_does_not():
    soon = forecast_orders(purchase_statistics([5], [100], [100]), BG, DRAWS, [90])
    late = forecast_orders(purchase_statistics([5], [100], [160]), BG, DRAWS, [90])
    assert late.next_order[0] > soon.next_order[0]
    assert late.usual_gap[0] == soon.usual_gap[0]
    assert soon.usual_gap[0] == pytest.approx(soon.next_order[0])


def test_the_next_order_of_a_regular_buyer_draws_near_as_stages_pass():
    def next_order(age: float, model: str) -> float:
        customers = purchase_statistics([5], [100], [age])
        return forecast_orders(customers, ORDER_MODELS[model], DRAWS, [90]).next_order[0]

    # a Poisson buyer's silence says only that she buys seldom; a regular one's, that she is due
    assert next_order(110, "mbg_nbd") > next_order(100, "mbg_nbd")
    assert next_order(110, "mbg_cnbd_3") < next_order(100, "mbg_cnbd_3")


@pytest.mark.parametrize(("name", "published"), [
    ("bg_nbd", (0.243, 4.414, 0.793, 2.426, 1653)),
    ("mbg_nbd", (0.525, 6.183, 0.891, 1.614, None)),
    ("pareto_nbd", (0.553, 10.578, 0.606, 11.669, 1666)),
])  # fmt: skip
def test_cdnows_holdout_total_is_the_published_one_in_weeks_and_in_days(name, published):
    customers = pd.read_csv(CDNOW)
    *parameters, total = published
    times = (1, 3) if name == "pareto_nbd" else (1,)

    def forecast(unit: float) -> float:
        draws = np.array([parameters])
        draws[:, times] *= unit
        unique = purchase_statistics(
            customers.frequency, customers.recency * unit, customers["T"] * unit
        )
        ahead = forecast_orders(unique, ORDER_MODELS[name], draws, [39 * unit])
        return ahead.mean[:, 0] @ unique.customers

    assert forecast(1) == pytest.approx(total or forecast(7), abs=1)
    assert forecast(7) == pytest.approx(forecast(1), rel=1e-9)


def test_mbg_is_bg_whose_first_order_may_have_been_the_last():
    once = purchase_statistics([0], [0], [200])
    r, alpha, a, b = DRAWS[0]
    mbg = forecast_orders(once, ORDER_MODELS["mbg_nbd"], DRAWS[:1], [90])
    bg = forecast_orders(once, BG, np.array([[r, alpha, a, b + 1]]), [90])
    assert mbg.p_alive[0] == pytest.approx(1 / (1 + a / b * ((alpha + 200) / alpha) ** r))
    assert mbg.mean[0, 0] == pytest.approx(mbg.p_alive[0] * bg.mean[0, 0])


def test_a_new_customer_of_today_can_be_forecast():
    f = forecast_orders(purchase_statistics([0], [0], [0]), BG, DRAWS, [90])
    assert np.isfinite(f.mean).all()


def test_totals_by_group_sum_to_the_forecast_whatever_the_groups():
    # the second customers are in two groups: their rows stand next to each other
    x, t, age, n = [0, 1, 1, 1, 9], [0, 5, 5, 90, 300], [100, 100, 100, 100, 310], [4, 3, 3, 2, 1]
    rows = PurchaseStatistics(*(np.array(column, float) for column in (x, t, age, n)))
    weights = np.column_stack([n, np.multiply(n, 2)])

    def mix(frequency):
        return np.stack([np.ones((2, 2)) * [[1], [0]], np.full((2, 2), frequency) * [[0], [1]]])

    totals = totals_by_group(
        *once(rows), BG, DRAWS[:2], [90, 365], np.array([0, 1, 3, 3, 0]), weights, mix
    )
    assert totals.shape == (4, 2, 2, 2)
    assert (totals[2] == 0).all()
    for h, days in enumerate((90, 365)):
        customers = purchase_statistics([0, 1, 1, 9], [0, 5, 90, 300], [100, 100, 100, 310])
        mean = forecast_orders(customers, BG, DRAWS[:2], [days]).mean[:, 0]
        by_group = [4 * mean[0] + mean[3], 3 * mean[1], 0, 3 * mean[1] + 2 * mean[2]]
        np.testing.assert_allclose(totals[:, 0, h].mean(1), by_group, rtol=1e-12)
        second = [18 * mean[3], 6 * mean[1], 0, 6 * mean[1] + 4 * mean[2]]
        np.testing.assert_allclose(totals[:, 1, h].mean(1), second, rtol=1e-12)


@pytest.mark.parametrize("horizons", [[], [0], [90, 90], [365, 90]])
def test_horizons_that_do_not_ascend_are_an_error(horizons):
    with pytest.raises(JorenError, match="do not ascend"):
        forecast_orders(purchase_statistics([0], [0], [0]), BG, DRAWS, horizons)
