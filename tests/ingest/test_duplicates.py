from __future__ import annotations

from decimal import Decimal

HEADER = "order_id,source_id,ordered_at,amount,status\n"
MANY = {"pos": {"format": "csv", "orders": "*.csv"}}


def _orders(ingested):
    table = ingested.tables["orders"].order_by("source", "order_id", "ordered_at")
    return [(r["order_id"], r["amount"], r["status"]) for r in table.to_pyarrow().to_pylist()]


def test_the_last_occurrence_of_an_order_counts(read, rows):
    files = {
        "2026-01.csv": HEADER + "A,C,2026-01-05,100,\nA,C,2026-01-05,150,\n",
        "2026-02.csv": HEADER + "A,C,2026-01-05,120,\nB,C,2026-02-05,7,\n",
    }
    ingested = read(files, MANY)
    assert _orders(ingested) == [("A", Decimal(120), "valid"), ("B", Decimal(7), "valid")]
    repeated = [(r["file"], r["row_number"], r["reason"]) for r in rows(ingested.quarantine)]
    assert repeated == [("2026-01.csv", 2, "duplicate"), ("2026-01.csv", 3, "duplicate")]


def test_a_later_row_that_is_doubtful_does_not_displace_a_good_one(read, reasons):
    ingested = read({"o.csv": HEADER + "A,C,2026-01-05,100,\nA,C,2026-01-05,abc,\n"}, MANY)
    assert _orders(ingested) == [("A", Decimal(100), "valid")]
    assert reasons(ingested) == {3: "unreadable:amount"}


def test_the_same_order_id_of_two_sources_is_two_orders(read):
    sources = {n: {"format": "csv", "orders": f"{n}.csv"} for n in ("pos", "web")}
    files = {f"{n}.csv": HEADER + "A,C,2026-01-05,100,\n" for n in ("pos", "web")}
    assert len(_orders(read(files, sources))) == 2


def test_rows_without_order_id_are_purchases_even_if_identical(read):
    text = "source_id,ordered_at,amount\n" + "C,2026-01-05,100\n" * 3
    ingested = read({"o.csv": text}, MANY)
    assert [order for order, _, _ in _orders(ingested)] == ["o.csv:2", "o.csv:3", "o.csv:4"]


def test_the_same_file_twice_counts_once_even_without_order_ids(read):
    text = "source_id,ordered_at,amount\n" + "C,2026-01-05,100\n" * 3
    ingested = read({"o.csv": text, "o (1).csv": text}, MANY)
    assert [order for order, _, _ in _orders(ingested)] == ["o.csv:2", "o.csv:3", "o.csv:4"]
    assert "pos/o (1).csv: the same file as o.csv; counted once" in ingested.warnings


def test_contacts_without_campaign_repeat_each_other(read):
    text = "source_id,occurred_at,channel\nC,2026-01-01,mail\nC,2026-01-01,mail\n"
    ingested = read({"orders.csv": HEADER, "contacts.csv": text})
    assert ingested.tables["contacts"].count().execute() == 1


def test_campaigns_are_client_wide(read):
    text = "campaign_id,name,kind,starts_on,ends_on\nK,春,dm,2026-03-01,2026-03-31\n"
    sources = {n: {"format": "tables", "path": n} for n in ("a", "b")}
    files = {f"{n}/campaigns.csv": text for n in ("a", "b")} | {"a/orders.csv": HEADER}
    assert read(files, sources).tables["campaigns"].source.to_pyarrow().to_pylist() == ["b"]


def test_lines_without_number_are_numbered_within_their_order(read, rows):
    text = "order_id,product_id,quantity,amount\nA,P,1,5\nB,P,1,5\nA,P,1,5\n"
    ingested = read({"orders.csv": HEADER, "order_lines.csv": text})
    lines = [(r["order_id"], r["line_no"]) for r in rows(ingested.tables["order_lines"])]
    assert lines == [("A", 1), ("A", 2), ("B", 1)]


def test_a_refund_that_bears_its_orders_id_does_not_replace_the_order(read):
    text = HEADER + "A,C,2026-01-05,1000,\nA,C,2026-01-09,-300,\nA,C,2026-01-12,-200,返品\n"
    source = {"format": "csv", "orders": {"path": "o.csv", "status": {"返品": "returned"}}}
    ingested = read({"o.csv": text}, {"pos": source})
    assert _orders(ingested) == [
        ("A", Decimal(1000), "valid"),
        ("A:refund", Decimal(-300), "valid"),
        ("A:refund2", Decimal(-200), "valid"),
    ]


def test_a_refund_of_a_returned_order_is_subtracted_once_and_reported(read, reasons):
    text = HEADER + "A,C,2026-01-05,1000,returned\nA,C,2026-01-09,-1000,\n"
    ingested = read({"o.csv": text}, MANY)
    assert _orders(ingested) == [("A", Decimal(1000), "returned")]
    assert reasons(ingested) == {3: "refund_of_returned"}
    assert any(note.startswith("1 refunds are of orders") for note in ingested.warnings)


def test_a_refund_downloaded_twice_counts_once(read, reasons):
    text = HEADER + "A,C,2026-01-05,1000,\nA,C,2026-01-09,-300,\nA,C,2026-01-09,-300,\n"
    ingested = read({"o.csv": text}, MANY)
    assert [order for order, _, _ in _orders(ingested)] == ["A", "A:refund"]
    assert reasons(ingested) == {3: "duplicate"}
