import numpy as np
import pytest

from joren.ltv.blocks import each_part, enough_draws
from joren.ltv.order_models import ORDER_MODELS
from joren.ltv.prediction import forecast_orders
from joren.ltv.statistics import purchase_statistics

DRAWS = {
    "bg_nbd": [[0.243, 30.9, 0.793, 2.426], [0.3, 10.0, 0.6, 2.0]],
    "mbg_cnbd_3": [[0.5, 15.0, 0.9, 1.6], [0.6, 5.0, 0.8, 1.4]],
    "pareto_nbd": [[0.553, 74.0, 0.606, 81.7], [0.6, 30.0, 0.5, 40.0]],
}


@pytest.mark.parametrize("name", DRAWS)
@pytest.mark.parametrize("x", [0, 1, 30])
def test_a_forecast_interpolated_between_ages_is_the_one_computed_there(name, x):
    age = np.arange(max(x, 1), 731)
    draws, frequency = np.array(DRAWS[name]), np.full(len(age), x)
    recency = np.minimum(frequency * 2, age)
    some = age[::60] - age[0]
    together = forecast_orders(
        purchase_statistics(frequency, recency, age), ORDER_MODELS[name], draws, [90, 365], 0.1
    )
    alone = forecast_orders(
        purchase_statistics(frequency[some], recency[some], age[some]),
        ORDER_MODELS[name],
        draws,
        [90, 365],
        0.1,
    )
    for column in ("mean", "discounted", "square", "mean_square"):
        found, exact = getattr(together, column)[some], getattr(alone, column)
        np.testing.assert_allclose(found, exact, rtol=1e-5 if "square" in column else 1e-6)
    np.testing.assert_allclose(together.p_order[some], alone.p_order, atol=1e-6)


def test_parts_cover_every_row_once_and_stay_bounded(monkeypatch):
    monkeypatch.setattr("joren.ltv.blocks._NUMBERS_PER_PART", 500)
    rng = np.random.default_rng(1)
    age = rng.integers(1, 100, 400)
    customers = purchase_statistics(rng.integers(0, 3, 400), np.zeros(400), age)
    model = ORDER_MODELS["bg_nbd"]
    future = model.future
    parameters = future.prepare(model, np.array(DRAWS["bg_nbd"]))

    def its_age(x, ages, scratch):
        return np.tile(ages[:, None, None], (1, 1, 2))

    def check(part):
        ages = part.ahead[part.at_age, 0, 0]
        np.testing.assert_allclose(ages, customers.age[part.rows], rtol=1e-3)
        assert part.alive.size + part.ahead.size < 600
        return range(part.rows.start, part.rows.stop)

    seen = [
        row for rows in each_part(customers, future, parameters, its_age, check) for row in rows
    ]
    assert sorted(seen) == list(range(len(customers)))


def test_few_customers_get_every_draw_and_many_get_evenly_spaced_ones():
    draws = np.arange(1000.0)[:, None]
    assert enough_draws(draws, 1000) is draws
    assert enough_draws(draws, 10**7)[:, 0].tolist() == list(range(0, 1000, 5))
