from __future__ import annotations

import pytest
from rich.cells import cell_len

from joren import ingest

TEXT = (
    "order_id,source_id,ordered_at,amount,status\n"
    'A,C,2026-01-01,"1,000",\nA,C,2026-01-01,"1,000",\nB,,2026-01-02,5.5,\nD,C,2026-01-02,x,\n'
    "E,C,2026-01-02,7,謎\n"
)


def test_the_report_names_rows_reasons_amounts_and_unknown_words(read):
    report = ingest.coverage_report(read({"orders.csv": TEXT}), "en")

    assert "Rows: 5 read = 2 used + 3 quarantined (of these 1 repetitions)." in report
    assert "Order amounts: 2,012.5 read = 1,005.5 used + 1,007 quarantined; 1 rows" in report
    assert "shop    orders  unreadable:amount     1" in report
    assert "shop    orders  status  謎        1" in report
    assert "shop         2           50.0 %" in report


@pytest.mark.parametrize("language", ["ja", "en"])
def test_columns_are_aligned_in_both_scripts(read, language):
    lines = ingest.coverage_report(read({"orders.csv": TEXT}), language).splitlines()
    header, row = lines[1], lines[2]
    assert cell_len(header) == cell_len(row) or header.rstrip().endswith(("Last day", "最後の日"))
    assert row.split()[:4] == ["shop", "orders", "orders.csv", "utf-8"]
