import pyarrow as pa

from joren import text
from joren.ltv.overview import score_table


def test_scores_stand_by_measure_the_outcome_and_the_model_first():
    rows = [
        ("total_orders", "same_as_last_period", "all"), ("total_orders", "actual", "all"),
        ("auc", "recency", "all"), ("auc", "bg_nbd", "all"), ("total_orders", "bg_nbd", "all"),
        ("orders_per_customer", "actual", "decile_01"),
    ]  # fmt: skip
    names = ("measure", "predictor", "group_name")
    table = pa.Table.from_pylist(
        [
            dict(zip(names, row, strict=True)) | {"value": 1.0, "lower": None, "upper": None}
            for row in rows
        ]
    )
    found = score_table(table)
    assert [key.split(".")[-1] for key in found.predictor] == [
        "actual",
        "bg_nbd",
        "same_as_last_period",
        "bg_nbd",
        "recency",
    ]
    assert all(text.has(key) for key in [*found.measure, *found.predictor])
