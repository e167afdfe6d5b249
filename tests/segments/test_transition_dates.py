"""Which days a flow compares."""

from __future__ import annotations

from datetime import date

import pytest

from joren.segments.transition_dates import comparisons


@pytest.mark.parametrize(
    ("as_of", "month", "quarter", "year"),
    [
        (date(2026, 3, 31), date(2026, 2, 28), date(2025, 12, 31), date(2025, 3, 31)),
        (date(2024, 3, 10), date(2024, 2, 29), date(2023, 12, 31), date(2023, 3, 31)),
        (date(2026, 1, 31), date(2025, 12, 31), date(2025, 10, 31), date(2025, 1, 31)),
    ],
)
def test_a_flow_begins_at_the_end_of_an_earlier_month(as_of, month, quarter, year):
    found = comparisons(as_of)
    assert [found[name] for name in ("month", "quarter", "year")] == [
        (month, as_of), (quarter, as_of), (year, as_of),
    ]  # fmt: skip
