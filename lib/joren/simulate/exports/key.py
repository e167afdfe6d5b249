"""The answer key: who is who, why they did what they did, and the tables an importer must find."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from joren.contract import CANONICAL
from joren.simulate.exports.files import Written
from joren.simulate.exports.teiki import SUBSCRIPTION_ID
from joren.simulate.spool import Spool
from joren.simulate.truth import campaign_effects, route_effects

_SPOOLED = (
    "people", "processes", "future_orders", "outcomes", "exposures", "lots", "balances",
)  # fmt: skip

# canonical column → SQL by source; a column that a system's files do not tell is null
_ORDERS = {
    "order_id": "order_id",
    "source_id": "source_id",
    "ordered_at": "ordered_at",
    "amount": "amount",
    "amount_excluding_tax": {
        "pos": "amount - tax_8 - tax_10",
        "web": "CASE WHEN tax_8 + tax_10 > 0 THEN amount - tax_8 - tax_10 END",
        "teiki": "CASE WHEN tax_8 + tax_10 > 0 THEN amount - tax_8 - tax_10 END",
    },
    "discount": "discount",
    "mall_discount": {"mall": "mall_discount"},
    "points_used": dict.fromkeys(("pos", "web", "mall"), "points_used"),
    "points_granted": {"pos": "points_granted"},
    "channel": {"pos": "'pos'", "web": "'ec'", "mall": "'mall'", "teiki": "'ec'"},
    "store": {"pos": "store"},
    "subscription_id": {"teiki": SUBSCRIPTION_ID},
    # the mall knows no returned orders: goods that come back end as a cancellation
    "status": {
        "mall": "CASE status WHEN 'returned' THEN 'cancelled' ELSE status END",
        **dict.fromkeys(("pos", "web", "teiki"), "status"),
    },
}
_LINES = {
    "order_id": "order_id",
    "line_no": "line_no",
    "product_id": "product_id",
    "product_name": "name",
    "category": dict.fromkeys(("pos", "teiki"), "category"),
    "quantity": "quantity",
    "amount": "amount",
}
_SYSTEMS = ("pos", "web", "mall", "teiki")


def write_key(spool: Spool, folder: Path, written: Written) -> None:
    """Write the answer key as Parquet files.

    `records` says which person each record of each system is; `canonical/` holds the orders, order
    lines, point entries and subscriptions exactly as an importer of the files must find them;
    `subscriptions` says when and why each of these truly ends, null beyond the horizon.
    """
    (folder / "canonical").mkdir(parents=True)
    queries = {table: f"FROM {table}" for table in _SPOOLED}
    queries["records"] = (
        "SELECT system AS source, source_id, person_id FROM accounts ORDER BY source, source_id"
    )
    queries["subscriptions"] = f"""
        SELECT 'teiki' AS source, {SUBSCRIPTION_ID} AS subscription_id, person_id,
               true_ended_at, true_end_reason
        FROM subscriptions ORDER BY subscription_id
    """
    queries["canonical/orders"] = _canonical("orders", "orders", _ORDERS)
    queries["canonical/order_lines"] = _canonical(
        "order_lines", "lines JOIN products USING (product_no)", _LINES
    )
    entries = ", ".join(CANONICAL["point_entries"].column_names)
    queries["canonical/point_entries"] = f"SELECT {entries} FROM point_entries"
    queries["canonical/subscriptions"] = """
        SELECT 'teiki' AS source, subscription_id, source_id, product_id, started_at, ended_at,
               end_reason, cycle_days, commitment_orders, renewals
        FROM courses
    """
    for name, query in queries.items():
        path = folder / f"{name}.parquet"
        found = spool.con.execute(f"COPY ({query}) TO '{path}' (FORMAT PARQUET, COMPRESSION ZSTD)")
        written.files[path] = found.fetchall()[0][0]
    for name, table in (
        ("campaign_effects", campaign_effects(spool.con)),
        ("route_effects", route_effects(spool.con)),
        ("planted", _planted(spool, written)),
    ):
        pq.write_table(table, folder / f"{name}.parquet")
        written.files[folder / f"{name}.parquet"] = len(table)


def _planted(spool: Spool, written: Written) -> pa.Table:
    """source, file, what and id of everything that is wrong in the files on purpose."""
    broken = pa.table(
        dict(zip(("source", "file", "what", "id"), zip(*written.planted, strict=True), strict=True))
    )
    balances = spool.con.sql("FROM planted ORDER BY source, id").to_arrow_table()
    return pa.concat_tables([broken, balances])


def _canonical(table: str, rows: str, columns: dict[str, str | dict[str, str]]) -> str:
    types = {column.name: column.type for column in CANONICAL[table].columns}
    parts = []
    for system in _SYSTEMS:
        values = [f"'{system}' AS source"]
        for name, kind in list(types.items())[1:]:
            told = columns.get(name, {})
            value = told if isinstance(told, str) else told.get(system, "NULL")
            values.append(f"CAST({value} AS {_SQL_TYPES.get(kind, kind)}) AS {name}")
        parts.append(f"SELECT {', '.join(values)} FROM {rows} WHERE system = '{system}'")
    return " UNION ALL ".join(parts)


_SQL_TYPES = {"string": "VARCHAR", "int64": "BIGINT", "timestamp(6)": "TIMESTAMP"}
