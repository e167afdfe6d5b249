from datetime import date

import ibis
import pytest

from joren.churn.levels import SMALLEST_LEVEL, with_levels


@pytest.fixture
def rows():
    def make(*groups: tuple) -> list[dict]:
        """(product, channel, first day, cycle, how many)"""
        schema = {
            "product_id": "string", "first_channel": "string", "started_on": "date",
            "cycle_days": "int64",
        }  # fmt: skip
        listed = [
            dict(zip(schema, columns, strict=True)) for *columns, n in groups for _one in range(n)
        ]
        found = with_levels(ibis.memtable(listed, schema=schema), date(2026, 3, 31))
        return found.to_pyarrow().to_pylist()

    return make


DAY = date(2025, 6, 1)


def test_rare_levels_become_one(rows):
    found = rows(("tea", "ec", DAY, 30, SMALLEST_LEVEL), ("soap", "pos", DAY, 30, 3))

    assert {(r["course"], r["first_channel"]) for r in found} == {("tea", "ec"), ("other", "other")}


def test_the_cohort_is_years_since_the_start(rows):
    days = [date(2025, 4, 1), date(2025, 3, 31), date(2019, 1, 1)]
    found = rows(*(("tea", "ec", day, 30, SMALLEST_LEVEL) for day in days))

    assert {r["started_on"]: r["cohort"] for r in found} == dict(
        zip(days, ("0", "1", "3"), strict=True)
    )


def test_a_cycle_is_compared_with_the_products_own(rows):
    n = SMALLEST_LEVEL
    found = rows(
        ("tea", "ec", DAY, 30, 2 * n), ("tea", "ec", DAY, 20, n), ("soap", None, DAY, 20, n)
    )

    assert {(r["product_id"], r["cycle_days"], r["cycle"]) for r in found} == {
        ("tea", 30, "usual"), ("tea", 20, "shorter"), ("soap", 20, "usual"),
    }  # fmt: skip
