from datetime import date, datetime, timedelta

import numpy as np
import pytest

from joren.routes.churn_routes import (
    CANCEL,
    CENSORED,
    LAPSE,
    aalen_johansen,
    churn_routes,
    follow,
    hazard_by_tenure,
)
from joren.routes.edges import end_code_of, transitions
from joren.routes.landmarks import orders_ago
from joren.routes.steps import coded_steps, names_of

AS_OF = date(2026, 3, 31)


@pytest.fixture
def followed(rows):
    """What became of customers given as [(days ago, touchpoint)]; silence of 30 days is loss."""

    def make(**customers):
        given = [
            {"customer_id": customer, "at": datetime(2026, 3, 31, 12) - timedelta(days=ago),
             "rank": 2, "seq": 0, "tie": "", "touchpoint": name,
             "kind": name.partition(":")[0] if ":" in name else "event"}
            for customer, met in customers.items()
            for ago, name in met
        ]  # fmt: skip
        steps = coded_steps(rows(given))
        end = end_code_of(steps)
        found = follow(steps, transitions(steps, end), orders_ago(steps, AS_OF), AS_OF, 30, end)
        return found, names_of(steps) | {0: "(start)"}

    return make


def _end(table, names, target):
    frame = table.to_pandas()
    return frame[frame.target.map(names) == target].set_index("customer_id")


def test_ends_are_loss_cancellation_or_the_end_of_data_whichever_is_first(followed):
    table, names = followed(
        A=[(100, "order:x"), (95, "call")],
        B=[(100, "order:x"), (95, "call"), (80, "subscription:end")],
        C=[(20, "order:x"), (15, "call")],
    )
    found = _end(table, names, "call")

    assert found.end.to_dict() == {"A": LAPSE, "B": CANCEL, "C": CENSORED}
    assert found.lasted.to_dict() == {"A": 26, "B": 15, "C": 15}  # lost 31 days after her order
    assert found.tenure.to_dict() == {"A": 5, "B": 5, "C": 5}
    assert "subscription:end" not in set(table.to_pandas().target.map(names))


def test_who_was_lost_before_the_edge_is_not_followed(followed):
    table, names = followed(A=[(100, "order:x"), (50, "call")], B=[(60, "order:x"), (50, "call")])
    assert list(_end(table, names, "call").index) == ["B"]


def test_a_customer_who_comes_back_is_followed_to_her_next_loss(followed):
    table, names = followed(A=[(300, "order:x"), (200, "order:x"), (195, "call")])
    assert _end(table, names, "call").lasted.to_dict() == {"A": 26}


def test_without_censoring_incidence_is_the_share_and_its_variance_binomial():
    ends = np.array([[3.0, 2, 0], [1, 0, 4], [0, 0, 0]])
    value, variance = aalen_johansen(ends, 20, 0)

    assert value == pytest.approx(5 / 20)
    assert variance == pytest.approx(0.25 * 0.75 / 20)


def test_the_censored_leave_the_risk_set_and_not_the_lost():
    # 10 at risk, 5 lost; of 5 left 3 are censored after the second week; 1 of 2 is lost
    ends = np.array([[5.0, 0, 1], [0, 0, 0], [0, 3, 0]])
    assert aalen_johansen(ends, 10, 0)[0] == pytest.approx(0.5 + 0.5 * 0.5)
    assert aalen_johansen(ends, 10, 1)[0] == 0


def test_tables_hold_every_edge_of_enough_customers(followed):
    many = {f"c{i:02}": [(200, "order:x"), (198, "call")] for i in range(25)}
    rare = {f"r{i}": [(200, "order:x"), (198, "visit")] for i in range(5)}
    table, names = followed(**many, **rare)
    lost = churn_routes(table, names, 180, 0.9)
    hazard = hazard_by_tenure(table, names, 0.9)

    assert set(lost.target_touchpoint) == {"order:x", "call"}
    call = lost[(lost.target_touchpoint == "call") & (lost.cause == LAPSE)].iloc[0]
    assert (call.customers, call.ended, call.incidence) == (25, 25, 1.0)
    called = hazard[(hazard.target_touchpoint == "call") & (hazard.cause == LAPSE)].iloc[0]
    assert called.ended == 25
    assert called.weeks == pytest.approx(25 * 30 / 7)  # each at risk for 29 days and the last
    assert called.lower < called.hazard < called.upper
