from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from joren import ingest
from joren.contract import CANONICAL
from joren.engine import connect
from joren.errors import InputError
from joren.params import Params

HEADER = "order_id,source_id,ordered_at,amount\n"


def test_every_canonical_table_is_there_typed_even_if_absent(read):
    tables = read({"orders.csv": HEADER + "A,C,2026-01-01,1\n"}).tables
    assert set(tables) == set(CANONICAL)
    assert tables["weather"].schema() == CANONICAL["weather"].ibis_schema()
    assert tables["weather"].count().execute() == 0


def test_parquet_and_csv_give_the_same_rows(read, rows, tmp_path):
    columns = {
        "order_id": ["A", "B"],
        "source_id": pa.array(["C", None]),
        "ordered_at": pa.array([datetime(2026, 1, 1, 9), datetime(2026, 1, 2)]),
        "amount": pa.array([Decimal("12.50"), Decimal("-3.00")]),
        "points_used": pa.array([1.0, None]),
    }
    pq.write_table(pa.table(columns), tmp_path / "p.parquet")
    text = (
        HEADER.replace("\n", ",points_used\n") + "A,C,2026-01-01 09:00,12.5,1\nB,,2026-01-02,-3,\n"
    )
    sources = {"shop": {"format": "csv", "orders": {"path": "c.csv"}}}
    from_csv = rows(read({"c.csv": text}, sources).tables["orders"])
    sources = {"shop": {"format": "csv", "orders": {"path": "p.parquet"}}}
    from_parquet = rows(read({}, sources).tables["orders"])
    assert from_parquet == from_csv


def test_parquet_instants_become_the_clients_wall_clock(read, rows, tmp_path):
    columns = {
        "order_id": ["A"], "source_id": ["C"], "amount": [1],
        "ordered_at": pa.array([datetime(2026, 1, 1, 15)], pa.timestamp("us", tz="UTC")),
    }  # fmt: skip
    pq.write_table(pa.table(columns), tmp_path / "orders.parquet")
    (order,) = rows(read({}).tables["orders"])
    assert order["ordered_at"] == datetime(2026, 1, 2)


def test_ten_percent_of_rows_broken_reconcile(read):
    lines = [f"A{n},C,2026-01-01,{n}\n" for n in range(200)]
    for n in range(0, 200, 10):
        lines[n] = (f"A{n},C,2026-02-30,{n}\n", f'A{n},"C,2026-01-01,{n}\n', "A\n")[n // 10 % 3]
    ingested = read({"orders.csv": HEADER + "".join(lines)})
    assert ingested.tables["orders"].count().execute() == 180
    assert ingested.quarantine.count().execute() == 20


def test_formula_and_quote_payloads_stay_plain_text(read, rows):
    name = "=cmd|' /C calc'!A0"
    ingested = read(
        {"customers.csv": f'source_id,full_name\nC1,"{name}"\nC2,\'; DROP TABLE x; --\n'}
    )
    found = [row["full_name"] for row in rows(ingested.tables["customers"])]
    assert found == [name, "'; DROP TABLE x; --"]


def test_orders_before_registration_count_with_a_warning(read):
    files = {
        "orders.csv": HEADER + "A,C,2025-12-31,1\n",
        "customers.csv": "source_id,registered_at\nC,2026-01-01\n",
    }
    ingested = read(files)
    assert ingested.tables["orders"].count().execute() == 1
    assert "1 orders are dated before their customer's registration; counted" in ingested.warnings


def test_a_table_may_name_the_source_of_each_row(read, rows):
    text = "source," + HEADER + "pos,A,C,2026-01-01,1\n,A,C,2026-01-01,2\n"
    ingested = read({"orders.csv": text}, {"crm": {"format": "tables", "path": "."}})
    assert [row["source"] for row in rows(ingested.tables["orders"])] == ["crm", "pos"]
    assert [row["source"] for row in rows(ingested.coverage)] == ["crm", "pos"]


def test_made_order_ids_stay_when_files_are_added(read, rows):
    text = "source_id,ordered_at,amount\nC,2026-01-01,1\n"
    source = {"pos": {"format": "csv", "orders": "o/*.csv"}}
    before = rows(read({"o/b.csv": text}, source).tables["orders"])
    after = rows(read({"o/a.csv": text.replace("1\n", "2\n")}, source).tables["orders"])
    assert before[0] in after


def test_reading_twice_gives_the_same_rows(read, rows):
    text = HEADER + "".join(f"A{n % 7},C{n},2026-01-{n % 28 + 1},{n}\n" for n in range(50))
    first = read({"orders.csv": text})
    kept = rows(first.tables["orders"]), rows(first.quarantine)
    second = read({"orders.csv": text})
    assert (rows(second.tables["orders"]), rows(second.quarantine)) == kept


BASE = (
    HEADER + "".join(f'A{n},"髙橋{n}",2026/1/{n + 1},"1,{n:03}円"\n' for n in range(8))
).encode()


@pytest.fixture(scope="module")
def engine():
    return connect()


@settings(max_examples=20, deadline=None)
@given(
    damage=st.lists(
        st.tuples(st.integers(0, len(BASE)), st.binary(max_size=3), st.integers(0, 3)),
        min_size=1,
        max_size=5,
    )
)
def test_any_damage_is_quarantine_or_a_clear_refusal_and_counts_reconcile(engine, damage):
    content = bytearray(BASE)
    for place, inserted, removed in damage:
        content[place : place + removed] = inserted
    source = {"shop": {"format": "tables", "path": "."}}
    given_params = Params(client="t", title={"ja": "t", "en": "t"}, sources=source)
    with TemporaryDirectory() as folder:
        (Path(folder) / "orders.csv").write_bytes(content)
        try:
            ingest.check_headers(given_params, Path(folder))
            ingested = ingest.read_sources(engine, given_params, Path(folder))
        except InputError:
            return
    rows_in = ingested.coverage.rows_in.sum().execute()
    accepted = ingested.tables["orders"].count().execute()
    assert rows_in == accepted + ingested.quarantine.count().execute()
    ingest.resolve_as_of(ingested.tables["orders"], None, date(2026, 4, 1))
    ingest.coverage_report(ingested, "ja")
