import numpy as np
import pytest

from joren.churn.forecast import HORIZONS, forecast
from joren.churn.notice import notice
from joren.churn.overview import (
    course_label,
    courses_ahead,
    held_by_top_tenth,
    product_names,
    reasons_table,
    total,
)  # fmt: skip


@pytest.fixture(scope="module")
def ahead(client):
    return forecast(
        client.states, client.fit.draws(50), client.fit.cells.categories, notice(client.tenure),
        HORIZONS, 0.1, interval=0.9,
    )  # fmt: skip


def test_a_total_is_as_uncertain_as_parameters_and_chance_together():
    found = total(np.array([90.0, 110.0]), chance=300.0, interval=0.9)

    assert found.mean == 100
    assert found.upper - 100 == pytest.approx(1.6449 * 20, rel=1e-3)
    assert total(np.array([1.0, 1.0]), 100.0, 0.9).lower == 0


def test_courses_add_up_to_all_that_runs(client, ahead):
    courses = courses_ahead(client.states, ahead, client.fit.cells.categories, 0.4, 0.9)

    assert courses.active.sum() == client.states.subscriptions.sum()
    assert courses.ends.sum() == pytest.approx(ahead.ends_by_draw[0].sum(0).mean())
    for name in ("ends", "orders", "each", "value"):
        assert (courses[f"{name}_lower"] <= courses[name]).all()
        assert (courses[name] <= courses[f"{name}_upper"]).all()


def test_the_tenth_at_highest_risk_holds_more_than_a_tenth(client, ahead):
    top, held = held_by_top_tenth(client.states, ahead)

    assert top == np.ceil(client.states.subscriptions.sum() / 10)
    assert 0.1 < held < 0.5


def test_reasons_are_counted_by_kind_with_the_chance_of_an_end(client, ahead):
    why = [["order:1", "course:G1"] if i == 0 else ["order:2"] for i in range(len(client.states))]
    found = reasons_table(client.states, ahead, why, {"G1": "Tea"}).set_index("reason")

    assert found.subscriptions["churn.reason.order"] == client.states.subscriptions.sum()
    assert found.subscriptions["Tea"] == client.states.subscriptions[0]
    assert found.p_end["Tea"] == pytest.approx(ahead.end[0][0][0])


def test_a_course_is_called_as_its_product(table):
    rows = [
        {"source": "crm", "product_id": "G1", "name": "Tea"},
        {"source": "web", "product_id": "G1", "name": "Old tea"},
    ]
    names = product_names(table("canonical/products", rows))

    assert [course_label(c, names) for c in ("G1", "G2", "other")] == [
        "Tea", "G2", "churn.other_courses",
    ]  # fmt: skip
