"""Bands over plausible merges."""

import numpy as np
import pandas as pd
import pytest

from joren.identity.sensitivity import LtvOfHistory, bands, draw_merges
from joren.identity.waiting import Queue

TOTALS = {"customers": 10, "buyers": 8, "repeaters": 4, "value": 800.0}
FACTS = pd.DataFrame(
    {"value": [100.0, 50.0], "first_day": [10, 20], "last_day": [10, 20]}, index=["A", "B"]
)


def queue(*pairs: tuple[int, int, float], customers: str = "AB", apart=None) -> Queue:
    left, right, p = (np.array(column) for column in zip(*pairs, strict=True))
    return Queue(list(customers), left.astype(int), right.astype(int), p, apart or {})


def figures(found: pd.DataFrame) -> dict[str, tuple]:
    return {row.measure: (row.value, row.lower, row.upper, row.n) for row in found.itertuples()}


def test_two_one_time_buyers_who_are_surely_one_make_a_repeater():
    found = bands(queue((0, 1, 1.0)), {}, FACTS, None, TOTALS, seed=1, interval=0.9)
    seen = figures(found)
    assert seen["customers"] == (10, 9, 10, 1)
    assert seen["repeat_rate"] == (0.5, 0.5, pytest.approx(5 / 7), 1)
    assert seen["value_per_buyer"] == (100, 100, pytest.approx(800 / 7), 1)


def test_nobody_is_merged_whom_birth_date_or_a_reviewer_keeps_apart():
    born = {"A": ("1970-01-05", None), "B": ("1999-09-09", None)}
    found = bands(queue((0, 1, 1.0)), born, FACTS, None, TOTALS, seed=1, interval=0.9)
    assert figures(found)["customers"] == (10, 10, 10, 1)
    vetoed = queue(
        (0, 1, 1.0), (1, 2, 0.99999), customers="ABC",
        apart={0: frozenset({2}), 2: frozenset({0})},
    )  # fmt: skip
    assert draw_merges(vetoed, {}, np.random.default_rng(1)) == [[0, 1]]


def test_the_same_seed_draws_the_same_band_and_doubt_widens_it():
    doubtful = queue((0, 1, 0.5))
    one, other = (bands(doubtful, {}, FACTS, None, TOTALS, seed=7, interval=0.9) for _ in range(2))
    assert one.equals(other)
    assert figures(one)["customers"] == (10, 9, 10, 1)


def test_an_empty_queue_moves_nothing():
    nothing = Queue([], np.array([], int), np.array([], int), np.array([]), {})
    found = bands(nothing, {}, FACTS.iloc[:0], None, TOTALS, seed=1, interval=0.9)
    assert (found.value == found.lower).all()
    assert (found.value == found.upper).all()


def test_a_merged_customer_is_worth_what_customers_of_like_history_are():
    rng = np.random.default_rng(3)
    frequency = rng.integers(0, 10, 400)
    ltv = pd.DataFrame(
        {"ltv": 100.0 * (frequency + 1) ** 2, "frequency": frequency, "recency": 300, "T": 365,
         "monetary_value": 1000.0},
        index=[f"C{n}" for n in range(400)],
    )  # fmt: skip
    few = [name for name, own in ltv.frequency.items() if own == 1][:2]
    change = LtvOfHistory(ltv, few).change([[0, 1]])
    assert change == pytest.approx(1600 - 2 * 400)
