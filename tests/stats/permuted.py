"""How often campaigns without effect are claimed to have one in some segment."""

from __future__ import annotations

import numpy as np
from tests.stats.hillstrom import CONTROL, cells, customers

from joren.stats.effects import mean_effect, rate_effect
from joren.stats.hierarchical import segment_effects


def claims(outcome: str, runs: int, level: float, seed: int) -> dict[str, float]:
    """Share of permutations of Hillstrom's arms that claim any of the 16 effects by segment.

    `unpooled` reads each cell by itself; `intervals` takes the interval of each for what all of
    them together say, `pooled` what `segment_effects` claims.
    """
    arms, rng = customers().segment.to_numpy(), np.random.default_rng(seed)
    rate = outcome != "spend"
    plain = rate_effect if rate else mean_effect
    found = {"unpooled": 0, "intervals": 0, "pooled": 0}
    for run in range(runs):
        at = {(str(s), a): m for (s, a), m in cells(outcome, arms=rng.permutation(arms)).items()}
        alone = [plain(m, at[s, CONTROL], level) for (s, a), m in at.items() if a != CONTROL]
        together = segment_effects(
            at, CONTROL, "rate" if rate else "amount", level, seed=seed + run
        )
        found["unpooled"] += any(effect.excludes_zero() for effect in alone)
        found["intervals"] += any(effect.excludes_zero() for effect in together.cells.values())
        found["pooled"] += bool(together.claimed)
    return {way: count / runs for way, count in found.items()}
