from datetime import date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest

from joren.routes.goal_paths import SECOND, goal_paths, reached, ways
from joren.routes.journeys import journeys
from joren.routes.silence import outcomes
from joren.routes.steps import coded_steps, codes_of

AS_OF = date(2026, 6, 30)


def _row(customer, day, name, number=None):
    kind = "order" if name.startswith("order") else "event"
    return {
        "customer_id": customer, "at": datetime(2026, 1, 1) + timedelta(days=day), "rank": 2,
        "seq": 0, "tie": "", "touchpoint": name, "kind": kind, "number": number,
        "value": Decimal(100) if number else None,
    }  # fmt: skip


@pytest.fixture(scope="module")
def steps(rows):
    given = [
        # A: a visit before her first order leads to no second one; after it, a and b do
        _row("A", 0, "b"), _row("A", 1, "order:first:ec", 1), _row("A", 2, "a"),
        _row("A", 3, "b"), _row("A", 4, "order:repeat:ec", 2), _row("A", 5, "a"),
        # B: fell silent after her first order; C: is still under way; D: had nothing in between
        _row("B", 1, "order:first:ec", 1), _row("B", 2, "a"), _row("B", 60, "b"),
        _row("C", 1, "order:first:ec", 1), _row("C", 178, "a"),
        _row("D", 1, "order:first:ec", 1), _row("D", 9, "order:repeat:ec", 2),
    ]  # fmt: skip
    return coded_steps(rows(given, number=pa.int64(), value=pa.decimal128(18, 4))).cache()


def test_a_customer_has_one_way_to_a_goal(steps, rows):
    touches, _reach = journeys(steps, SECOND, 30, AS_OF)
    fate = outcomes(steps, AS_OF, 90)
    ltv = rows([{"customer_id": "A", "ltv_365d": 100.0}])
    made = goal_paths(ways(touches), SECOND, codes_of(steps), fate, ltv, 0.9)
    found = made.to_pandas().set_index("path")

    assert found.customers.to_dict() == {"a > b": 1, "b": 1, "a": 1}  # A, B (newest), C
    assert found.converted.to_dict() == {"a > b": 1, "b": 0, "a": 0}
    assert found.share.sum() == pytest.approx(1)
    assert set(found.group_name) == {"goal:order:2"}


def test_ways_still_open_are_neither_reached_nor_missed(steps):
    found = reached(ways(journeys(steps, SECOND, 30, AS_OF)[0]), 0.9)

    assert (found.customers, found.open, found.share) == (2, 1, 0.5)
    assert 0 < found.lower < 0.5 < found.upper < 1


def test_without_a_way_nothing_is_known(steps):
    found = reached(ways(journeys(steps, "subscription:end", 30, AS_OF)[0]), 0.9)
    assert (found.customers, found.open, found.lower, found.upper) == (0, 0, 0, 1)
