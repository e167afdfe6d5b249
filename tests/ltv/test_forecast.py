from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from tests.ltv.handmade import fit_by_channel, fit_to, summary

from joren.ltv.forecast import (
    Ahead,
    count_intervals,
    forecast_customers,
    ltv_columns,
    outcome_places,
)

AHEAD = Ahead([30, 90], as_of=date(2026, 3, 31), sure_of=90)


@pytest.fixture(scope="module")
def people():
    return summary()


@pytest.fixture(scope="module")
def alike(people):
    return forecast_customers(people, fit_to(people), None, AHEAD)


@pytest.fixture(scope="module")
def apart(people):
    return forecast_customers(people, fit_by_channel(people), "first_channel", AHEAD)


def test_every_customer_is_forecast_once_with_the_bounds_of_her_chance(alike):
    frame = alike.to_pandas()
    assert frame.customer_id.is_unique
    assert len(frame) == 60
    assert (frame.p_order_90d_lower <= frame.p_order_90d).all()
    assert (frame.p_order_90d <= frame.p_order_90d_upper).all()
    assert (frame.p_order_30d < frame.p_order_90d).all()


def test_customers_are_forecast_by_the_parameters_of_their_own_cell(people, alike, apart):
    both = alike.to_pandas().set_index("customer_id").sort_index()
    own = apart.to_pandas().set_index("customer_id").sort_index()
    web = own.dim_first_channel == "web"
    shared = ["expected_orders_90d", "p_alive", "expected_value_90d"]
    np.testing.assert_allclose(own.loc[web, shared], both.loc[web, shared], rtol=1e-9)
    shop = fit_by_channel(people).cells[0]
    of_shop = forecast_customers(people, replace(fit_to(people), orders=shop.orders), None, AHEAD)
    often = of_shop.to_pandas().set_index("customer_id").sort_index()
    np.testing.assert_allclose(own.loc[~web, shared], often.loc[~web, shared], rtol=1e-6)
    assert not np.isclose(own.p_alive[~web], both.p_alive[~web], rtol=0.01).any()


def test_the_table_ltv_holds_no_working_column(alike):
    names = ltv_columns(alike).columns
    assert "p_order_90d_lower" in names
    assert not [n for n in names if n.startswith("dim_") or n.endswith("chance") or n == "cell"]


def test_counts_have_intervals_and_outcomes_their_places_in_every_cell(people, apart):
    fit = fit_by_channel(people)
    intervals = count_intervals(fit, 90, 0.9).to_pandas()
    assert set(intervals.cell) == {"pos", "web"}
    assert (intervals.interval_mass >= 0.9 - 1e-9).all()
    happened = apart.mutate(came=apart.frequency % 2)
    below, up_to, customers = outcome_places(happened, fit, 90, "came")
    assert customers.sum() == 60
    assert (below < up_to).all()
    assert (below[below > 0] < 1).all()


def test_one_cell_stands_for_everybody_where_none_was_better(people):
    fit = replace(fit_by_channel(people), cells=())
    assert count_intervals(fit, 90, 0.9).to_pandas().cell.unique().tolist() == [""]
