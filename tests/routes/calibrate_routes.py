"""How often the statements of stage 03 hold on worlds whose truth is known.

`python -m tests.routes.calibrate_routes` prints the rates over many worlds; the tests ask fewer.
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
from scipy.stats import chi2

from joren.engine import connect
from joren.routes.campaign_routes import Readout, assigned, read_out, verdicts
from joren.routes.churn_signs import TOUCHPOINT, churn_signs
from joren.routes.compare import Journeys, compare_groups, journeys_of
from joren.routes.edges import START_CODE, end_code_of, transitions
from joren.routes.landmarks import at_risk, orders_ago, signs_of
from joren.routes.silence import churn_after_days
from joren.routes.steps import names_of
from joren.routes.touchpoints import START
from joren.routes.value import Sums, settled

LEVEL = 0.9


def edge_world(seed: int, places: int = 18) -> tuple[Sums, dict[str, np.ndarray], np.ndarray]:
    """Sums of edges with planted origin, destination and edge effects; most edges are rare.

    Returns
    -------
    sums, ends, and the true differences from the mean of all
    """
    rng = np.random.default_rng(seed)
    source, target = np.divmod(np.arange(places**2), places)
    n = np.maximum(rng.lognormal(2.0, 1.6, places**2).astype(int), 1)
    effects = rng.normal(0, 6_000, places)[source] + rng.normal(0, 6_000, places)[target]
    level = np.maximum(30_000 + effects + rng.normal(0, 3_000, places**2), 5_000)
    # spend is skewed, and customers worth more differ more
    values = [rng.gamma(0.4, mean / 0.4, size) for mean, size in zip(level, n, strict=True)]
    items = pd.DataFrame({
        "n": n, "mean": [v.mean() for v in values], "variance": [v.var() for v in values]
    })  # fmt: skip
    everyone = np.concatenate(values)
    sums = Sums(len(everyone), everyone.mean(), everyone.var(), 0.0, items)
    truth = level - (n * level).sum() / n.sum()
    return sums, {"origin": source, "destination": target}, truth


def top_twenty(seed: int) -> tuple[float, float]:
    """By how much of the truth the best twenty are overstated: as read, and by the model."""
    sums, ends, truth = edge_world(seed)
    fit = settled(sums, ends, LEVEL)
    assert fit is not None
    seen, _spreads, found = fit
    shares = []
    for estimate in (seen.means, found.mean):
        best = np.argsort(-estimate)[:20]
        true = (sums.mean + truth[best]).mean()
        shares.append((sums.mean + estimate[best]).mean() / true - 1)
    return shares[0], shares[1]


def shared_world(seed: int, customers: int = 1500, places: int = 8) -> float:
    """Share of edges whose interval holds the truth, where customers differ and share edges.

    A customer's worth is her own, skewed, times what her edges go with; keen customers take many
    edges. The truth is that of forty times as many customers.
    """
    rng = np.random.default_rng(seed)
    edges = places**2
    liking = rng.dirichlet(np.full(edges, 0.5))
    pull = np.exp(rng.normal(0, 0.3, places)[np.arange(edges) // places])

    def people(size: int) -> tuple[np.ndarray, np.ndarray]:
        keen = rng.gamma(1.0, 1.0, size)
        taken = rng.random((size, edges)) < 1 - np.exp(-np.outer(1 + 6 * keen, liking))
        mean = np.where(taken, pull, 0).sum(1) / np.maximum(taken.sum(1), 1)
        return taken, mean * rng.gamma(0.5, 2.0, size) * (0.5 + keen) * 10_000

    taken, worth = people(customers)
    held, truth = people(40 * customers)
    n = taken.sum(0)
    kept = n > 0
    mean = np.array([worth[taken[:, e]].mean() for e in np.flatnonzero(kept)])
    variance = np.array([worth[taken[:, e]].var() for e in np.flatnonzero(kept)])
    items = pd.DataFrame({"n": n[kept], "mean": mean, "variance": variance})
    origin, destination = np.divmod(np.flatnonzero(kept), places)
    ends = {
        name: np.unique(codes, return_inverse=True)[1]
        for name, codes in (("origin", origin), ("destination", destination))
    }
    part = taken.sum(1) / taken.sum() - 1 / customers
    pooled = float(((worth - worth.mean()) ** 2 * part**2).sum())
    fit = settled(Sums(customers, worth.mean(), worth.var(), pooled, items), ends, LEVEL)
    assert fit is not None
    found = fit[2]
    true = np.array([truth[held[:, e]].mean() for e in np.flatnonzero(kept)]) - truth.mean()
    return float(((found.lower <= true) & (true <= found.upper)).mean())


def chains(
    rng: np.random.Generator, base: np.ndarray, customers: int, length: float = 40.0
) -> np.ndarray:
    """(customers, k²) transitions of customers who each have a chain of their own about `base`."""
    k = len(base)
    counts = np.zeros((customers, k * k))
    for origin in range(k):
        own = rng.gamma(2.0 * base[origin], size=(customers, k)) + 1e-12
        steps = rng.poisson(rng.gamma(1.0, length / k, customers))
        counts[:, origin * k : (origin + 1) * k] = rng.multinomial(
            steps, own / own.sum(1, keepdims=True)
        )
    return counts


def as_journeys(counts: np.ndarray) -> Journeys:
    """Counts of all edges of k touchpoints, side by side."""
    k = round(counts.shape[1] ** 0.5)
    row, edge = np.nonzero(counts)
    return journeys_of(row, edge // k, edge, counts[row, edge], len(counts))


def split_in_two(seed: int, customers: int = 120) -> tuple[bool, bool]:
    """Whether two halves of the same customers are flagged: by max-T, and by a G-test of counts."""
    rng = np.random.default_rng([seed, 1])
    k = 6
    counts = chains(rng, rng.dirichlet(np.ones(k), k), customers)
    half = (rng.permutation(customers) < customers // 2).astype(int)
    found = compare_groups(as_journeys(counts), half, LEVEL, seed, permutations=199)[0]
    g, freedom = 0.0, 0
    for origin in range(k):
        columns = slice(origin * k, (origin + 1) * k)
        seen = np.array([counts[half == side, columns].sum(0) for side in (0, 1)])
        expected = np.outer(seen.sum(1), seen.sum(0)) / max(seen.sum(), 1)
        some = seen > 0
        g += 2 * (seen[some] * np.log(seen[some] / expected[some])).sum()
        freedom += (seen.sum(0) > 0).sum() - 1
    return bool(found.smallest_p <= 0.05), bool(chi2.sf(g, freedom) <= 0.05)


def shifted(seed: int, customers: int = 400) -> tuple[bool, float]:
    """Whether a planted shift of one edge is found, and the coverage of the differences."""
    rng = np.random.default_rng([seed, 2])
    k = 6
    base = rng.dirichlet(np.ones(k), k)
    moved = base.copy()
    moved[2] *= 0.8
    moved[2, 3] += 0.2
    counts = np.vstack([chains(rng, world, customers) for world in (moved, base)])
    side = np.repeat([0, 1], customers)
    found = compare_groups(as_journeys(counts), side, LEVEL, seed, permutations=199)[0]
    true = (moved - base).ravel()
    inside = (found.lower <= true) & (true <= found.upper)
    return bool(found.p[2 * k + 3] <= 0.05), float(inside.mean())


def retailer(seed: int, customers: int = 20_000) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Signs and campaign verdicts of simulated people, by the simulator's own names."""
    from tests.routes.simulated import AS_OF, live

    lived = live(connect(), customers, seed)
    steps, names = lived.steps, names_of(lived.steps) | {START_CODE: START}
    days = churn_after_days(steps, None)
    end = end_code_of(steps)
    pairs, orders = transitions(steps, end).cache(), orders_ago(steps, AS_OF).cache()
    risk = at_risk(orders, days, int(orders.ago.max().to_pyarrow().as_py())).cache()
    signs = churn_signs(risk, signs_of(steps, pairs, AS_OF, end), names, days, LEVEL)
    sides = assigned(lived.assignments, lived.identity_map)
    found = read_out(steps, sides, lived.campaigns, AS_OF, LEVEL, seed)
    readouts = [one for one in found if isinstance(one, Readout)]
    return signs[signs.kind == TOUCHPOINT].set_index("sign"), verdicts(readouts)


