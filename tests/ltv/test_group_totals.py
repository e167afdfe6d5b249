from datetime import date

import numpy as np
import pytest
from tests.ltv.handmade import fit_by_channel, fit_to, summary

from joren.contract import validate
from joren.engine import connect
from joren.ltv.forecast import Ahead, forecast_customers
from joren.ltv.group_totals import forecast_totals, group_totals
from joren.ltv.segments import in_groups

AHEAD = Ahead([90], as_of=date(2026, 3, 31))


@pytest.mark.parametrize(
    ("make", "by"), [(fit_to, None), (fit_by_channel, "first_channel")], ids=["alike", "apart"]
)
def test_groups_add_up_to_everybody_and_to_their_customers(make, by):
    people = summary()
    fit = make(people)
    customers = forecast_customers(people, fit, by, AHEAD)
    grouped = in_groups(customers, ["first_channel", "purchase_days"])
    names, found = group_totals(grouped, fit, [90], 0.9)
    orders, value = found["orders", 90], found["value", 90]
    at = {name: i for i, name in enumerate(names)}
    for totals, column in ((orders, "expected_orders_90d"), (value, "expected_value_90d")):
        channels = totals.mean[at["first_channel:pos"]] + totals.mean[at["first_channel:web"]]
        assert totals.mean[at["all"]] == pytest.approx(channels, rel=1e-6)
        # half of the draws make the totals, all of them the customers
        summed = float(customers[column].sum().to_pyarrow().as_py())
        assert totals.mean[at["all"]] == pytest.approx(summed, rel=0.03)
        assert (totals.lower <= totals.mean).all()
        assert (totals.mean < totals.upper).all()
    assert orders.customers[at["all"]] == 60
    assert orders.customers[at["purchase_days:1"]] == 12


def test_cells_that_err_independently_leave_a_narrower_total():
    people = summary()
    customers = forecast_customers(people, fit_to(people), None, AHEAD)
    grouped = in_groups(customers, ["first_channel"])
    names, found = group_totals(grouped, fit_to(people), [90], 0.9)
    orders = found["orders", 90]
    half = dict(zip(names, orders.upper - orders.mean, strict=True))
    apart = np.hypot(half["first_channel:pos"], half["first_channel:web"])
    assert half["all"] >= apart


def test_the_table_of_totals_satisfies_its_contract():
    people = summary()
    customers = forecast_customers(people, fit_to(people), None, AHEAD)
    table = forecast_totals(in_groups(customers, []), fit_to(people), [90], 0.9)
    validate(connect().create_table("forecast_totals", table), "forecast_totals")
    assert table["measure"].to_pylist() == ["orders", "value"]
