"""Reconciliation to accounting: planted differences are found and named."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import ibis
import pytest

from joren.contract import CANONICAL
from joren.engine import connect
from joren.errors import InputError
from joren.ingest.accounting import (
    entry_parts,
    month_parts,
    order_parts,
    read_accounting,
    reconcile,
)
from joren.params_accounting import Accounting

AS_OF = dt.date(2026, 3, 31)
COLUMNS = (
    "source",
    "order_id",
    "source_id",
    "ordered_at",
    "amount",
    "amount_excluding_tax",
    "status",
)


def _table(con, name, columns, rows):
    schema = {c.name: c.type for c in CANONICAL[name].columns if c.name in columns}
    table = con.create_table(name, schema=ibis.schema(schema), overwrite=True)
    for row in rows:
        marks = ", ".join("?" for _ in row)
        con.con.execute(f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks})", list(row))
    return table


@pytest.fixture
def parts():
    """January at the shop and on the web, with an order of each kind."""
    rows = [
        ("pos", "1", "a", "2026-01-05", 1100, 1000, "valid"),
        ("pos", "2", "a", "2026-01-06", 330, 300, "cancelled"),
        ("pos", "3", "a", "2026-01-07", 44, 40, "returned"),
        ("pos", "4", "b", "2026-01-31", 55, 50, "valid"),
        ("pos", "5", "b", "2026-02-01", 77, 70, "valid"),
        ("web", "6", "c", "2026-01-09", 500, None, "valid"),
    ]
    orders = _table(connect(), "orders", COLUMNS, rows)
    return order_parts(orders, AS_OF, 1)


def _of(tmp_path, parts, *lines, **rules):
    path = tmp_path / "accounting.csv"
    path.write_text("\n".join(["month,source,figure,amount", *lines]) + "\n", encoding="utf-8")
    found = reconcile(read_accounting(path), parts, Accounting(**rules))
    return [(row["joren"], row["difference"], row["reason"]) for row in found]


@pytest.mark.parametrize(
    ("booked", "difference", "reason"),
    [
        (1050, 0, "agrees"),
        (1051, 1, "agrees"),
        (1350, 300, "cancelled"),
        (1090, 40, "returned"),
        (1155, 105, "tax"),
        (1390, 340, "cancelled+returned"),
        (1000, -50, "cut_off_late"),
        (1120, 70, "cut_off_early"),
        (1063, 13, "unexplained"),
    ],
)
def test_a_planted_difference_is_named(tmp_path, parts, booked, difference, reason):
    found = _of(tmp_path, parts, f"2026-01,pos,revenue,{booked}")
    assert found == [(1050, difference, reason)]


def test_two_explanations_that_fit_are_both_told(tmp_path):
    rows = [
        ("pos", "1", "a", "2026-01-05", 100, None, "valid"),
        ("pos", "2", "a", "2026-01-06", 30, None, "cancelled"),
        ("pos", "3", "b", "2026-01-07", 30, None, "pending"),
    ]
    parts = order_parts(_table(connect(), "orders", COLUMNS, rows), AS_OF, 1)
    assert _of(tmp_path, parts, "2026-01,pos,revenue,130") == [(100, 30, "cancelled | pending")]


def test_a_total_without_source_is_of_all_sources(tmp_path, parts):
    assert _of(tmp_path, parts, '2026/01,,revenue,"1,850"') == [(1550, 300, "cancelled")]


def test_a_month_or_source_that_joren_does_not_know_is_said_to_be_so(tmp_path, parts):
    found = _of(tmp_path, parts, "2026-01,fax,revenue,10", "2025-01,pos,revenue,10")
    assert found == [(None, None, "not_known")] * 2


def test_points_differ_by_what_was_taken_back_or_adjusted(tmp_path):
    columns = ("source", "entry_id", "source_id", "occurred_at", "kind", "points", "account",
               "reverses_entry_id")  # fmt: skip
    rows = [
        ("pos", "1", "a", "2026-01-05", "grant", 100, "a", None),
        ("pos", "2", "a", "2026-01-06", "cancel", 30, "a", "1"),
        ("pos", "3", "a", "2026-01-07", "adjust", 7, "a", None),
        ("pos", "4", "a", "2026-01-08", "use", 20, "a", None),
        ("pos", "5", "a", "2026-01-20", "expire", 5, "a", None),
    ]
    entries = _table(connect(), "point_entries", columns, rows)
    months = ibis.memtable(
        {"month": [dt.date(2026, 1, 1)] * 2, "kind": ["outstanding"] * 2,
         "status": ["closed", "restatement"], "points": [50, 52]}
    )  # fmt: skip
    parts = {**entry_parts(entries, AS_OF, 1), **month_parts(months)}

    found = _of(
        tmp_path, parts, "2026-01,pos,points_granted,70", "2026-01,,points_used,25",
        "2026-01,,points_outstanding,52",
    )  # fmt: skip

    # in the order of month, source, figure
    assert found == [(52, 0, "agrees"), (20, 5, "expired"), (100, -30, "taken_back")]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("month,amount\n2026-01,1\n", "column figure is missing"),
        ("month,figure,amount\n2026-01,profit,1\n", "'profit' is no figure"),
        ("month,figure,amount\nJan,revenue,1\n", "cannot be read"),
        ("month,figure,amount\n2026-01,revenue,1\n2026-01,revenue,2\n", "stands twice"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(tmp_path, content, complaint):
    path = tmp_path / "accounting.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=complaint):
        read_accounting(path)


def test_amounts_stay_exact(tmp_path):
    rows = [("pos", str(n), "a", "2026-01-05", Decimal("0.10"), None, "valid") for n in range(3)]
    parts = order_parts(_table(connect(), "orders", COLUMNS, rows), AS_OF, 1)
    assert _of(tmp_path, parts, "2026-01,pos,revenue,0.30", tolerance=0) == [
        (Decimal("0.30"), 0, "agrees")
    ]