def main() -> None:
    """Print the rates."""
    begun = time.time()
    overstated = np.array([top_twenty(seed) for seed in range(100)]).mean(0)
    print(f"top 20 overstated: as read {overstated[0]:.1%}, by the model {overstated[1]:.1%}")
    covered = [shared_world(seed) for seed in range(100)]
    print(f"edge LTV intervals hold the truth: {np.mean(covered):.3f} (nominal {LEVEL})")
    flags = np.array([split_in_two(seed) for seed in range(1000)]).mean(0)
    print(f"identical halves flagged: max-T {flags[0]:.3f}, G-test {flags[1]:.3f}")
    moves = np.array([shifted(seed) for seed in range(100)]).mean(0)
    print(f"planted edge shift found {moves[0]:.2f}; intervals hold the truth {moves[1]:.3f}")
    places, changed, placebo = [], [], []
    for seed in range(10):
        signs, judged = retailer(seed)
        places.append([int(signs.place[cause]) for cause in ("complaint", "event_checkin")])
        rest = judged[judged.routes == "without_messages"]
        changed.append([bool((judged[judged.routes == "whole"].p < 0.05).all()),
                        int((rest.p < 0.05).sum())])  # fmt: skip
        placebo.append(int((rest.placebo_p < 0.05).sum()))
    print(f"places of complaint and event_checkin among signs: {places}")
    print(f"campaigns: whole routes all flagged, changed without messages: {changed}")
    print(f"placebo periods flagged (of 6 each): {placebo}")
    print(f"{time.time() - begun:.0f} s")


if __name__ == "__main__":
    main()
