from datetime import date, datetime

import ibis
import numpy as np
import pytest

from joren.contract import MONEY, validate
from joren.engine import connect
from joren.ltv.gamma_gamma import spend_moments
from joren.ltv.order_models import ORDER_MODELS
from joren.ltv.prediction import forecast_orders
from joren.ltv.statistics import purchase_statistics
from joren.ltv.value import customer_table, ltv_table

ORDERS = np.array([[0.243, 30.9, 0.793, 2.426], [0.30, 40.0, 0.60, 2.0]])
SPEND = np.array([[6.25, 3.74, 15.44], [4.0, 4.5, 22.0]])
AS_OF = date(2026, 3, 31)


def customers(*rows) -> ibis.Table:
    table = ibis.memtable(
        [
            {"customer_id": f"c{i}", "frequency": x, "recency": t, "T": age, "monetary_value": z}
            for i, (x, t, age, z) in enumerate(rows)
        ],
        schema={
            "customer_id": "string",
            "frequency": "int64",
            "recency": "int64",
            "T": "int64",
            "monetary_value": "float64",
        },
    ).mutate(past_value=ibis.literal(0).cast(MONEY))
    return connect().create_table("summary", table.to_pyarrow())


def valued(*rows, margin_rate=0.4, discount=0.0, spend=SPEND, horizons=(90, 365)) -> list[dict]:
    x, t, age, _ = zip(*rows, strict=True)
    unique = purchase_statistics(x, t, age)
    forecast = forecast_orders(unique, ORDER_MODELS["bg_nbd"], ORDERS, horizons, discount)
    table = customer_table(
        customers(*rows),
        unique,
        forecast,
        spend_moments(spend, np.unique(unique.frequency)),
        as_of=AS_OF,
        margin_rate=margin_rate,
        interval=0.9,
    )
    validate(ltv_table(table), "ltv")
    return table.order_by("customer_id").to_pyarrow().to_pylist()


def simulated_values(x: int, t: int, age: int, spend: float, horizon: int) -> np.ndarray:
    """(pairs of order and spend parameters, customers)."""
    rng, n, values = np.random.default_rng(3), 150_000, []
    for r, alpha, a, b in ORDERS:
        alive = 1 / (1 + a / (b + x - 1) * ((alpha + age) / (alpha + t)) ** (r + x))
        orders = rng.poisson(rng.gamma(r + x, 1 / (alpha + age), n) * horizon)
        orders = np.minimum(orders, rng.geometric(rng.beta(a, b + x, n)))
        orders = np.where(rng.random(n) < alive, orders, 0)
        for p, q, v in SPEND:
            nu = rng.gamma(q + p * x, 1 / (v + spend), n)
            values.append(rng.gamma(np.maximum(p * orders, 1e-300), 1 / nu))
    return np.array(values)


@pytest.mark.parametrize(("x", "t", "z"), [(6, 280, 30.0), (1, 60, 80.0)])
def test_value_and_its_interval_are_those_of_brute_force_draws(x, t, z):
    (row,) = valued((x, t, 300, z), margin_rate=1.0)
    by_parameters = simulated_values(x, t, 300, x * z, 365)
    brute = by_parameters.ravel()
    assert row["p_order_365d"] == pytest.approx((brute > 0).mean(), abs=0.004)
    assert row["expected_value_365d"] == pytest.approx(brute.mean(), rel=0.01)
    # chance is what varies at known parameters: orders, amounts, and the customer's own spend level
    assert row["value_365d_chance"] ** 0.5 == pytest.approx(
        by_parameters.var(1).mean() ** 0.5, rel=0.02
    )
    assert row["ltv_365d_sd"] == pytest.approx(brute.std(), rel=0.02)
    # the gamma has the right mass at zero, mean and variance; its quantiles are close to the true
    assert (brute <= row["ltv_365d_upper"]).mean() == pytest.approx(0.95, abs=0.01)
    assert (brute <= row["ltv_365d_lower"]).mean() == pytest.approx(
        max(0.05, (brute == 0).mean()), abs=0.01
    )


def test_margin_and_discount_take_their_share():
    (whole,) = valued((6, 280, 300, 30.0), margin_rate=1.0)
    (part,) = valued((6, 280, 300, 30.0), margin_rate=0.4, discount=0.1)
    assert whole["ltv_365d"] == pytest.approx(whole["expected_value_365d"])
    assert part["expected_value_365d"] == pytest.approx(whole["expected_value_365d"])
    assert 0.4 * 0.93 < part["ltv_365d"] / whole["ltv_365d"] < 0.4 * 0.97
    ratio = part["ltv_365d_upper"] / whole["ltv_365d_upper"]
    assert ratio == pytest.approx(part["ltv_365d"] / whole["ltv_365d"])


def test_yen_are_worth_what_dollars_are():
    (dollars,) = valued((6, 280, 300, 30.0))
    (yen,) = valued((6, 280, 300, 4500.0), spend=SPEND * [1, 1, 150])
    for name in ("expected_value_365d", "ltv_365d", "ltv_365d_lower", "ltv_365d_sd"):
        assert yen[name] == pytest.approx(150 * dollars[name], rel=1e-9)


def test_a_customer_seen_once_is_worth_what_the_population_spends():
    once, refunded = valued((0, 0, 30, None), (1, 10, 30, -5.0))
    mean = once["expected_value_90d"] / once["expected_orders_90d"]
    p, q, v = SPEND.T
    assert mean == pytest.approx((p * v / (q - 1)).mean())
    assert refunded["expected_value_90d"] > 0


def test_every_horizon_asked_for_has_its_columns():
    (row,) = valued((1, 60, 300, 80.0), horizons=(30, 90, 365, 730))
    assert row["ltv_30d"] < row["ltv_90d"] < row["ltv_365d"] < row["ltv_730d"]


def test_the_next_order_is_a_day_after_as_of_or_unknown():
    regular, once = valued((20, 290, 300, 30.0), (0, 0, 300, None))
    assert datetime(2026, 3, 31) < regular["expected_next_order_at"] < datetime(2026, 6, 30)
    assert once["expected_next_order_at"] is None
    assert regular["overdue_ratio"] > 0
