"""Small tables over coverage and quarantine that the report, the notebook and `check` share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir

if TYPE_CHECKING:
    from joren.ingest.cart_reader import Sighting


@dataclass(frozen=True)
class Totals:
    """The account of everything that was read; amounts are those of orders."""

    rows_in: int
    accepted: int
    duplicate: int
    quarantined: int
    orders: int
    orders_accepted: int
    orders_identified: int
    amount_in: Decimal
    amount_accepted: Decimal
    amount_quarantined: Decimal
    amount_unreadable: int


def totals(coverage: ir.Table) -> Totals:
    """Add up a coverage table."""
    order = coverage.table_name == "orders"
    row = coverage.agg(
        rows_in=coverage.rows_in.sum(),
        accepted=coverage.rows_accepted.sum(),
        duplicate=coverage.rows_duplicate.sum(),
        quarantined=coverage.rows_quarantined.sum(),
        orders=coverage.rows_in.sum(where=order),
        orders_accepted=coverage.rows_accepted.sum(where=order),
        orders_identified=coverage.rows_with_customer.sum(where=order),
        amount_in=coverage.amount_in.sum(where=order),
        amount_accepted=coverage.amount_accepted.sum(where=order),
        amount_quarantined=coverage.amount_quarantined.sum(where=order),
        amount_unreadable=coverage.rows_amount_unreadable.sum(where=order),
    )
    values = row.to_pyarrow().to_pylist()[0]
    zero = {name: Decimal(0) if name.startswith("amount_") else 0 for name in values}
    found = {name: zero[name] if value is None else value for name, value in values.items()}
    return Totals(**found | {"amount_unreadable": int(found["amount_unreadable"])})


def by_table(coverage: ir.Table) -> ir.Table:
    """Rows and amounts by source and table, with the number of files and their encodings.

    Columns: files, first_file, last_file (null where it is the first), encodings, rows_in,
    accepted, duplicate, quarantined, amount_in,
    amount_accepted, amount_quarantined, first, last. `table_label` is the text key of the table's
    name.
    """
    grouped = coverage.group_by("source", "table_name").agg(
        files=coverage.count(),
        first_file=coverage.file.min(),
        last_file=coverage.file.max().nullif(coverage.file.min()),
        encodings=coverage.encoding.collect(distinct=True).sort().join(", "),
        rows_in=coverage.rows_in.sum(),
        accepted=coverage.rows_accepted.sum(),
        duplicate=coverage.rows_duplicate.sum(),
        quarantined=coverage.rows_quarantined.sum(),
        amount_in=coverage.amount_in.sum(),
        amount_accepted=coverage.amount_accepted.sum(),
        amount_quarantined=coverage.amount_quarantined.sum(),
        first=coverage.first_at.min(),
        last=coverage.last_at.max(),
    )
    return grouped.mutate(table_label=_table_label(grouped)).order_by("source", "table_name")


def doubted_files(coverage: ir.Table) -> list[dict[str, Any]]:
    """Files with rows in quarantine that neither repeat others nor are known to be no purchases.

    Returns
    -------
    source, table_name, file, encoding, rows_in, doubted; the most doubted rows first
    """
    doubted = coverage.rows_quarantined - coverage.rows_duplicate - coverage.rows_no_purchase
    files = coverage.select("source", "table_name", "file", "encoding", "rows_in", doubted=doubted)
    files = files.filter(files.doubted > 0)
    ordered = files.order_by(files.doubted.desc(), "source", "table_name", "file")
    return ordered.to_pyarrow().to_pylist()


def alike(sightings: Sequence[Sighting]) -> list[dict[str, Any]]:
    """Files of carts that were read as the same kind, in the same encoding, equally well.

    Returns
    -------
    source, format, kind, encoding, score, files, and the names of the first and the last of them
    """
    names = ("source", "format", "kind", "encoding", "score")
    return _together(names, ((tuple(getattr(s, n) for n in names), s.file) for s in sightings))


def odd_headers(sightings: Sequence[Sighting]) -> list[dict[str, Any]]:
    """Headers that a kind does not know or a file lacks, each set once with the files it is of.

    Returns
    -------
    source, kind, what (a key of the catalogue), names, files, and the first and last file
    """
    return _together(
        ("source", "kind", "what", "names"),
        (
            ((one.source, one.kind, what, ", ".join(names)), one.file)
            for one in sightings
            for what, names in (
                ("header_unknown", one.unknown),
                ("header_missing", one.missing),
                ("table_missing", one.without),
            )
            if names
        ),
    )


def _together(
    names: Sequence[str], files: Iterable[tuple[tuple[Hashable, ...], str]]
) -> list[dict[str, Any]]:
    groups: Mapping[tuple[Hashable, ...], list[str]] = defaultdict(list)
    for key, file in files:
        groups[key].append(file)
    return [
        dict(zip(names, key, strict=True))
        | {"files": len(members), "first_file": min(members), "last_file": max(members)}
        for key, members in groups.items()
    ]


def by_reason(quarantine: ir.Table) -> ir.Table:
    """Quarantined rows by source, table and reason, most frequent first within a table.

    `reason_label` and `table_label` are text keys; `column` is the column a reason names, if any.
    """
    counted = quarantine.group_by("source", "table_name", "reason").agg(
        rows=quarantine.records.sum()
    )
    kind = counted.reason.re_extract(r"^[a-z_]+", 0)
    labelled = counted.mutate(
        reason_label=ibis.literal("ingest.reason_") + kind,
        column=counted.reason.re_extract(r":(.*)$", 1),
        table_label=_table_label(counted),
    )
    return labelled.order_by("source", "table_name", labelled.rows.desc(), "reason")


def _table_label(table: ir.Table) -> ir.StringValue:
    return ibis.literal("ingest.table_") + table.table_name


def identified_share(coverage: ir.Table) -> list[dict[str, Any]]:
    """By source: accepted orders, and how many of them name a customer."""
    orders = coverage.filter(coverage.table_name == "orders")
    grouped = orders.group_by("source").agg(
        orders=orders.rows_accepted.sum(), identified=orders.rows_with_customer.sum()
    )
    return grouped.order_by("source").to_pyarrow().to_pylist()


def orders_by_month(orders: ir.Table) -> list[dict[str, Any]]:
    """Valid orders by source and month (its first day), months without orders included."""
    valid = orders.filter(orders.status == "valid")
    valid = valid.select("source", month=valid.ordered_at.truncate("M").date())
    counted = valid.group_by("source", "month").agg(orders=valid.count())
    rows = counted.order_by("source", "month").to_pyarrow().to_pylist()
    filled: list[dict[str, Any]] = []
    for row in rows:
        while filled and filled[-1]["source"] == row["source"]:
            month = _next_month(filled[-1]["month"])
            if month >= row["month"]:
                break
            filled.append({"source": row["source"], "month": month, "orders": 0})
        filled.append(row)
    return filled


def _next_month(month):
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
