"""How long 10 million point entries take from Parquet to lots, beside pandas with a heap.

    python benchmarks/points.py                 # 10 million entries of 476,000 customers
    python benchmarks/points.py --entries 1000000

Both read the same file and must come to the same lots. The rival reads it with pandas, sorts it,
and runs one loop over its rows with a heap of open lots for each account, as one writes it by hand;
it knows grants, uses, debt and expiry, which is what the file holds. Each has a process of its own,
without other runs before it; compiled code is on disk (a short first run sees to that). Memory is
the highest resident set of the process. `lots` is what counts: the lots stand, in the engine's
table or in arrays; balances, and flows by month, come with them on our side alone. Writing the lots
to Parquet, with their names, is timed apart.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

import duckdb
import numpy as np

AS_OF = datetime(2025, 12, 31, 23, 59, 59)
PER_CUSTOMER = 21
MEMORY_GB = 1.2  # what the engine may take before it spills

# Every draw is a hash of the entry's number: the same entries on every machine.
_ENTRIES = """
COPY (
    WITH drawn AS (
        SELECT i, hash(i, {seed}, 1) % {customers} AS customer,
            hash(i, {seed}, 2) % 100 AS luck, hash(i, {seed}, 3) % 94_608_000 AS second,
            hash(i, {seed}, 4) % 400 AS size
        FROM range({n}) t(i)
    )
    SELECT 'pos' AS source, printf('%012d', hash(i, {seed}, 5) % 1_000_000_000_000) || i
        AS entry_id, (10_000_000 + customer)::VARCHAR AS source_id,
        TIMESTAMP '2023-01-01' + to_seconds(second::BIGINT) AS occurred_at,
        CASE WHEN luck < 60 THEN 'grant' ELSE 'use' END AS kind,
        (1 + CASE WHEN luck < 60 THEN size ELSE size + size // 3 END)::BIGINT AS points,
        (10_000_000 + customer)::VARCHAR AS account, NULL::VARCHAR AS programme,
        NULL::TIMESTAMP AS available_at,
        CASE WHEN luck < 6 THEN date_trunc('day', TIMESTAMP '2023-01-01'
            + to_seconds(second::BIGINT)) + INTERVAL 60 DAY END AS expires_at,
        NULL::VARCHAR AS order_source, 'o' || i AS order_id, NULL::VARCHAR AS campaign_id,
        NULL::VARCHAR AS reverses_entry_id, NULL::VARCHAR AS transfer_id, NULL::VARCHAR AS funder
    FROM drawn
) TO '{path}' (FORMAT PARQUET, COMPRESSION ZSTD)
"""


def main() -> None:
    """Make the entries, measure both ways, and print them with their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("way", nargs="?", choices=("joren", "pandas"))
    parser.add_argument("--entries", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--file", type=Path)
    given = parser.parse_args()
    if given.way:
        print(json.dumps({"joren": joren, "pandas": pandas}[given.way](given.file)))
        return
    with tempfile.TemporaryDirectory() as folder:
        small, path = Path(folder) / "small.parquet", Path(folder) / "entries.parquet"
        make(small, 20_000, given.seed)
        make(path, given.entries, given.seed)
        _measured("joren", small)
        found = {way: _measured(way, path) for way in ("joren", "pandas")}
    print(f"{given.entries:,} entries, load {os.getloadavg()[0]:.1f}")
    for way, m in found.items():
        print(
            f"{way:7} lots {m['lots']:7.1f} s, {m['processor']:7.1f} s of processor time,"
            f" {m['memory']:5.2f} GB; {m['count']:,} lots; written {m['written']:5.1f} s later"
        )
    ours, theirs = found["joren"], found["pandas"]
    if ours["digest"] != theirs["digest"]:
        raise SystemExit("the two ways found different lots")
    print(
        f"same lots; {theirs['lots'] / ours['lots']:.1f} times faster,"
        f" {theirs['processor'] / ours['processor']:.1f} times by processor time,"
        f" {theirs['memory'] / ours['memory']:.1f} times less memory"
    )


def make(path: Path, entries: int, seed: int) -> None:
    """Write entries of points, the same for the same number and seed."""
    customers = max(1, entries // PER_CUSTOMER)
    with duckdb.connect() as con:
        con.execute(_ENTRIES.format(n=entries, seed=seed, customers=customers, path=path))


def joren(path: Path) -> dict:
    """The ledger of this project, from Parquet to its table of lots."""
    from joren.engine import connect, read_parquet, write_parquet
    from joren.params import Points
    from joren.points.ledger import keep_ledger

    begun, processor = time.perf_counter(), time.process_time()
    con = connect(memory_gb=MEMORY_GB)
    ledger = keep_ledger(con, read_parquet(con, path), Points(), AS_OF)
    count = ledger.lots.count().to_pyarrow().as_py()
    done = _clock(begun, processor)
    with tempfile.TemporaryDirectory() as folder:
        written = time.perf_counter()
        write_parquet(ledger.lots, Path(folder) / "lots.parquet")
        done["written"] = time.perf_counter() - written
    rows = con.raw_sql(
        "SELECT hash('pos:' || entry_id) AS id, points_used, points_expired, points_remaining "
        "FROM point_ledger_lots ORDER BY ALL"
    ).fetchnumpy()
    return done | {"count": count, "digest": _digest(rows.values())}


def pandas(path: Path) -> dict:
    """One loop over sorted rows, a heap of open lots for each account."""
    import heapq

    import pandas as pd

    begun, processor = time.perf_counter(), time.process_time()
    columns = ["source", "entry_id", "account", "kind", "points", "occurred_at", "expires_at"]
    rows = pd.read_parquet(path, columns=columns)
    rows["act"] = (rows.kind != "grant").astype("int8")
    rows["due"] = rows.expires_at.fillna(rows.occurred_at + pd.DateOffset(months=12))
    rows = rows.sort_values(["account", "occurred_at", "act", "entry_id"])
    end = pd.Timestamp(AS_OF).value // 1_000
    ids, granted, left, expired = [], [], [], []
    moments, dues = (rows[name].astype("datetime64[us]").astype("int64") for name in
                     ("occurred_at", "due"))  # fmt: skip
    now_at, heap, debt = None, [], 0
    for account, at, act, points, due, entry_id in zip(
        rows.account, moments, rows.act, rows.points, dues, rows.entry_id, strict=True
    ):
        if account != now_at:
            now_at, heap, debt = account, [], 0
        if act == 0:
            paid = min(points, debt)
            debt -= paid
            ids.append(entry_id)
            granted.append(points)
            left.append(points - paid)
            expired.append(0)
            heapq.heappush(heap, (due, len(ids) - 1))
            continue
        while points and heap:
            soonest, lot = heap[0]
            if soonest <= at:
                expired[lot], left[lot] = left[lot], 0
                heapq.heappop(heap)
            elif left[lot] > points:
                left[lot] -= points
                points = 0
            else:
                points -= left[lot]
                left[lot] = 0
                heapq.heappop(heap)
        debt += points
    table = pd.DataFrame({"id": ids, "granted": granted, "expired": expired, "left": left})
    table["due"] = dues[rows.act == 0].to_numpy()
    over = table.due <= end
    table.loc[over, "expired"] += table.left[over]
    table.loc[over, "left"] = 0
    table["used"] = table.granted - table.expired - table.left
    done = _clock(begun, processor)
    with tempfile.TemporaryDirectory() as folder:
        written = time.perf_counter()
        table.to_parquet(Path(folder) / "lots.parquet", compression="zstd")
        done["written"] = time.perf_counter() - written
    con = duckdb.connect()
    con.register("lots", table)
    found = con.execute(
        "SELECT hash('pos:' || id) AS id, used, expired, \"left\" FROM lots ORDER BY ALL"
    ).fetchnumpy()
    return done | {"count": len(table), "digest": _digest(found.values())}


def _clock(begun: float, processor: float) -> dict:
    """Seconds since then, and the highest memory so far in GB."""
    return {
        "lots": time.perf_counter() - begun,
        "processor": time.process_time() - processor,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
    }


def _digest(columns) -> str:
    digest = hashlib.sha256()
    for column in columns:
        digest.update(np.ascontiguousarray(column).view(np.int64).tobytes())
    return digest.hexdigest()


def _measured(way: str, path: Path) -> dict:
    command = [sys.executable, __file__, way, "--file", str(path)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    main()
