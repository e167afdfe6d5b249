"""How fast ten million assigned customers become the sums that readouts rest on.

    python benchmarks/campaigns.py
    python benchmarks/campaigns.py --customers 1000000

`sums` reads one row per assigned customer from Parquet (arm, stratum, outcomes and what was known
before) and adds up every measure by arm and stratum. `whole` begins at source records: assignments,
the identity map and 1.5 orders a customer in Parquet, through arms and outcomes to the same sums.
Each in a process of its own, so that the peak of memory is its own; both print processor time too,
which says more than the clock on a machine with other load.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from joren.contract import MONEY

AS_OF = date(2026, 3, 1)
WAYS = ("sums", "whole")
_OUTCOMES = f"""
SELECT 'C1' AS campaign_id, 'c' || i AS customer_id, 'readout' AS "window",
    CASE WHEN hash(i) % 5 = 0 THEN 'control' ELSE 'treatment' END AS arm,
    ['new', 'repeat', 'silent'][1 + (hash(i + 1) % 3)::INT] AS stratum,
    n AS orders, n AS purchase_days, (n > 0)::BIGINT AS responded, (n > 1)::BIGINT AS repeated,
    (n = 0)::BIGINT AS lapsed, 300 * (n > 1)::BIGINT AS points_used,
    (n > 1)::BIGINT AS used_points, (n * amount)::{MONEY.upper()} AS revenue,
    (n * amount * 4 / 10)::{MONEY.upper()} AS margin, (n * amount * 2)::{MONEY.upper()} AS ltv,
    before AS orders_before, (before * amount)::{MONEY.upper()} AS revenue_before,
    100 * (before > 2)::BIGINT AS points_before
FROM (
    SELECT i, greatest(0, (hash(i + 2) % 8)::BIGINT - 5) AS n, (hash(i + 3) % 5)::BIGINT AS before,
        1000 + (hash(i + 4) % 5000)::BIGINT AS amount
    FROM range({{n}}) r(i)
)
"""
_ASSIGNMENTS = """
SELECT 'shop' AS source, 'C1' AS campaign_id, 'm' || i AS source_id,
    CASE WHEN hash(i) % 5 = 0 THEN 'control' ELSE 'treatment' END AS arm,
    TIMESTAMP '2026-01-31 09:00:00' AS assigned_at,
    ['new', 'repeat', 'silent'][1 + (hash(i + 1) % 3)::INT] AS stratum
FROM range({n}) r(i)
"""
_IDENTITY = (
    "SELECT 'shop' AS source, 'm' || i AS source_id, 'c' || i AS customer_id FROM range({n}) r(i)"
)
_ORDERS = f"""
SELECT 'shop' AS source, 'o' || i AS order_id, 'm' || (hash(i) % {{n}}) AS source_id,
    TIMESTAMP '2025-09-01' + INTERVAL (hash(i + 1) % 15638400) SECOND AS ordered_at,
    (1000 + hash(i + 2) % 5000)::{MONEY.upper()} AS amount,
    NULL::{MONEY.upper()} AS amount_excluding_tax, NULL::{MONEY.upper()} AS margin,
    'web' AS channel, 'valid' AS status
FROM range({{n}} * 3 // 2) r(i)
"""


def main() -> None:
    """Make the data, measure both ways and print what they take."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("way", nargs="?", choices=WAYS)
    parser.add_argument("--customers", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path, help="where the data were made before")
    given = parser.parse_args()
    if given.way:
        print(json.dumps(measure(given.way, given.folder)))
        return
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as scratch:
        make(Path(scratch), given.customers)
        for way in WAYS:
            command = [sys.executable, __file__, way, "--folder", scratch]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            m = json.loads(done.stdout)
            print(
                f"{way:6} {given.customers:,} customers: {m['seconds']:6.2f} s,"
                f" {m['processor']:6.2f} s of processor time, {m['megabytes']:,.0f} MB"
            )


def make(folder: Path, customers: int) -> None:
    """Write the Parquet files."""
    import duckdb

    con = duckdb.connect()
    tables = {"outcomes": _OUTCOMES, "assignments": _ASSIGNMENTS, "identity": _IDENTITY,
              "orders": _ORDERS}  # fmt: skip
    for name, query in tables.items():
        con.execute(f"COPY ({query.format(n=customers)}) TO '{folder / name}.parquet'")


def measure(way: str, folder: Path) -> dict:
    """Seconds, processor seconds and peak megabytes from Parquet to sums."""
    from joren.campaigns.statistics import by_cell
    from joren.engine import connect, read_parquet

    con = connect(memory_gb=4)
    tables = {path.stem: read_parquet(con, path) for path in folder.glob("*.parquet")}
    started, busy = time.perf_counter(), time.process_time()
    cells = by_cell(tables["outcomes"] if way == "sums" else _outcomes(con, tables))
    seconds, processor = time.perf_counter() - started, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    held = sum(row["n"] for key, row in cells.rows.items() if key[3] == "all")
    return {"seconds": seconds, "processor": processor, "megabytes": peak, "customers": held}


def _outcomes(con, tables):
    from joren.campaigns.audience import assigned_customers, one_arm_each
    from joren.campaigns.outcomes import order_facts, outcomes, window_of, window_table
    from joren.campaigns.plan import Plan, house_kpi

    kpi = house_kpi("orders")
    plan = Plan("C1", "C1", "dm", date(2026, 2, 1), AS_OF, (kpi,), None, None, None, 0, 0, {}, True)
    uses = con.create_table(
        "uses", schema={"customer_id": "string", "used_at": "timestamp", "points": "int64"}
    )
    customers = one_arm_each(assigned_customers(tables["assignments"], tables["identity"]))
    facts = order_facts(tables["orders"], tables["identity"], 0.4, AS_OF)
    return outcomes(customers, window_table([window_of(plan, kpi)]), facts, uses, None)


if __name__ == "__main__":
    main()
