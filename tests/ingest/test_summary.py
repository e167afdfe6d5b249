from __future__ import annotations

from datetime import date
from decimal import Decimal

from joren.contract import CANONICAL
from joren.ingest.summary import by_reason, by_table, orders_by_month, totals
from joren.text import has

HEADER = "order_id,source_id,ordered_at,amount\n"


def test_totals_add_up_over_tables_with_amounts_of_orders_only(read):
    files = {
        "orders.csv": HEADER + "A,C,2026-01-01,10\nB,,2026-01-02,x\n",
        "order_lines.csv": "order_id,product_id,quantity,amount\nA,P,1,10\n",
    }
    found = totals(read(files).coverage)
    assert (found.rows_in, found.accepted, found.quarantined) == (3, 2, 1)
    assert (found.orders, found.amount_in, found.amount_unreadable) == (2, Decimal(10), 1)


def test_months_without_orders_are_counted_as_zero(read):
    text = HEADER + "A,C,2025-11-30,1\nB,C,2026-02-01,1\nD,C,2026-02-02,1\n"
    months = orders_by_month(read({"orders.csv": text}).tables["orders"])
    assert [(row["month"], row["orders"]) for row in months] == [
        (date(2025, 11, 1), 1), (date(2025, 12, 1), 0), (date(2026, 1, 1), 0),
        (date(2026, 2, 1), 2),
    ]  # fmt: skip


def test_tables_and_reasons_are_counted_by_source(read, rows):
    ingested = read(
        {"orders.csv": HEADER + "A,C,2026-01-01,10\nB,,2026-01-02,x\nD,,2026-01-02,x\n"}
    )
    (table,) = rows(by_table(ingested.coverage))
    assert (table["files"], table["rows_in"], table["quarantined"]) == (1, 3, 2)
    assert [row["rows"] for row in rows(by_reason(ingested.quarantine))] == [2]


def test_every_reason_and_table_has_a_name_in_both_languages(read, rows):
    text = HEADER + "A,C,2026-01-01,10\nA,C,2026-01-01,10\nB,nan,2026-01-02,1\nD,,2026-01-02,x\nE\n"
    for row in rows(by_reason(read({"orders.csv": text}).quarantine)):
        assert has(row["reason_label"])
        assert has(row["table_label"])
    for table in CANONICAL:
        assert has(f"ingest.table_{table}")
    assert has("ingest.reason_refund_of_returned")
