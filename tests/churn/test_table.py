import numpy as np
import pytest

from joren.churn.forecast import HORIZONS, Forecast, forecast
from joren.churn.notice import notice
from joren.churn.reasons import reasons
from joren.churn.table import churn_rows
from joren.contract import validate


@pytest.fixture(scope="module")
def ahead(client) -> Forecast:
    return forecast(
        client.states, client.fit.draws(50), client.fit.cells.categories, notice(client.tenure),
        HORIZONS, 0.1, interval=0.9,
    )  # fmt: skip


@pytest.fixture(scope="module")
def rows(client, ahead):
    why = reasons(client.states, client.fit.draws(50), client.fit.cells.categories, 0.9)
    return churn_rows(client.active, client.states, ahead, why, margin_rate=0.4)


def test_every_active_subscription_has_one_row_that_keeps_the_contract(client, rows):
    validate(rows, "churn")
    frame = rows.to_pandas()
    active = client.active.to_pandas()

    assert sorted(frame.subscription_id) == sorted(active.subscription_id)
    assert set(frame.kind) == {"contractual"}
    assert (frame.lower <= frame.p_end_90d).all()
    assert (frame.p_end_90d <= frame.upper).all()


def test_rows_add_up_to_the_totals(client, rows, ahead):
    frame = rows.to_pandas()

    assert frame.p_end_365d.sum() == pytest.approx(ahead.ends_by_draw[1].sum(0).mean())
    assert frame.residual_orders.sum() == pytest.approx(ahead.orders_by_draw.sum(0).mean())


def test_money_is_margin_and_unknown_where_no_order_has_a_value(client, ahead, rows):
    why = [[] for _state in range(len(client.states))]
    worth = np.full(len(client.states), 2_500.0)
    priced = type(client.states)(**vars(client.states) | {"usual_value": worth})
    frame = churn_rows(client.active, priced, ahead, why, margin_rate=0.4).to_pandas()

    assert frame.residual_value.to_numpy() == pytest.approx(frame.residual_orders * 1_000)
    assert rows.residual_value.notnull().sum().to_pyarrow().as_py() == 0
    assert frame.reasons.map(len).sum() == 0
