from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from joren.contract import TABLES
from joren.engine import connect, keep
from joren.points.sales import sales_with_points


@pytest.fixture(scope="module")
def con():
    return connect()


def _table(con, name: str, rows: list[dict]):
    schema = TABLES[f"canonical/{name}"].ibis_schema().to_pyarrow()
    return keep(con, f"made_{name}", pa.Table.from_pylist(rows, schema=schema))


def _grant(entry: str, order: str | None, points: int, day: int = 5, **more) -> dict:
    return {
        "source": "web", "entry_id": entry, "source_id": "c", "account": "c", "kind": "grant",
        "occurred_at": datetime(2026, 3, day), "points": points, "order_id": order,
    } | more  # fmt: skip


def _order(order: str, amount: int, **more) -> dict:
    return {
        "source": "web", "order_id": order, "source_id": "c", "status": "valid",
        "ordered_at": datetime(2026, 3, 5), "amount": Decimal(amount),
    } | more  # fmt: skip


def _found(con, entries: list[dict], orders: list[dict]) -> list[tuple]:
    found = sales_with_points(_table(con, "point_entries", entries), _table(con, "orders", orders))
    rows = found.to_pyarrow().to_pylist()
    return [(row["month"], row["sales"], row["tied"]) for row in rows]


def test_a_grant_is_tied_to_what_its_order_cost_without_tax(con):
    orders = [_order("1", 1_100, amount_excluding_tax=Decimal(1_000)), _order("2", 550)]
    entries = [_grant("a", "1", 10), _grant("b", "2", 5), _grant("c", None, 500)]

    assert _found(con, entries, orders) == [(date(2026, 3, 1), Decimal(1_550), 15)]


def test_two_grants_of_one_order_count_its_price_once_and_an_entry_told_twice_too(con):
    entries = [_grant("a", "1", 10), _grant("b", "1", 7), _grant("a", "1", 10)]
    assert _found(con, entries, [_order("1", 900)]) == [(date(2026, 3, 1), Decimal(900), 17)]


def test_cancelled_orders_and_grants_without_their_order_allocate_nothing(con):
    entries = [_grant("a", "1", 10), _grant("b", "gone", 7)]
    assert _found(con, entries, [_order("1", 900, status="cancelled")]) == []


def test_a_grant_may_name_the_order_of_another_source(con):
    entries = [_grant("a", "1", 10, order_source="pos")]
    orders = [_order("1", 300, source="pos"), _order("1", 900)]
    assert _found(con, entries, orders) == [(date(2026, 3, 1), Decimal(300), 10)]
