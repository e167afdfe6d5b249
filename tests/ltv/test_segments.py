import pyarrow as pa

from joren.contract import validate
from joren.engine import connect
from joren.ltv.segments import (
    dimensions_of,
    groups_of_customers,
    in_groups,
    with_dimensions,
)


def customers(**columns: list):
    n = len(next(iter(columns.values())))
    table = pa.table({"customer_id": [f"{i:03d}" for i in range(n)]} | columns)
    return connect().create_table("customers", table)


def test_small_levels_are_one_and_silence_is_a_level():
    channel = ["web"] * 40 + [None] * 35 + ["fax"] * 5 + ["phone"] * 4
    found = with_dimensions(customers(frequency=[0] * 84, first_channel=channel))
    assert "first_channel" not in found.columns
    sizes = found.dim_first_channel.value_counts().to_pandas()
    assert dict(sizes.itertuples(index=False, name=None)) == {"web": 40, "unknown": 35, "other": 9}


def test_beyond_eight_levels_the_smallest_are_put_together():
    level = [f"L{i}" for i in range(10) for _person in range(30 + i)]
    found = with_dimensions(customers(frequency=[0] * len(level), cohort=level))
    kept = set(found.dim_cohort.to_pyarrow().to_pylist())
    assert kept == {"other", *(f"L{i}" for i in range(2, 10))}


def test_a_dimension_that_tells_nobody_apart_is_left_out():
    found = with_dimensions(customers(frequency=[0, 1], cohort=["2026H1", "2026H1"]))
    assert dimensions_of(found) == ["purchase_days"]


def test_a_customer_is_in_everybody_and_in_one_group_of_each_dimension():
    level = ["2026H1"] * 30 + ["2025H2"] * 30
    people = with_dimensions(customers(frequency=[0, 11] * 30, cohort=level))
    told = groups_of_customers(in_groups(people, ["cohort", "purchase_days"]))
    rows = {row["customer_id"]: row["groups"] for row in told.to_pyarrow().to_pylist()}
    assert len(rows) == 60
    assert rows["000"] == ["all", "cohort:2026H1", "purchase_days:1"]
    assert rows["031"] == ["all", "cohort:2025H2", "purchase_days:from_11"]
    validate(connect().create_table("forecast_groups", told.to_pyarrow()), "forecast_groups")
    assert in_groups(people, []).group_name.to_pyarrow().to_pylist() == ["all"] * 60
