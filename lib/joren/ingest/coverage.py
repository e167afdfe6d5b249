"""What was read, what of it counts, and whether that is enough to publish from.

Rows in = accepted + quarantined, and amount in = accepted + quarantined over the readable
amounts, for every source, table and file.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from joren.contract import MONEY, TABLES
from joren.ingest.columns import MAIN_TIME
from joren.ingest.duplicates import COUNTED_ONCE
from joren.ingest.load import FileRead
from joren.ingest.records import NOT_A_PURCHASE

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

    from joren.params import Params

_COLUMNS = (
    *TABLES["coverage"].column_names,
    "rows_amount_unreadable",
    "rows_with_customer",
    "rows_no_purchase",
    "rows_read",
    "rows_folded",
)


def covered(stage: ir.Table, table: str) -> ir.Table:
    """Counts and totals of one staged table, by source and file.

    Amounts are of the column `amount`, zero for tables without one; a row whose amount could not
    be read counts in `rows_amount_unreadable` and in no total.
    """
    main = MAIN_TIME.get(table)
    rows = stage.select(
        "source",
        "_entry",
        "reason",
        table_name=ibis.literal(table),
        file=stage["_file"],
        amount=stage.amount if "amount" in stage.columns else ibis.literal(0, type=MONEY),
        known=stage.source_id.notnull() if "source_id" in stage.columns else ibis.literal(False),
        at=stage[main].cast("timestamp(6)") if main else ibis.null("timestamp(6)"),
    )
    accepted = rows.reason.isnull()

    def total(where: ir.BooleanValue | None = None) -> ir.Value:
        return rows.amount.sum(where=where).fill_null(0).cast(MONEY)

    return rows.group_by("source", "_entry", "table_name", "file").agg(
        rows_in=rows.count(),
        rows_accepted=rows.count(where=accepted),
        rows_duplicate=rows.count(where=rows.reason.isin(COUNTED_ONCE)),
        rows_quarantined=rows.count(where=~accepted),
        rows_no_purchase=rows.count(where=rows.reason == NOT_A_PURCHASE),
        amount_in=total(),
        amount_accepted=total(accepted),
        amount_quarantined=total(~accepted),
        rows_amount_unreadable=rows.count(where=rows.amount.isnull()),
        rows_with_customer=rows.count(where=accepted & rows.known),
        first_at=rows["at"].min(where=accepted),
        last_at=rows["at"].max(where=accepted),
    )


def coverage_table(con: Backend, parts: Sequence[ir.Table], reads: Sequence[FileRead]) -> ir.Table:
    """The coverage of all tables with the encoding of each file; files without rows are in it.

    Where a file's rows make records of several tables, `rows_in` counts the records of each,
    `rows_read` the physical rows and `rows_folded` those that belong to a record begun earlier.

    Parameters
    ----------
    con : the engine
    parts : the outcome of `covered` for every table, at least one
    reads : every file that was read
    """
    counted = ibis.union(*parts, distinct=False) if len(parts) > 1 else parts[0]
    counted = con.create_table("_counted", counted, temp=True, overwrite=True)
    files = pa.table(
        {
            "_entry": [r.source for r in reads],
            "table_name": [r.table for r in reads],
            "file": [r.file for r in reads],
            "encoding": [r.encoding for r in reads],
            "rows_read": pa.array([r.rows for r in reads], pa.int64()),
            "rows_folded": pa.array([r.rows_folded for r in reads], pa.int64()),
        }
    )
    files = con.create_table("_files", files, temp=True, overwrite=True)
    joined = files.left_join(counted, ["_entry", "table_name", "file"])
    zero = {name: 0 for name in joined.columns if name.startswith(("rows_", "amount_"))}
    table = joined.mutate(source=joined.source.fill_null(joined["_entry"])).fill_null(zero)
    named = table.select(*_COLUMNS)
    return con.create_table("ingest_coverage", named, temp=True, overwrite=True)


def check_quality(coverage: ir.Table, params: Params, as_of: date) -> list[str]:
    """Why the inputs are too poor or too old to publish from; empty where they are not.

    Parameters
    ----------
    coverage : the coverage table
    params : for `quality.max_quarantine_share` and `quality.max_source_age_days`
    as_of : last day of data the run rests on

    Returns
    -------
    one sentence per source and table at fault. Repetitions, and rows that are no purchases, do not
    count in the share.
    """
    limit, oldest = params.quality.max_quarantine_share, params.quality.max_source_age_days
    by_table = coverage.group_by("source", "table_name").agg(
        rows=coverage.rows_in.sum(),
        doubted=(
            coverage.rows_quarantined - coverage.rows_duplicate - coverage.rows_no_purchase
        ).sum(),
    )
    reasons = []
    for row in by_table.order_by("source", "table_name").to_pyarrow().to_pylist():
        share = row["doubted"] / row["rows"] if row["rows"] else 0
        if share > limit:
            reasons.append(
                f"{row['source']}/{row['table_name']}: {row['doubted']:,} of {row['rows']:,} rows "
                f"({share:.1%}) are quarantined; quality.max_quarantine_share is {limit:.1%}"
            )
    if oldest is not None:
        ages = coverage.group_by("source").agg(last_at=coverage.last_at.max())
        for row in ages.order_by("source").to_pyarrow().to_pylist():
            age = (as_of - row["last_at"].date()).days if row["last_at"] else None
            if age is not None and age > oldest:
                reasons.append(
                    f"{row['source']}: the last row is {age:,} days before {as_of}; "
                    f"quality.max_source_age_days is {oldest:,}"
                )
    return reasons
