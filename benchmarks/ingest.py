"""How fast a client's raw files become canonical tables, and how much memory that takes.

    python benchmarks/ingest.py params/demo.yaml

The import runs in a child process, so that the peak of memory is its own.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import resource
import subprocess
import sys
import time
from pathlib import Path

from joren.engine import connect
from joren.ingest.inputs import table_inputs
from joren.ingest.reader import read_sources
from joren.params import load_client

STAGES = {
    "encodings": ("decode.detect_encoding",),
    "bytes to columns": ("blocks.read_blocks",),
    "columns to engine": ("pour.pour",),
    "rows to records": ("project.project", "fill.fill"),
    "card numbers": ("cards.refuse_payment_cards", "cards.refuse_cards_in_file"),
    "strings to types": ("reader._type",),
    "repetitions": (
        "duplicates.mark_duplicates",
        "duplicates.number_lines",
        "duplicates.separate_refunds",
        "duplicates.supersede",
    ),
    "guests": ("guests.derive_customers", "guests.name_guests"),
    "quarantine": ("reader._account_for",),
    "coverage": ("coverage.coverage_table", "totals.keep_figures", "totals.compare_totals"),
}
"""Stage → the functions of `joren.ingest` that do it. `bytes to columns` is read in the course of
`columns to engine` and of `card numbers`, and counts in them too."""


def main() -> None:
    """Measure the client on the command line and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("params", type=Path, help="the client's file under params/")
    parser.add_argument("--memory-gb", type=float, help="what the engine may take")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        measure(given.params, given.memory_gb)
        return
    subprocess.run([sys.executable, __file__, *sys.argv[1:], "--inside"], check=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"processor time    {used.ru_utime + used.ru_stime:10,.1f} s")
    print(f"peak memory       {used.ru_maxrss / 1024:10,.0f} MB")


def measure(path: Path, memory_gb: float | None) -> None:
    """Import a client once; print rows, megabytes, seconds and the seconds of each stage."""
    loaded = load_client(str(path))
    inputs = table_inputs(loaded.params, loaded.folder)
    megabytes = sum({f.path: f.path.stat().st_size for i in inputs for f in i.files}.values()) / 1e6
    profile = cProfile.Profile()
    started = time.perf_counter()
    read = profile.runcall(read_sources, connect(memory_gb), loaded.params, loaded.folder)
    seconds = time.perf_counter() - started
    counted = read.coverage.group_by("table_name").agg(rows=read.coverage.rows_in.sum())
    for row in counted.order_by("table_name").to_pyarrow().to_pylist():
        print(f"{row['table_name']:17} {row['rows']:10,} rows")
    print(f"size              {megabytes:10,.0f} MB")
    print(f"time              {seconds:10,.1f} s   {megabytes / seconds:,.0f} MB/s")
    for stage, spent in stages(profile).items():
        print(f"  {stage:17} {spent:8,.1f} s")


def stages(profile: cProfile.Profile) -> dict[str, float]:
    """Seconds of each stage that a profiled import went through, callees included."""
    spent: dict[str, float] = {}
    for (file, _, function), (*_, cumulative, _) in pstats.Stats(profile).stats.items():
        if Path(file).parent.name == "ingest":
            name = f"{Path(file).stem}.{function}"
            spent[name] = spent.get(name, 0) + cumulative
    sums = {stage: sum(spent.get(name, 0) for name in names) for stage, names in STAGES.items()}
    return {stage: seconds for stage, seconds in sums.items() if seconds >= 0.05}


if __name__ == "__main__":
    main()
