from datetime import date, datetime, timedelta

import pytest

from joren.routes.silence import churn_after_days, outcomes
from joren.routes.steps import coded_steps

START = datetime(2026, 1, 1, 9)


@pytest.fixture
def ordered(rows):
    """Steps of customers who order on the given days, and of one who never does."""

    def make(**days):
        given = [
            {"customer_id": customer, "at": START + timedelta(days=day), "rank": 4, "seq": 0,
             "tie": str(day), "touchpoint": "order", "kind": "order"}
            for customer, on in days.items()
            for day in on
        ]  # fmt: skip
        given.append(given[0] | {"customer_id": "Z", "kind": "event", "touchpoint": "visit"})
        return coded_steps(rows(given))

    return make


def test_the_clients_own_figure_stands(ordered):
    assert churn_after_days(ordered(A=[0, 5]), 90) == 90


def test_else_nine_in_ten_gaps_are_shorter(ordered):
    steps = ordered(A=[0, *(10 * i for i in range(1, 10)), 190])  # nine gaps of 10 days, one of 100
    assert (
        churn_after_days(steps, None) == 19
    )  # ninth tenth: between 10 and 100, a tenth of the way


def test_without_any_gap_half_a_year_is_taken(ordered):
    assert churn_after_days(ordered(A=[0], B=[3]), None) == 180


def test_what_became_of_customers(ordered):
    steps = ordered(A=[0, 5], B=[0], C=[0, 80])
    found = outcomes(steps, date(2026, 4, 1), 30).to_pandas().set_index("customer_id")

    assert found.converted.to_dict() == {"A": True, "B": False, "C": True, "Z": False}
    assert found.churned.to_dict() == {"A": True, "B": True, "C": False, "Z": False}
