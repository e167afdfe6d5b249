"""The journeys whose credit is published, as counts; see tests/data/routes/README.md."""

from __future__ import annotations

import numpy as np
import pandas as pd

from joren.params import project_root
from joren.routes.chain import Counts

_FOLDER = project_root() / "tests" / "data" / "routes"
NAMES = [
    "alpha", "beta", "delta", "epsilon", "eta", "gamma", "iota", "kappa", "lambda", "mi", "theta",
    "zeta",
]  # fmt: skip
CONVERTED, JOURNEYS = 19_785, 88_387


def counts() -> Counts:
    """Counts of order 2."""
    grams = pd.read_csv(_FOLDER / "grams.csv")
    ends = pd.read_csv(_FOLDER / "ends.csv")
    return Counts(
        2, len(NAMES), grams.gram.to_numpy(), grams.n.to_numpy(float), ends.end.to_numpy(),
        ends.converted.to_numpy(float), ends.null.to_numpy(float), np.zeros(len(ends)),
        ends.converted.to_numpy(float),
    )  # fmt: skip


def sets() -> list[tuple[list[int], int]]:
    """The touchpoints of journeys and how many of these converted."""
    rows = pd.read_csv(_FOLDER / "sets.csv").itertuples(index=False)
    return [([c + 1 for c in range(len(NAMES)) if mask >> c & 1], n) for mask, n in rows]
