"""How fast a synthetic client is written, and how much memory that takes.

    python benchmarks/simulate.py 100000

The simulation runs in a child process, so that the peak of memory is its own; what it wrote is
removed afterwards.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from joren.simulate.client import simulate


def main() -> None:
    """Simulate as many customers as the command line says and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("customers", type=int, help="500 to 1,000,000")
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        measure(given.customers, given.seed)
        return
    subprocess.run([sys.executable, __file__, *sys.argv[1:], "--inside"], check=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"processor time    {used.ru_utime + used.ru_stime:12,.1f} s")
    print(f"peak memory       {used.ru_maxrss / 1024:12,.0f} MB")


def measure(customers: int, seed: int) -> None:
    """Simulate once; print rows, megabytes, seconds and customers a minute."""
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "data" / "bench"
        written = simulate("bench", customers, seed, folder, Path(home) / "params" / "bench.yaml")
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"rows              {sum(written.files.values()):12,}")
    print(f"size              {size / 1e6:12,.0f} MB")
    print(f"time              {written.seconds:12,.1f} s")
    print(f"customers/minute  {60 * customers / written.seconds:12,.0f}")


if __name__ == "__main__":
    main()
