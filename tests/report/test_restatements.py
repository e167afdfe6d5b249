"""Restatements: months told of before whose totals changed, and only those."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import ibis
import pytest

from joren.contract import TABLES, validate
from joren.engine import connect, read_parquet, write_parquet
from joren.report.build import assemble
from joren.report.restatements import write_restatements
from joren.workspace import table_path, write_json

START = dt.datetime(2026, 1, 1, 12)


def _run(folder, as_of, orders, entries=()):
    """A run's folder: orders as (day offset, amount, status), entries as (offset, kind, points)."""
    con = connect()
    table = {
        "source": ["pos"] * len(orders),
        "order_id": [f"o{n}" for n in range(len(orders))],
        "source_id": ["m"] * len(orders),
        "ordered_at": [START + dt.timedelta(days=day) for day, *_ in orders],
        "amount": [Decimal(amount) for _, amount, _ in orders],
        "amount_excluding_tax": [Decimal(amount) for _, amount, _ in orders],
        "status": [status for *_, status in orders],
    }
    schema = {c.name: c.type for c in TABLES["canonical/orders"].columns if c.name in table}
    _write(con, folder, "canonical/orders", table, schema)
    if entries:
        table = {
            "source": ["pos"] * len(entries),
            "entry_id": [f"e{n}" for n in range(len(entries))],
            "occurred_at": [START + dt.timedelta(days=day) for day, *_ in entries],
            "kind": [kind for _, kind, _ in entries],
            "points": [points for *_, points in entries],
        }
        schema = {c.name: c.type for c in TABLES["canonical/point_entries"].columns}
        schema = {name: schema[name] for name in table}
        _write(con, folder, "canonical/point_entries", table, schema)
    write_json(folder / "run.json", record := _record(folder.name, as_of))
    return record


def _write(con, folder, name, rows, schema):
    path = table_path(folder, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    (folder / "tables").mkdir(exist_ok=True)
    write_parquet(con.create_table("given", ibis.memtable(rows, schema=schema), overwrite=True),
                  path, list(rows)[:2])  # fmt: skip


def _record(run_id, as_of):
    return {
        "run_id": run_id, "client": "shop", "title": {"ja": "店", "en": "Shop"}, "language": "en",
        "currency": "JPY", "timezone": "Asia/Tokyo", "as_of": as_of,
        "finished_at": "2026-04-01T09:01:00+00:00", "parameters": {"interval": 0.9},
        "warnings": [], "code_version": "1", "lock": "ab", "seed": 1, "peak_memory_mb": 1,
        "inputs": {}, "tables": {},
        "steps": [{"step": "01_identity/10_ingest", "status": "ran", "reason": None}],
    }  # fmt: skip


def _table(folder):
    table = read_parquet(connect(), table_path(folder, "restatements"))
    validate(table, "restatements")
    return [
        (row["month"].month, row["source"], row["figure"], row["before"], row["now"])
        for row in table.order_by("month", "source", "figure").to_pyarrow().to_pylist()
    ]


BEFORE = [(0, 100, "valid"), (31, 200, "valid")]


def test_a_late_order_and_a_later_cancellation_restate_their_months(tmp_path):
    old, new = tmp_path / "1", tmp_path / "2"
    _run(old, "2026-02-28", BEFORE)
    # January's order was cancelled since, February got one of 50 late, March is no restatement
    now = [(0, 100, "cancelled"), (31, 200, "valid"), (40, 50, "valid"), (70, 999, "valid")]
    record = _run(new, "2026-03-31", now)

    finding, table = write_restatements(new, record, old)

    assert _table(new) == [
        (1, "pos", "orders", 1, 0),
        (1, "pos", "revenue", 100, 0),
        (2, "pos", "orders", 1, 2),
        (2, "pos", "revenue", 200, 250),
    ]
    assert finding["key"] == "report.restated.some"
    assert (finding["value"], finding["n"]) == (2, 2)
    assert "28 Feb 2026" in finding["text"]["en"] and "−¥50" in finding["text"]["en"]
    assert "2026年2月28日" in finding["text"]["ja"]
    assert table["rows"]["en"][0] == ["Feb 2026", "pos", "Orders", "1", "2", "1"]


def test_late_points_restate_their_month(tmp_path):
    old, new = tmp_path / "1", tmp_path / "2"
    _run(old, "2026-01-31", BEFORE[:1], [(1, "grant", 10), (2, "use", 3)])
    record = _run(new, "2026-02-28", BEFORE, [(1, "grant", 10), (2, "use", 3), (3, "grant", 7)])

    write_restatements(new, record, old)

    assert _table(new) == [(1, "pos", "points_granted", 10, 17)]


def test_a_month_that_was_cut_off_is_compared_up_to_the_cut(tmp_path):
    old, new = tmp_path / "1", tmp_path / "2"
    _run(old, "2026-01-15", [(0, 100, "valid")])
    record = _run(new, "2026-01-31", [(0, 100, "valid"), (20, 500, "valid")])

    (finding,) = write_restatements(new, record, old)

    assert finding["key"] == "report.restated.none"
    assert _table(new) == []


def test_a_source_that_came_later_counts_as_zero_before(tmp_path):
    old, new = tmp_path / "1", tmp_path / "2"
    _run(old, "2026-02-28", BEFORE)
    record = _run(new, "2026-02-28", BEFORE, [(1, "grant", 10)])

    write_restatements(new, record, old)

    assert _table(new) == [(1, "pos", "points_granted", 0, 10)]


@pytest.mark.parametrize("before", [None, "without as-of"])
def test_a_first_run_restates_nothing(tmp_path, before):
    new = tmp_path / "2"
    record = _run(new, "2026-02-28", BEFORE)
    if before:
        _run(tmp_path / "1", None, BEFORE)

    assert write_restatements(new, record, tmp_path / "1" if before else None) == []
    assert not table_path(new, "restatements").exists()


def test_the_report_says_it_where_it_says_what_was_read(tmp_path):
    old, new = tmp_path / "1", tmp_path / "2"
    _run(old, "2026-02-28", BEFORE)
    record = _run(new, "2026-02-28", BEFORE)

    report = assemble(new, record, write_restatements(new, record, old))

    items = report["stages"][0]["steps"][0]["items"]
    assert [item["key"] for item in items] == ["report.restated.none"]
