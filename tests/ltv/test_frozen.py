from datetime import date

import pyarrow as pa

from joren.contract import validate
from joren.engine import connect
from joren.ltv import frozen
from joren.ltv.frozen import frozen_customers, frozen_totals, is_frozen

MADE = date(2026, 1, 31)


def totals(con):
    row = {"measure": "orders", "days": 30, "group_name": "all", "customers": 2, "mean": 1.0,
           "lower": 0.0, "upper": 2.0}  # fmt: skip
    table = con.create_table("forecast_totals", pa.Table.from_pylist([row]))
    validate(table, "forecast_totals")
    return table


def test_the_first_forecast_of_a_day_stands():
    log = frozen_totals(totals(connect()), MADE)
    assert is_frozen(log, MADE)
    assert not is_frozen(log, date(2026, 2, 28))
    assert not is_frozen(None, MADE)


def test_beyond_a_number_of_customers_only_totals_are_frozen(monkeypatch):
    con = connect()
    rows = [
        {"customer_id": str(i), "recency": 0, "T": 9, "p_order_30d": 0.5,
         "expected_orders_30d": 0.7, "expected_value_30d": 7.0}
        for i in range(3)
    ]  # fmt: skip
    customers = con.create_table("customers", pa.Table.from_pylist(rows))
    groups = con.create_table(
        "groups", pa.table({"customer_id": ["0", "1", "2"], "groups": [["all"]] * 3})
    )
    kept = frozen_customers(customers, groups, [30], MADE).to_pyarrow().to_pylist()
    assert len(kept) == 3
    assert kept[0]["days"] == [30]
    assert kept[0]["silence"] == 9
    monkeypatch.setattr(frozen, "MOST_CUSTOMERS", 2)
    assert frozen_customers(customers, groups, [30], MADE).count().to_pyarrow().as_py() == 0
