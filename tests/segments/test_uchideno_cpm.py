"""うちでのこづち's ranks and lapse period, by hand."""

from __future__ import annotations

from datetime import date

import pytest

from joren import text
from joren.params_segments import UchidenoCpm
from joren.segments.standing import spans
from joren.segments.uchideno_cpm import raised, uchideno_cpm

CASES = {
    "one": ([(59, 90_000)], ("trial", "active")),
    "one, silent 60": ([(60, 90_000)], ("trial", "lapsed")),
    "stay 89": ([(99, 90_000), (10, 1)], ("toddling", "active")),
    "stay 90, 69,999": ([(100, 69_998), (10, 1)], ("steady", "active")),
    "stay 90, 70,000": ([(100, 69_999), (10, 1)], ("loyal", "active")),
    "loyal, silent 60": ([(160, 70_000), (60, 1)], ("loyal", "lapsed")),
}


@pytest.mark.parametrize("name", CASES)
def test_ranks_by_hand(cells_of, name):
    bought, expected = CASES[name]
    assert cells_of(uchideno_cpm(UchidenoCpm()), {"a": bought}) == {"a": expected}


def test_raised_customers_are_counted_in_the_month_of_their_rise(visits_of):
    # 2026-01-10, 2026-02-10, 2026-04-15 lies after as_of; as_of is 2026-03-31
    history = spans(
        visits_of({"a": [(80, 1), (49, 1)], "b": [(49, 1)], "c": [(200, 1), (20, 80_000)]}),
        uchideno_cpm(UchidenoCpm()),
        date(2026, 3, 31),
    )
    rows = raised(history).order_by("month").to_pyarrow().to_pylist()
    assert [(str(row["month"])[:7], row["customers"]) for row in rows] == [
        ("2026-02", 1),
        ("2026-03", 1),
    ]


def test_every_closing_of_a_boundary_is_told():
    assert all(text.has(key) for key in uchideno_cpm(UchidenoCpm()).closings)
