"""A forecast frozen on 31 January, held against February and March."""

from datetime import date, datetime

import ibis
import pyarrow as pa
import pytest

from joren.contract import MONEY, validate
from joren.engine import connect
from joren.ltv.answers import check_forecast, check_table, due_checks, first_check, frozen_before
from joren.ltv.frozen import frozen_customers, frozen_days, frozen_totals
from joren.purchases import counted_orders, purchase_days

MADE, AS_OF = date(2026, 1, 31), date(2026, 3, 31)
HISTORY = pa.schema(
    [
        ("at", pa.timestamp("us")),
        ("kind", pa.string()),
        ("customer_ids_before", pa.list_(pa.string())),
        ("customer_ids_after", pa.list_(pa.string())),
    ]
)
# customer, day, value: eve and ann turned out to be one in March; joe came after the forecast
ORDERS = [
    ("ann", "2026-01-01", 100), ("ann", "2026-02-10", 40), ("ann", "2026-03-20", 60),
    ("bob", "2026-01-15", 30), ("eve", "2026-01-20", 10), ("eve", "2026-02-11", 20),
    ("joe", "2026-02-05", 500), ("joe", "2026-02-20", 500),
]  # fmt: skip


@pytest.fixture(scope="module")
def con():
    return connect()


def forecasts(con, name: str = "forecasts") -> ibis.Table:
    rows = [
        {"measure": measure, "days": days, "group_name": group, "customers": n, "mean": mean,
         "lower": 0.5 * mean, "upper": 1.5 * mean}
        for days in (30, 60, 90)
        for measure, scale in (("orders", 1.0), ("value", 30.0))
        for group, n, mean in (("all", 3, 2.0 * scale), ("tenth:01", 2, 1.5 * scale),
                               ("tenth:02", 1, 0.5 * scale))
    ]  # fmt: skip
    totals = con.create_table("totals", pa.Table.from_pylist(rows), overwrite=True)
    return con.create_table(name, frozen_totals(totals, MADE), overwrite=True)


@pytest.fixture(scope="module")
def by_customer(con) -> ibis.Table:
    expected = {"ann": 0.8, "bob": 0.1, "eve": 0.7}
    ltv = [
        {"customer_id": name, "recency": 0, "T": 16}
        | {f"p_order_{d}d": p * d / 60 for d in (30, 60, 90)}
        | {f"expected_orders_{d}d": p for d in (30, 60, 90)}
        | {f"expected_value_{d}d": 30 * p for d in (30, 60, 90)}
        for name, p in expected.items()
    ]
    groups = [
        {"customer_id": "ann", "groups": ["all", "tenth:01"]},
        {"customer_id": "eve", "groups": ["all", "tenth:01"]},
        {"customer_id": "bob", "groups": ["all", "tenth:02"]},
    ]
    customers = con.create_table("ltv", pa.Table.from_pylist(ltv))
    told = con.create_table("forecast_groups", pa.Table.from_pylist(groups))
    validate(told, "forecast_groups")
    return con.create_table("frozen", frozen_customers(customers, told, [30, 60, 90], MADE))


def purchases(con, merged: bool) -> ibis.Table:
    rows = [
        {"customer_id": "ann" if merged and who == "eve" else who, "source": "web",
         "source_id": who, "order_id": str(i), "at": at, "value": value, "status": "valid"}
        for i, (who, at, value) in enumerate(ORDERS)
    ]  # fmt: skip
    orders = con.create_table("orders", pa.Table.from_pylist(rows), overwrite=True)
    told = orders.mutate(
        ordered_at=orders["at"].cast("timestamp(6)"),
        day=orders["at"].cast("date"),
        value=orders.value.cast(MONEY),
    )
    return purchase_days(counted_orders(told, AS_OF)).cache()


