from dataclasses import replace

import numpy as np
import pytest

from joren.churn.forecast import VALUE_YEARS, Forecast, forecast, hazards
from joren.churn.hazard import coordinates
from joren.churn.notice import Notice, notice
from joren.churn.states import States
from joren.churn.tenure import CAUSES

TOLD = Notice(np.full(10, 0.1))
RATE = 0.1


def _one_state(client, phase: float, made: int = 2, waived: float = 0.0) -> States:
    states = client.states
    places = states.places.take(slice(0, 1))
    places = replace(places, decision=np.array([float(made)]), waived=np.array([waived]))
    one = np.array([1.0])
    return States(
        states.rows[:1], places, np.array([phase]), 30 * one, one, 1000 * one, 1e6 * one, 1000 * one
    )


def _forecast(client, states: States, draws: dict | None = None) -> Forecast:
    categories = client.fit.cells.categories
    return forecast(
        states, draws or client.fit.draws(50), categories, TOLD, (90, 365), RATE, interval=0.9
    )


@pytest.fixture
def certain(client) -> dict[str, np.ndarray]:
    """Coordinates of one draw in which all three causes are frequent."""
    categories = client.fit.cells.categories
    draws = {cause: np.zeros((len(coordinates(cause, categories)), 1)) for cause in CAUSES}
    draws["other"][0], draws["payment"][0] = 1.5, 1.0
    return draws


@pytest.mark.parametrize(("phase", "waived"), [(0.0, 0.0), (0.4, 0.0), (0.75, 4.0)])
def test_ends_and_orders_are_those_of_a_simulated_subscription(client, certain, phase, waived):
    states = _one_state(client, phase, waived=waived)
    found = _forecast(client, states, certain)

    ends, orders = _lived(client, states, certain, 100_000)
    assert found.end[0][0] == pytest.approx((ends <= 90).mean(), abs=0.006)
    assert found.end[1][0] == pytest.approx((ends <= 365).mean(), abs=0.006)
    assert found.next_end[0] == pytest.approx((ends <= 30 * (1 - phase)).mean(), abs=0.006)
    assert found.orders == pytest.approx(orders.mean(), rel=0.01)
    assert found.orders_chance.sum() == pytest.approx(orders.var(), rel=0.03)


def _lived(client, states, draws, size):
    """Days until the end and discounted orders of subscriptions that had told no end by now."""
    rng = np.random.default_rng(8)
    phase, steps = states.phase[0], 365 * VALUE_YEARS // 30 + 2
    chances = hazards(states.places, 2, steps, draws, client.fit.cells.categories)
    leaves, other, fails = (chances[cause][:, 0] for cause in CAUSES)
    kept, ends, orders = 0, [], []
    while kept < size:
        told = rng.random((2, size, steps))  # part of the cycle at which an end is told
        gone = np.where(rng.random((size, steps)) < leaves, told[0], 9.0)
        gone = np.minimum(gone, np.where(rng.random((size, steps)) < other, told[1], 9.0))
        gone = np.minimum(gone, np.where(rng.random((size, steps)) < fails, 1.0, 9.0))
        gone = gone[gone[:, 0] > phase]
        first = (gone < 9).argmax(axis=1)
        never = ~(gone < 9).any(axis=1)
        day = 30 * (first + gone[np.arange(len(gone)), first] - phase)
        ends.append(np.where(never, np.inf, day))
        due = 30 * (np.arange(1, steps + 1) - phase)
        weight = np.where(due <= 365 * VALUE_YEARS, (1 + RATE) ** (-due / 365), 0)
        came = np.where(never, steps, first)
        orders.append(np.concatenate([[0], weight.cumsum()])[came])
        kept += len(gone)
    return np.concatenate(ends), np.concatenate(orders)


def test_whoever_has_said_nothing_late_in_the_cycle_is_safer_for_this_one(client):
    early, late = (_forecast(client, _one_state(client, phase)) for phase in (0.0, 0.9))

    assert late.next_end[0][0] < early.next_end[0][0]


def test_a_commitment_holds_all_but_failed_payments_and_other_ends(client):
    held = _one_state(client, 0.0, made=1, waived=12.0)
    free = _one_state(client, 0.0, made=1)

    assert _forecast(client, held).end[0][0] < _forecast(client, free).end[0][0]


def test_retention_grows_with_the_orders_made(client):
    chances = [
        _forecast(client, _one_state(client, 0.0, made=k)).next_end[0][0] for k in (2, 6, 20)
    ]

    assert chances[0] > chances[1] > chances[2]


def test_a_whole_client_adds_up(client):
    found = _forecast(client, client.states)

    for h, (mean, lower, upper) in enumerate(found.end):
        expected = (client.states.subscriptions * mean).sum()
        assert found.ends_by_draw[h].sum(0).mean() == pytest.approx(expected)
        assert ((lower <= mean) & (mean <= upper)).all()
    assert (found.end[0][0] < found.end[1][0]).all()
    orders = (client.states.subscriptions * found.orders).sum()
    assert found.orders_by_draw.sum(0).mean() == pytest.approx(orders)


@pytest.mark.parametrize(("h", "days"), [(0, 90), (1, 365)])
def test_the_ends_foreseen_for_a_simulated_client_come(client, h, days):
    found = forecast(
        client.states, client.fit.draws(), client.fit.cells.categories, notice(client.tenure),
        (90, 365), RATE, interval=0.9,
    )  # fmt: skip

    foreseen = found.ends_by_draw[h].sum(0)
    sd = np.sqrt(foreseen.var() + found.ends_chance[h].sum())
    assert abs(client.ended_within(days).sum() - foreseen.mean()) < 2.5 * sd
    assert sd < 0.15 * foreseen.mean()


def test_a_state_is_forecast_alike_alone_and_among_others(client):
    states = client.states
    whole = _forecast(client, states)
    for i in range(0, len(states), 97):
        one = slice(i, i + 1)
        columns = {name: value[one] for name, value in vars(states).items() if name != "places"}
        alone = _forecast(client, States(**columns, places=states.places.take(one)))
        for h in range(2):
            for found, expected in zip(alone.end[h], whole.end[h], strict=True):
                assert found[0] == pytest.approx(expected[i])
        assert alone.orders[0] == pytest.approx(whole.orders[i])
