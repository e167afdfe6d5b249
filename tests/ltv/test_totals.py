import ibis
import numpy as np
import pytest

from joren.engine import connect
from joren.ltv.gamma_gamma import spend_moments
from joren.ltv.order_models import ORDER_MODELS
from joren.ltv.prediction import forecast_orders
from joren.ltv.statistics import purchase_statistics
from joren.ltv.totals import cell_totals, group_cells

BG = ORDER_MODELS["bg_nbd"]
ORDERS = np.array([[0.243, 30.9, 0.793, 2.426], [0.30, 40.0, 0.60, 2.0]])
SPEND = np.array([[6.25, 3.74, 15.44], [6.25, 3.74, 15.44]])
ROWS = [(0, 0, 300, 0.0, 1), (0, 0, 300, 0.0, 2), (2, 200, 300, 60.0, 2), (2, 200, 300, 90.0, 2)]


@pytest.fixture
def cells():
    table = ibis.memtable(
        [
            {
                "frequency": x, "recency": t, "T": age, "spend": s, "tier": g,
                "orders_365d_chance": 4.0, "value_365d_chance": 9.0,
            }
            for x, t, age, s, g in ROWS
        ]
    )  # fmt: skip
    return group_cells(connect().create_table("customers", table.to_pyarrow()), "tier", [365])


def test_customers_alike_become_one_cell_per_group(cells):
    rows = cells.to_pyarrow().to_pylist()
    assert [(r["group"], r["frequency"], r["customers"], r["spend"]) for r in rows] == [
        (1, 0, 1, 0.0),
        (2, 0, 1, 0.0),
        (2, 2, 2, 150.0),
    ]
    assert [r["orders_365d_chance"] for r in rows] == [4.0, 4.0, 8.0]


def test_groups_sum_to_everybody_and_to_the_forecast(cells):
    groups, everybody = cell_totals(cells, BG, ORDERS, SPEND, [365], 0.9)["orders", 365]
    x, t, age, _, _ = zip(*ROWS, strict=True)
    customers = purchase_statistics(x, t, age)
    forecast = forecast_orders(customers, BG, ORDERS, [365]).mean[:, 0] @ customers.customers
    assert groups.customers.tolist() == [1, 3]
    assert groups.mean.sum() == pytest.approx(forecast)
    assert everybody.mean[0] == pytest.approx(forecast)


def test_the_interval_adds_chance_and_parameters(cells):
    _, everybody = cell_totals(cells, BG, ORDERS, SPEND, [365], 0.9)["orders", 365]
    half = everybody.upper[0] - everybody.mean[0]
    of_chance_alone = 1.6448536 * np.sqrt(4 * 4.0)
    assert half > of_chance_alone
    _, certain = cell_totals(cells, BG, ORDERS[:1], SPEND[:1], [365], 0.9)["orders", 365]
    assert certain.upper[0] - certain.mean[0] == pytest.approx(of_chance_alone, rel=1e-6)


def test_value_is_orders_at_each_customers_own_spend(cells):
    groups, everybody = cell_totals(cells, BG, ORDERS, SPEND, [365], 0.9)["value", 365]
    a, b = spend_moments(SPEND[:1], np.array([0.0, 2.0])).mean.T
    x, t, age, _, _ = zip(*ROWS, strict=True)
    once, twice = forecast_orders(purchase_statistics(x, t, age), BG, ORDERS, [365]).mean[:, 0]
    second = once * a[0] + twice * (2 * a[1] + b[1] * 150)
    assert groups.mean == pytest.approx([once * a[0], second])
    assert everybody.mean[0] == pytest.approx(once * a[0] + second)
