import numpy as np
import pytest

from joren.churn.levels import FACTORS
from joren.churn.risk import Categories
from joren.churn.states import active_rows, active_states, spread

SCHEMA = dict.fromkeys(("course", *FACTORS), "string") | {
    "waived": "int64", "made": "int64", "phase": "float64", "cycle_days": "int64",
    "active": "boolean", "order_value": "float64",
}  # fmt: skip


@pytest.fixture
def states():
    import ibis

    def make(*rows: tuple):
        """(course, orders made, phase, active, order value)"""
        listed = [
            {
                "course": course, "first_channel": "ec", "cohort": "0", "cycle": "usual",
                "waived": 0, "made": made, "phase": phase, "cycle_days": 30, "active": active,
                "order_value": value,
            }
            for course, made, phase, active, value in rows
        ]  # fmt: skip
        one = {
            factor: (label,) for factor, label in zip(FACTORS, ("ec", "0", "usual"), strict=True)
        }
        active = active_rows(ibis.memtable(listed, schema=SCHEMA))
        return active_states(active, Categories(("soap", "tea"), one))

    return make


def test_subscriptions_that_stand_alike_are_one_state(states):
    found = states(
        ("tea", 2, 0.50, True, 100.0), ("tea", 2, 0.51, True, 300.0), ("tea", 2, 0.9, True, 100.0),
        ("tea", 2, 0.5, False, 900.0),
    )  # fmt: skip

    assert found.subscriptions.tolist() == [2, 1]
    assert found.phase.tolist() == [0.5, 0.9]
    assert found.value.tolist() == [400, 100]
    assert found.value_square.tolist() == [100_000, 10_000]
    assert found.places.decision.tolist() == [2, 2]
    assert found.places.course.tolist() == [1, 1]


def test_an_unknown_order_value_is_the_mean_of_its_course(states):
    found = states(
        ("tea", 1, 0.0, True, None), ("tea", 3, 0.0, True, 200.0), ("tea", 3, 0.0, True, 400.0),
        ("soap", 1, 0.0, True, None),
    )  # fmt: skip

    assert found.rows.course.tolist() == ["soap", "tea", "tea"]
    assert found.value.tolist() == [0, 300, 600]
    assert found.value_square.tolist() == [0, 90_000, 200_000]
    assert np.isnan(found.usual_value).tolist() == [True, False, False]


def test_states_of_a_client_hold_all_its_active_subscriptions(client):
    running = client.tenure.active.sum().to_pyarrow().as_py()

    assert client.states.subscriptions.sum() == running
    assert len(client.states) < running


def test_spread_is_mean_and_quantiles_over_the_draws():
    mean, lower, upper = spread(np.arange(101.0)[None], 0.9)

    assert [mean[0], lower[0], upper[0]] == pytest.approx([50, 5, 95])
