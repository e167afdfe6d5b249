from datetime import date

import ibis
import pytest

from joren.engine import connect
from joren.ltv.baselines import last_period, value_by_rule, with_baselines


def test_each_baseline_says_what_its_name_says():
    row = {
        "frequency": 3, "recency": 80, "T": 100, "past_value": 200.0, "expected_orders": 1.5,
        "repeat_orders_before": 2, "repeat_value_before": 90.0,
    }  # fmt: skip
    table = connect().create_table("customers", ibis.memtable([row]).to_pyarrow())
    (found,) = with_baselines(table, scale=1.5).to_pyarrow().to_pylist()
    assert found["same_as_last_period_orders"] == 3
    assert found["same_as_last_period_value"] == 135
    assert found["past_mean_spend_value"] == 1.5 * 200 / 4
    assert (found["by_recency"], found["by_frequency"], found["by_past_spend"]) == (-20, 3, 200)


@pytest.fixture
def days():
    rows = [
        (1, "2026-01-01", 50), (2, "2026-01-20", 40), (3, "2026-03-01", 30), (2, "2026-03-31", 20),
    ]  # fmt: skip
    made = [{"visit": visit, "day": day, "value": value} for visit, day, value in rows]
    table = connect().create_table("days", ibis.memtable(made).to_pyarrow())
    return table.mutate(day=table.day.cast("date"))


def test_the_last_period_is_what_was_repeated_in_it(days):
    assert last_period(days, date(2026, 3, 31), 31) == {"orders": 2, "value": 50}
    assert last_period(days, date(2026, 3, 31), 30) == {"orders": 1, "value": 20}


def test_a_history_shorter_than_the_period_is_scaled_up(days):
    assert last_period(days, date(2026, 3, 31), 180) == {"orders": 6, "value": 180}


def test_rules_say_what_all_customers_will_spend(days):
    row = {"expected_orders": 2.0, "past_value": 90.0, "frequency": 2}
    expected = connect().create_table("expected", ibis.memtable([row, row]).to_pyarrow())
    as_of = date(2026, 3, 31)
    assert value_by_rule("past_mean_spend", days, expected, as_of, 365) == 2 * 2.0 * 30
    assert value_by_rule("same_as_last_period", days, expected, as_of, 31) == 50
