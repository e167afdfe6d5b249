from datetime import date, datetime, timedelta

import pytest
from tests.routes.handmade import shop

from joren.routes.onboarding import ALL, funnel, onboarding

AS_OF = date(2024, 12, 31)
NEW_YEAR = datetime(2024, 1, 1, 9)


def _onboarded(table, sold, registered: dict[str, int], line: dict[str, int] | None = None):
    made = shop(table, sold, AS_OF)
    customers = [
        {"source": "shop", "source_id": c, "registered_at": NEW_YEAR + timedelta(days=day)}
        for c, day in registered.items()
    ]
    events = [
        {"source": "shop", "source_id": c, "touchpoint": "add", "channel": "line",
         "occurred_at": NEW_YEAR + timedelta(days=day)}
        for c, day in (line or {}).items()
    ]  # fmt: skip
    return onboarding(
        table("canonical/customers", customers), made.identity, made.days,
        table("canonical/events", events), AS_OF,
    )  # fmt: skip


def test_steps_count_within_the_window_of_those_registered_long_enough_ago(table):
    sold = [("a", 0, ["x"]), ("a", 30, ["x"]), ("b", 200, ["x"]), ("c", 5, ["x"]),
            ("late", 360, ["x"])]  # fmt: skip
    found = _onboarded(table, sold, {"a": 0, "b": 0, "c": 0, "late": 355})
    table_ = funnel(found, 0.9, window=90).set_index(["month", "step"])

    first, second = table_.loc[(ALL, "first_order")], table_.loc[(ALL, "second_order")]
    assert (first.customers, first.reached) == (3, 2)
    assert (second.customers, second.reached) == (3, 1)
    assert second.lower < 1 / 3 < second.upper
    assert second.median_days == 30
    assert ("2024-12", "first_order") not in table_.index


def test_who_bought_before_registering_is_counted_apart(table):
    found = _onboarded(table, [("a", 0, ["x"]), ("b", 9, ["x"])], {"a": 8, "b": 9})

    assert found.before == 1
    assert found.steps.customer_id.to_pandas().tolist() == ["b"]


def test_line_is_a_step_only_where_there_is_any(table):
    sold = [("a", 0, ["x"]), ("b", 0, ["x"])]
    without = _onboarded(table, sold, {"a": 0, "b": 0})
    linked = _onboarded(table, sold, {"a": 0, "b": 0}, line={"a": 4})

    assert without.names == ("first_order", "second_order")
    assert linked.names == ("first_order", "second_order", "line")
    row = funnel(linked, 0.9).set_index(["month", "step"]).loc[(ALL, "line")]
    assert row.rate == pytest.approx(0.5)
    assert row.median_days == 4