def checked(con, by_customer, days: int = 30, merged: bool = False) -> dict:
    events = [
        {"at": datetime(2026, 3, 1), "kind": "merge", "customer_ids_before": ["ann", "eve"],
         "customer_ids_after": ["ann"]}
    ]  # fmt: skip
    history = con.create_table(
        "history", pa.Table.from_pylist(events if merged else [], schema=HISTORY), overwrite=True
    )
    alive = ["ann", "bob", "joe"] if merged else ["ann", "bob", "eve", "joe"]
    identity = con.create_table("identity", pa.table({"customer_id": alive}), overwrite=True)
    table = check_forecast(
        MADE, days, forecasts(con), by_customer, purchases(con, merged), history, identity, 0.9
    )
    validate(con.create_table("checked", table, overwrite=True), "forecast_check")
    return {(r["measure"], r["predictor"], r["group_name"]): r for r in table.to_pylist()}


def test_a_forecast_is_due_over_the_longest_horizon_that_has_passed(con):
    log = forecasts(con)
    assert due_checks(log, date(2026, 3, 1)) == []
    assert due_checks(log, date(2026, 3, 2)) == [(MADE, 30)]
    assert due_checks(log, date(2026, 4, 1)) == [(MADE, 60)]
    assert due_checks(log, date(2027, 4, 1)) == [(MADE, 90)]
    assert due_checks(None, AS_OF) == []
    assert frozen_before(log, AS_OF) == [MADE]
    assert first_check(MADE) == date(2026, 3, 2)


def test_only_customers_of_that_day_and_the_days_that_passed_count(con, by_customer):
    rows = checked(con, by_customer, days=30)
    assert rows["total_orders", "actual", "all"]["value"] == 2
    assert rows["total_value", "actual", "all"]["value"] == 60
    assert rows["total_orders", "actual", "all"]["n"] == 3
    assert rows["total_orders", "model", "all"]["value"] == 2.0
    assert checked(con, by_customer, days=60)["total_orders", "actual", "all"]["value"] == 3


def test_every_group_is_held_against_its_own_customers(con, by_customer):
    rows = checked(con, by_customer)
    assert rows["total_orders", "actual", "tenth:01"]["value"] == 2
    assert rows["total_orders", "actual", "tenth:02"]["value"] == 0
    assert rows["total_value", "model", "tenth:02"]["lower"] == 7.5


def test_customers_are_scored_by_their_frozen_chances(con, by_customer):
    rows = checked(con, by_customer)
    assert rows["auc", "model", "all"]["value"] == 1
    brier = (0.6**2 + 0.05**2 + 0.65**2) / 3
    assert rows["brier", "model", "all"]["value"] == pytest.approx(brier, rel=1e-6)


def test_customers_merged_since_count_once_with_all_that_was_expected_of_them(con, by_customer):
    rows = checked(con, by_customer, merged=True)
    assert rows["total_orders", "actual", "all"]["n"] == 2
    assert rows["total_orders", "actual", "all"]["value"] == 2
    assert rows["total_orders", "actual", "tenth:01"]["n"] == 1
    either = 1 - 0.6 * 0.65
    brier = ((1 - either) ** 2 + 0.05**2) / 2
    assert rows["brier", "model", "all"]["value"] == pytest.approx(brier, rel=1e-6)


def test_without_frozen_customers_the_totals_are_still_checked(con):
    rows = check_forecast(
        MADE, 30, forecasts(con), None, purchases(con, False), None, None, 0.9
    ).to_pylist()
    assert {(r["measure"], r["group_name"]) for r in rows} == {
        ("total_orders", "all"),
        ("total_value", "all"),
    }


def test_nothing_due_makes_an_empty_table_of_the_contract(con):
    table = con.create_table("none_due", check_table([]))
    validate(table, "forecast_check")
    assert table.count().to_pyarrow().as_py() == 0


def test_months_are_frozen_beside_the_horizons_asked_for():
    assert frozen_days([90, 365]) == [30, 60, 90, 365]
