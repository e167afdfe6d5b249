import pyarrow as pa
import pytest
from tests.routes.conftest import touch_rows

from joren.routes.heuristics import credit_by_rule, rule_rows


@pytest.fixture
def credit(rows):
    journeys = [("A", "aab", 1, 30), ("B", "cb", 1, 10), ("C", "ab", 0, 0), ("D", "a", -1, 0)]
    given = touch_rows(*journeys)
    return credit_by_rule(rule_rows(rows(given, value=pa.decimal128(18, 4))), 3)


@pytest.mark.parametrize(
    ("rule", "conversions", "value"),
    [
        ("first", [1, 0, 1], [30, 0, 10]),
        ("last", [0, 2, 0], [0, 40, 0]),
        ("linear", [2 / 3, 1 / 3 + 1 / 2, 1 / 2], [20, 15, 5]),
    ],
)
def test_rules_by_hand(credit, rule, conversions, value):
    assert credit[rule][0].tolist() == pytest.approx(conversions)
    assert credit[rule][1].tolist() == pytest.approx(value)
