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
    assert row.split()[:6] == ["shop", "orders", "1", "orders.csv", "utf-8", "5"]


def _monthly(month: int, note: str = "") -> str:
    return (
        "Name,Email,Financial Status,Created at,Subtotal,Shipping,Total,Lineitem quantity,"
        f"Lineitem name,Lineitem price{note}\n"
        f"#{month},a@example.jp,paid,2026-{month:02}-01 09:00:00 +0900,5,0,5,1,髙,5"
        f"{note and ',x'}\n"
    )


@pytest.fixture
def monthly(read):
    """A cart's export by month: one with a further column, one in another encoding and broken."""
    files = {f"o-{month:02}.csv": _monthly(month) for month in range(1, 7)}
    files["o-03.csv"] = _monthly(3, ",社内メモ")
    files["o-05.csv"] = (_monthly(5) + "#9,b@example.jp\n").encode("cp932")
    return read(files, {"web": {"format": "shopify", "orders": "o-*.csv"}})


def test_files_that_are_alike_share_a_line_and_others_have_their_own(monthly):
    lines = ingest.coverage_report(monthly, "en").splitlines()
    kinds = [line.split() for line in lines if line.startswith("  web") and "Shopify" in line]
    assert [row[-3:] for row in kinds] == [
        ["4", "o-01.csv", "o-06.csv"], ["1", "o-03.csv", "o-03.csv"], ["1", "o-05.csv", "o-05.csv"],
    ]  # fmt: skip
    orders = next(line for line in lines if line.startswith("  web     orders  "))
    shown = ["web", "orders", "6", "o-01.csv", "o-06.csv", "cp932,", "utf-8", "7", "6", "0"]
    assert orders.split()[:10] == shown
    assert "o-02.csv" not in "\n".join(lines)


def test_files_with_doubtful_rows_are_named(monthly):
    report = ingest.coverage_report(monthly, "en")
    doubted = report.split("Files with doubtful rows")[1].split("\n\n")[0].splitlines()[2:]
    assert [line.split() for line in doubted] == [["web", "orders", "o-05.csv", "cp932", "2", "1"]]


def test_a_source_too_sparse_for_gaps_is_said_to_be(monthly):
    report = ingest.coverage_report(monthly, "en")
    assert "web: 6 orders in 152 days are too few for a gap to tell anything" in report
