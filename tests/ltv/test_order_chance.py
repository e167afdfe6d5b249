import numpy as np
from tests.ltv.handmade import fit_to, summary

from joren.ltv.order_chance import chance_intervals
from joren.ltv.prediction import forecast_orders


def test_the_interval_is_that_of_each_draws_own_chance():
    fit = fit_to(summary())
    draws = fit.orders.draws
    by_draw = np.column_stack(
        [
            forecast_orders(fit.purchases, fit.model, draws[d : d + 1], [90]).p_order[:, 0]
            for d in range(len(draws))
        ]
    )
    found = chance_intervals(fit.purchases, fit.model, draws, 90, 0.5)
    lower, upper = np.quantile(by_draw, [0.25, 0.75], axis=1)
    np.testing.assert_allclose(found["p_order_90d_lower"].to_numpy(), lower, rtol=1e-5)
    np.testing.assert_allclose(found["p_order_90d_upper"].to_numpy(), upper, rtol=1e-5)
    assert found["frequency"].to_pylist() == fit.purchases.frequency.astype(int).tolist()
