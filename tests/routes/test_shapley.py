from itertools import permutations

import pyarrow as pa
import pytest
from tests.routes.conftest import touch_rows
from tests.routes.published import NAMES, sets

from joren.routes.heuristics import credit_by_rule
from joren.routes.shapley import shapley_rows


def _credit(rows, given, touchpoints):
    found = shapley_rows(rows(given, value=pa.decimal128(18, 4)))
    return credit_by_rule(found, touchpoints)["shapley"]


def test_published_values(rows):
    given = [
        {"customer_id": "A", "journey": j, "code": code, "converted": n, "value": 0}
        for j, (codes, n) in enumerate(sets())
        for code in codes
    ]
    conversions, _value = _credit(rows, given, 12)
    found = dict(zip(NAMES, conversions.round(3), strict=True))

    assert found["alpha"] == 7627.944
    assert found["eta"] == 3613.656
    assert found["iota"] == 3505.044
    assert found["beta"] == 1982.739


def test_the_closed_form_is_the_shapley_value_of_the_game(rows):
    journeys = [("A", "aab", 1, 6), ("B", "b", 1, 3), ("C", "abc", 1, 3), ("D", "c", 0, 0)]
    conversions, value = _credit(rows, touch_rows(*journeys), 3)

    def worth(coalition, gain):
        return sum(j[gain] for j in journeys if j[2] == 1 and set(j[1]) <= set(coalition))

    for gain, found in ((2, conversions), (3, value)):
        for place, letter in enumerate("abc"):
            added = [
                worth(order[: order.index(letter) + 1], gain)
                - worth(order[: order.index(letter)], gain)
                for order in permutations("abc")
            ]
            assert found[place] == pytest.approx(sum(added) / len(added))
