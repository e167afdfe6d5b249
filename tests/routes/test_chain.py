import random
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from tests.routes.conftest import touch_rows

from joren.errors import JorenError
from joren.routes.chain import compact, count, memories, touches_of_paths

VALUE = pa.decimal128(18, 4)


def _equal(one, other, cents=0.0):
    for name in ("grams", "weight", "ends", "converted", "null", "open"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    np.testing.assert_allclose(one.value, other.value, rtol=0, atol=cents)


def _some_journeys(chance, n=300):
    return [
        (
            f"C{chance.randrange(60)}",
            "".join(chance.choice("abcd") for _ in range(chance.randint(1, 6))),
            ended,
            round(chance.random() * 100, 2) if ended == 1 else 0,
        )
        for ended in chance.choices([1, 0, -1], k=n)
    ]


def test_counts_of_two_journeys_by_hand(rows):
    given = rows(touch_rows(("A", "aba", 1, 5), ("B", "a", 0, 0)), value=VALUE)
    found = count(memories(given, 2, 1), 2, 1)
    # base 3: start → a is 01, a → b is 12, b → a is 21
    assert dict(zip(found.grams, found.weight, strict=True)) == {1: 2, 3 + 2: 1, 2 * 3 + 1: 1}
    assert (found.ends.tolist(), found.converted.tolist()) == ([1], [1])
    assert (found.null.tolist(), found.value.tolist()) == ([1], [5])


def test_a_lower_order_is_a_sum_of_a_higher(rows):
    given = rows(touch_rows(*_some_journeys(random.Random(1))), value=VALUE)
    highest = count(memories(given, 4, 3), 4, 3)

    for order in (1, 2):
        _equal(highest.at_order(order), count(memories(given, 4, order), 4, order), 1e-9)
    _equal(highest.at_order(3), highest)


def test_exploded_and_weighted_journeys_give_the_same_counts(rows):
    journeys = _some_journeys(random.Random(2))
    exploded = rows(touch_rows(*journeys), value=VALUE)
    weighted = rows(
        [
            {
                "path": [ord(letter) - 96 for letter in letters], "converted": int(ended == 1),
                "null": int(ended == 0), "open": int(ended == -1), "value": Decimal(str(value)),
            }
            for _customer, letters, ended, value in journeys
        ],
        value=VALUE,
    )  # fmt: skip
    _equal(
        count(memories(exploded, 4, 2), 4, 2),
        count(memories(touches_of_paths(weighted), 4, 2), 4, 2),
    )


def test_counts_depend_neither_on_row_order_nor_on_threads(con, rows):
    chance = random.Random(3)
    given = touch_rows(*_some_journeys(chance))

    def found(given, threads):
        con.raw_sql(f"SET threads = {threads}")
        try:
            return count(memories(rows(given, value=VALUE), 4, 3), 4, 3)
        finally:
            con.raw_sql("RESET threads")

    _equal(found(given, 1), found(chance.sample(given, len(given)), 2))


def test_codes_of_journeys_leave_no_gap(rows):
    given = rows(touch_rows(("A", "bd", 1, 1)), value=VALUE)
    found, codes = compact(given)

    assert codes == {1: 2, 2: 4}
    assert found.order_by("place").code.to_pyarrow().to_pylist() == [1, 2]


def test_memories_that_fit_no_integer_are_refused(rows):
    given = rows(touch_rows(("A", "a", 1, 1)), value=VALUE)
    with pytest.raises(JorenError, match="too many for an order of 5"):
        memories(given, 2000, 5)
