from __future__ import annotations

import pytest
from tests.ingest.formats.variants import VARIANTS, held, lacking, said, sample

from joren.errors import InputError
from joren.ingest.recognise import load_formats, recognise

REPORT = sample("amazon/orders.txt")
OLD_REPORT = sample("amazon/orders_2021.txt")
UNSHIPPED = sample("amazon/unshipped.csv")
SOURCE = {"mall": {"format": "amazon", "orders": "*.csv"}}

ORDERS = said("""
order_id            | source_id                 | ordered_at          | amount | amount_excluding_tax | channel | status
250-0000001-0000001 | guest:250-0000001-0000001 | 2026-03-01 00:00:00 | 3750   | 3409                 | mall    | valid
250-0000002-0000002 | guest:250-0000002-0000002 | 2026-03-02 17:30:00 | 1080   | 1000                 | mall    | valid
250-0000003-0000003 | guest:250-0000003-0000003 | 2026-03-03 23:59:59 | 900    |                      | mall    | valid
250-0000004-0000004 | guest:250-0000004-0000004 | 2026-03-04 00:00:00 | 1200   | 1091                 | mall    | valid
250-0000005-0000005 | guest:250-0000005-0000005 | 2026-03-05 23:59:59 | 1200   | 1091                 | mall    | valid
""")  # noqa: E501

LINES = said("""
order_id            | line_no | product_id | product_name | quantity | amount
250-0000001-0000001 | 1       | SOAP-1     | せっけん     | 2        | 2400
250-0000001-0000001 | 2       | TOWEL-1    | タオル       | 1        | 800
250-0000002-0000002 | 1       | HONEY-1    | はちみつ     | 1        | 1080
250-0000003-0000003 | 1       | 手ぬぐい   | 手ぬぐい     | 1        | 900
250-0000004-0000004 | 1       | SOAP-1     | せっけん     | 1        | 1200
250-0000005-0000005 | 1       | SOAP-1     | せっけん     | 1        | 1200
""")

OLD_ORDERS = said("""
order_id            | source_id                 | ordered_at          | amount | amount_excluding_tax | channel | status
249-0000001-0000001 | guest:249-0000001-0000001 | 2021-10-20 02:36:10 | 1200   | 1091                 | mall    | valid
249-0000002-0000002 | guest:249-0000002-0000002 | 2021-10-20 10:00:00 | 2150   | 1955                 | mall    | valid
""")  # noqa: E501

UNSHIPPED_ORDERS = said("""
order_id            | source_id                 | ordered_at          | amount | points_granted | channel | status
250-0000005-0000005 | guest:250-0000005-0000005 | 2026-03-05 23:59:59 | 1200   | 12             | mall    | valid
250-0000006-0000006 | guest:250-0000006-0000006 | 2026-03-06 12:00:00 | 3200   | 32             | mall    | valid
""")  # noqa: E501


@pytest.mark.parametrize(
    ("export", "kind"),
    [(REPORT, "orders"), (OLD_REPORT, "orders"), (UNSHIPPED, "orders_unshipped")],
)
def test_each_report_is_told_from_all_others(export, kind):
    found = recognise(export.header, load_formats())
    assert (found.format.name, found.kind.name, found.score) == ("amazon", kind, 1)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_report_reads_the_same_however_it_arrives(read, variant):
    ingested = read(VARIANTS[variant](REPORT, "order-id"), SOURCE)
    assert held(ingested, "orders") == ORDERS
    assert held(ingested, "order_lines") == LINES
    assert held(ingested, "customers") == []
    assert held(ingested, "point_entries") == []


def test_an_archive_mixes_encodings_from_before_and_after_2021(read):
    files = {"2021.csv": OLD_REPORT.content(), "2026.csv": REPORT.content()}
    ingested = read(files, SOURCE)
    ids = {row["order_id"]: row for row in held(ingested, "orders")}
    assert ids == {row["order_id"]: row for row in [*ORDERS, *OLD_ORDERS]}
    names = {row["product_name"] for row in held(ingested, "order_lines")}
    assert names == {"せっけん", "タオル", "はちみつ", "手ぬぐい"}


def test_without_tax_columns_only_the_amount_excluding_tax_is_missing(read):
    ingested = read({"a.csv": REPORT.without("item-tax").content()}, SOURCE)
    assert held(ingested, "orders") == lacking(ORDERS, "amount_excluding_tax")
    assert held(ingested, "order_lines") == LINES


def test_orders_without_prices_are_refused_with_the_way_out(read):
    with pytest.raises(InputError, match="amount") as refused:
        read({"a.csv": UNSHIPPED.content()}, SOURCE)
    assert "columns.amount" in str(refused.value)


def test_a_price_column_mapped_in_the_parameters_makes_them_readable(read):
    rows = [
        (*row, price)
        for row, price in zip(UNSHIPPED.rows, ("価格", "1200", "800", "2400"), strict=True)
    ]
    priced = type(UNSHIPPED)(tuple(rows), UNSHIPPED.encoding, UNSHIPPED.line_end)
    orders = {"path": "*.csv", "columns": {"amount": "価格"}}
    ingested = read({"a.csv": priced.content()}, {"mall": {"format": "amazon", "orders": orders}})
    assert held(ingested, "orders") == UNSHIPPED_ORDERS
