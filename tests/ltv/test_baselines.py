import ibis

from joren.engine import connect
from joren.ltv.baselines import with_baselines


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
