"""How often campaigns without effect are claimed to have one when they are looked at many times."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm
from tests.stats.hillstrom import CONTROL, customers

from joren.stats.sequential import quantile

LOOKS = 20


def claims(outcome: str, runs: int, level: float, seed: int) -> dict[str, float]:
    """Share of A/A tests on Hillstrom's control that claim an effect at one of the looks.

    The customers are put in random order and dealt to two arms by coin; a look comes after every
    twentieth of them. `fixed` takes each look by itself, `sequence` all looks together.
    """
    c = customers()
    x = c.loc[c.segment == CONTROL, outcome].to_numpy(float)
    rng, n = np.random.default_rng(seed), len(x)
    ends = np.arange(1, LOOKS + 1) * n // LOOKS
    fixed = float(norm.ppf(0.5 + level / 2))
    wide = np.array([quantile(int(end), level, n) for end in ends])
    found = {"fixed": 0, "sequence": 0}
    for _ in range(runs):
        shown, arm = rng.permutation(x), rng.random(n) < 0.5
        sums = [
            [np.cumsum(part)[ends - 1] for part in (here, shown * here, shown**2 * here)]
            for here in (arm, ~arm)
        ]
        (n1, x1, s1), (n0, x0, s0) = sums
        variance = (s1 / n1 - (x1 / n1) ** 2) / n1 + (s0 / n0 - (x0 / n0) ** 2) / n0
        z = np.abs(x1 / n1 - x0 / n0) / np.sqrt(np.maximum(variance, 1e-300))
        found["fixed"] += bool((z > fixed).any())
        found["sequence"] += bool((z > wide).any())
    return {way: count / runs for way, count in found.items()}
