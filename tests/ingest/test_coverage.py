from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from joren import ingest

HEADER = "order_id,source_id,ordered_at,amount\n"


def test_rows_and_amounts_reconcile_by_file(read, rows):
    text = HEADER + (
        "A,C,2026-01-01,100\nA,C,2026-01-02,150\nB,,2026-01-03,70\n"
        "D,C,2026-02-30,30\nE,C,2026-01-04,abc\nF\n"
    )
    (row,) = rows(read({"orders.csv": text.encode("utf-8-sig")}).coverage)
    assert row == {
        "source": "shop", "table_name": "orders", "file": "orders.csv", "encoding": "utf-8-sig",
        "rows_in": 6, "rows_accepted": 2, "rows_duplicate": 1, "rows_quarantined": 4,
        "amount_in": Decimal(350), "amount_accepted": Decimal(220),
        "amount_quarantined": Decimal(130), "first_at": datetime(2026, 1, 2),
        "last_at": datetime(2026, 1, 3), "rows_amount_unreadable": 2, "rows_with_customer": 1,
            "rows_no_purchase": 0, "rows_read": 6, "rows_folded": 0,
    }  # fmt: skip


def test_a_file_with_a_header_alone_is_in_coverage_with_a_warning(read, rows):
    ingested = read({"orders.csv": HEADER})
    (row,) = rows(ingested.coverage)
    assert (row["rows_in"], row["amount_in"], row["first_at"]) == (0, 0, None)
    assert ingested.warnings == ["shop/orders.csv: the file has a header and no rows"]


def _with_broken(n: int) -> str:
    good = "".join(f"A{n},C,2026-01-01,1\n" for n in range(100 - n))
    return HEADER + good + "".join(f"B{n},C,2026-01-01,x\n" for n in range(n))


def test_too_much_quarantine_is_a_reason_not_to_publish(read, params):
    limits = params({"shop": {"format": "tables", "path": "."}})
    ten = read({"orders.csv": _with_broken(10)})
    assert ingest.check_quality(ten.coverage, limits, date(2026, 1, 1)) == [
        "shop/orders: 10 of 100 rows (10.0%) are quarantined; quality.max_quarantine_share is 5.0%"
    ]
    five = read({"orders.csv": _with_broken(5)})
    assert ingest.check_quality(five.coverage, limits, date(2026, 1, 1)) == []


def test_repetitions_are_no_poor_quality(read, params):
    limits = params({"shop": {"format": "tables", "path": "."}})
    ingested = read({"orders.csv": HEADER + "A,C,2026-01-01,1\n" * 50})
    assert ingest.check_quality(ingested.coverage, limits, date(2026, 1, 1)) == []


def test_an_old_source_is_a_reason_not_to_publish(read, params):
    sources = {"shop": {"format": "tables", "path": "."}}
    ingested = read({"orders.csv": HEADER + "A,C,2026-01-01 10:00,1\n"})
    limits = params(sources, quality={"max_source_age_days": 30})
    assert ingest.check_quality(ingested.coverage, limits, date(2026, 1, 31)) == []
    assert ingest.check_quality(ingested.coverage, limits, date(2026, 2, 1)) == [
        "shop: the last row is 31 days before 2026-02-01; quality.max_source_age_days is 30"
    ]
