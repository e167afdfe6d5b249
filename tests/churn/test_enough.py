from datetime import date

import ibis
import pytest

from joren import text
from joren.churn.enough import SMALLEST_ENDS, SMALLEST_SUBSCRIPTIONS, Extent, extent


def test_subscriptions_are_counted_by_what_became_of_them():
    rows = [(True, False, date(2025, 4, 1)), (False, True, date(2025, 5, 1)),
            (False, False, date(2026, 3, 1))]  # fmt: skip
    schema = {"active": "boolean", "settled": "boolean", "started_on": "date"}
    found = extent(ibis.memtable(rows, schema=schema), date(2026, 3, 31))

    assert found == Extent(subscriptions=3, active=1, settled=1, days=364)
    assert found.ended == 2
    assert found.is_thin()


def test_no_subscription_is_thin_and_has_no_pace():
    schema = {"active": "boolean", "settled": "boolean", "started_on": "date"}
    found = extent(ibis.memtable([], schema=schema), date(2026, 3, 31))

    assert found.is_thin()
    assert found.months_missing() is None


@pytest.mark.parametrize(
    ("subscriptions", "settled", "months"), [(60, 15, 12), (25, 30, 12), (50, 30, 0)]
)
def test_what_is_missing_comes_at_the_pace_so_far(subscriptions, settled, months):
    found = Extent(subscriptions, subscriptions - settled, settled, days=365)

    assert found.months_missing() == pytest.approx(months)
    assert found.is_thin() is (months > 0)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize(("settled", "key"), [(10, "too_thin"), (0, "too_thin_unpaced")])
def test_a_refusal_says_what_there_is_and_what_is_missing(language, settled, key):
    found = Extent(80, 80 - settled, settled, days=100)
    facts = {"subscriptions": 80, "active": found.active, "ended": found.ended}
    least = {"least": SMALLEST_SUBSCRIPTIONS, "least_ends": SMALLEST_ENDS}
    months = found.months_missing()
    said = text.render(language, f"churn.{key}", months=months, **facts, **least)

    assert "80" in said
    assert "30" in said
    assert (" 7 " in said) is (key == "too_thin")  # twenty ends more at ten in 100 days
