"""Seconds and memory of linking new records against a known population.

    python benchmarks/identity_incremental.py 1000000 --new 10000

Links the population once (that is `benchmarks/identity.py`), keeps what a run would keep in state
and in its cache, then links the population and the new records in a process of its own, and prints
the seconds and peak memory of that.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from identity import make_records

from joren.contract import CANONICAL
from joren.engine import connect, write_parquet
from joren.identity.link import Settings, link
from joren.identity.memory import Memory

LOGS = ("assignments", "history", "known", "links", "rebases")


def run(folder: Path, records: int, new: int) -> None:
    """Link the first `records` less `new` on the first call, all of them on the second."""
    con = connect(memory_gb=3, scratch=folder / "spill")
    everybody = folder / "customers.parquet"
    if not everybody.exists():
        write_parquet(make_records(con, records), everybody)
    customers = con.read_parquet(str(everybody))
    again = (folder / "known.parquet").exists()
    if not again:
        number = customers.source_id.substr(1).cast("int64")
        customers = customers.filter(number < records - new)
    orders = con.create_table("benchmark_orders", schema=CANONICAL["orders"].ibis_schema())
    logs = {
        name: con.read_parquet(str(folder / f"{name}.parquet"))
        for name in LOGS if (folder / f"{name}.parquet").exists()
    }  # fmt: skip
    start = time.perf_counter()
    linked = link(
        con, customers, orders, Settings("bench", date(2026, 3, 31), b"key"),
        memory=Memory(**logs), keys=folder / "keys",
    )  # fmt: skip
    customers_found = linked.identity_map.customer_id.nunique().execute()
    seconds = time.perf_counter() - start
    for name in LOGS:
        rows = getattr(linked, f"new_{name}")
        if not again or rows.count().execute():
            write_parquet(rows, folder / f"{name}{'_2' if again else ''}.parquet")
    fresh = linked.new_known.count().execute()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{'incremental' if again else 'everything':<12} {fresh:>9,} linked  "
        f"{customers_found:>9,} customers  {seconds:7.1f} s  {peak:5.2f} GB",
        flush=True,
    )


def main() -> None:
    """Both runs, each in a process of its own, or one of them where a folder is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=int)
    parser.add_argument("--new", type=int, default=10_000)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    if given.folder:
        run(given.folder, given.records, given.new)
        return
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(2):
            subprocess.run(
                [sys.executable, __file__, str(given.records), "--new", str(given.new),
                 "--folder", folder],
                check=True,
            )  # fmt: skip


if __name__ == "__main__":
    main()
