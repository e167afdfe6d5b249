from datetime import date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest

from joren.errors import ParameterError
from joren.routes.journeys import journeys
from joren.routes.steps import coded_steps

BEGIN = datetime(2026, 1, 1, 9)
AS_OF = date(2026, 12, 31)


@pytest.fixture
def cut(rows):
    """Journeys of customers given as (day, touchpoint, kind) lists."""

    def make(goal="order", window=30, as_of=AS_OF, **customers):
        numbers = {}
        given = []
        for customer, steps in customers.items():
            for place, (day, name, kind) in enumerate(steps):
                if kind == "order":
                    numbers[customer] = numbers.get(customer, 0) + 1
                given.append({
                    "customer_id": customer, "at": BEGIN + timedelta(days=day), "rank": 1,
                    "seq": place, "tie": "", "touchpoint": name, "kind": kind,
                    "number": numbers[customer] if kind == "order" else None,
                    "value": Decimal("10.5000") if kind == "order" else None,
                })  # fmt: skip
        steps = coded_steps(rows(given, number=pa.int64(), value=pa.decimal128(18, 4)))
        touches, reach = journeys(steps, goal, window, as_of)
        named = touches.join(steps.select("code", "touchpoint").distinct(), "code")
        order = ["customer_id", "journey", "place"]
        return named.order_by(order).to_pandas(), reach

    return make


def _paths(touches):
    grouped = touches.groupby(["customer_id", "journey"])
    return [
        ("".join(of.touchpoint), of.converted.iloc[0], of.null.iloc[0], of.open.iloc[0])
        for _key, of in grouped
    ]


def visit(day, name):
    return (day, name, "event")


def order(day, name="order:repeat:ec"):
    return (day, name, "order")


def test_a_journey_ends_with_the_goal_and_the_next_step_begins_another(cut):
    touches, reach = cut(A=[visit(0, "a"), visit(1, "b"), order(2), visit(3, "c")])

    assert _paths(touches) == [("ab", 1, 0, 0), ("c", 0, 1, 0)]
    assert touches.value.tolist() == [Decimal("10.5"), Decimal("10.5"), 0]
    assert (reach.converted, reach.null, reach.direct, reach.steps) == (1, 1, 0, 3)


def test_silence_beyond_the_window_ends_a_journey_also_before_an_order(cut):
    touches, reach = cut(
        A=[visit(0, "a"), visit(30, "b"), visit(61, "c")],
        B=[visit(0, "a"), order(31)],
    )
    assert _paths(touches) == [("ab", 0, 1, 0), ("c", 0, 1, 0), ("a", 0, 1, 0)]
    assert reach.direct == 1


def test_a_journey_is_open_until_its_window_has_passed(cut):
    touches, reach = cut(A=[visit(0, "a")], B=[visit(1, "b")], as_of=date(2026, 1, 30))

    assert _paths(touches) == [("a", 0, 0, 1), ("b", 0, 0, 1)]
    assert reach.open == 2
    assert _paths(cut(A=[visit(0, "a")], as_of=date(2026, 1, 31))[0]) == [("a", 0, 1, 0)]


def test_deliveries_of_a_subscription_are_no_goal(cut):
    touches, reach = cut(A=[visit(0, "a"), order(1, "order:subscription"), visit(2, "b")])
    assert _paths(touches) == [("ab", 0, 1, 0)]
    assert reach.direct == 0


def test_the_second_order_is_reached_only_from_the_first_on(cut):
    steps = [visit(0, "a"), order(1), visit(2, "b"), order(3), visit(4, "c")]
    touches, reach = cut("order:2", A=steps)

    assert _paths(touches) == [("b", 1, 0, 0)]
    assert reach.outside == 2


def test_the_end_of_a_subscription_is_reached_while_one_runs(cut):
    touches, reach = cut(
        "subscription:end",
        A=[
            visit(0, "a"), (1, "subscription:start", "subscription"), visit(2, "b"),
            (3, "subscription:end:payment", "subscription"), visit(4, "c"),
        ],
    )  # fmt: skip
    assert _paths(touches) == [("b", 1, 0, 0)]
    assert reach.outside == 2


@pytest.mark.parametrize("goal", ["orders", "order:0", "order:x", "event"])
def test_an_unknown_goal_is_an_error(cut, goal):
    with pytest.raises(ParameterError, match="no goal"):
        cut(goal, A=[visit(0, "a")])
