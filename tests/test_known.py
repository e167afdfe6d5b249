"""A run as of a day sees what had happened by its end, and nothing later."""

from __future__ import annotations

from datetime import date, datetime

import ibis

from joren import engine
from joren.known import TIME_COLUMNS, known_by, lines_of


def _orders():
    times = [datetime(2026, 3, 31, 23, 59, 59), datetime(2026, 4, 1), datetime(2026, 3, 1)]
    rows = {"source": ["pos"] * 3, "order_id": ["a", "b", "c"], "ordered_at": times}
    return engine.connect().create_table("orders", ibis.memtable(rows))


def test_the_last_second_of_as_of_is_in_and_the_next_is_out():
    known = known_by(_orders(), "canonical/orders", date(2026, 3, 31))
    assert sorted(known.order_id.to_pyarrow().to_pylist()) == ["a", "c"]


def test_a_member_without_a_registration_date_is_known():
    rows = {"source_id": ["x", "y"], "registered_at": [None, datetime(2027, 1, 1)]}
    members = engine.connect().create_table("members", ibis.memtable(rows))
    known = known_by(members, "canonical/customers", date(2026, 3, 31))
    assert known.source_id.to_pyarrow().to_pylist() == ["x"]


def test_dates_are_compared_as_dates():
    rows = {"area": ["n", "s"], "date": [date(2026, 3, 31), date(2026, 4, 1)]}
    weather = engine.connect().create_table("weather", ibis.memtable(rows))
    known = known_by(weather, "canonical/weather", date(2026, 3, 31))
    assert known.area.to_pyarrow().to_pylist() == ["n"]


def test_lines_follow_their_orders():
    orders = _orders()
    rows = {"source": ["pos", "pos"], "order_id": ["a", "b"], "line_no": [1, 1]}
    lines = orders.get_backend().create_table("lines", ibis.memtable(rows))
    known = lines_of(lines, known_by(orders, "canonical/orders", date(2026, 3, 31)))
    assert known.order_id.to_pyarrow().to_pylist() == ["a"]


def test_every_timed_table_names_a_column_of_its_contract():
    from joren.contract import TABLES

    for name, column in TIME_COLUMNS.items():
        assert column in TABLES[name].column_names
