"""Minutes: do intervals of credit hold the truth, and is memory only found where there is some?

    python -m tests.routes.calibrate_credit

Customers of the first part differ strongly in what they like and in their luck; nominal 90 % must
hold the truth in 80 % of cases. Chains of the second part remember one or two touchpoints and must
never be given a higher order. `tests/routes` holds the same with fewer sets.
"""

from __future__ import annotations

import sys

import numpy as np
import pyarrow as pa
from tests.routes.test_bootstrap import coverage
from tests.routes.test_order_choice import grams_of_a_chain

from joren.engine import connect
from joren.routes.order_choice import choose

DATASETS, DRAWS, POPULATION = 100, 200, 20_000
LEAST, SEEDS, TOUCHPOINTS, MAX_ORDER = 0.80, 25, 4, 3


def main(datasets: int = DATASETS, seeds: int = SEEDS) -> int:
    """Print both figures; 1 where one of them falls short."""
    held = coverage(_rows(), datasets, DRAWS, population=POPULATION)
    share, error = held.mean(), held.mean(1).std() / np.sqrt(len(held))
    by = " ".join(f"{part:.2f}" for part in held.mean(0))
    print(
        f"coverage {share:.3f} ± {error:.3f} of nominal .90 ({datasets} sets; by touchpoint {by})"
    )
    higher = lower = 0
    for order in (1, 2):
        for seed in range(100, 100 + seeds):
            found = choose(*grams_of_a_chain(order, seed), TOUCHPOINTS, MAX_ORDER).order
            higher, lower = higher + (found > order), lower + (found < order)
    print(f"chains of a known order: {higher} given a higher one, {lower} a lower, of {2 * seeds}")
    return int(share < LEAST or higher > 0)


def _rows():
    con = connect()
    made = iter(range(1_000_000))

    def make(given: list[dict], **types: pa.DataType):
        found = pa.Table.from_pylist(given)
        for name, kind in types.items():
            at = found.column_names.index(name)
            found = found.set_column(at, name, pa.array(found[name].to_pylist(), kind))
        return con.create_table(f"rows_{next(made)}", found)

    return make


if __name__ == "__main__":
    sys.exit(main())
