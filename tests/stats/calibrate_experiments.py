"""Whether experiments claim as seldom, and hold the truth as often, as they say: `make calibrate`.

    python -m tests.stats.calibrate_experiments

Campaigns without effect are made of Hillstrom's customers: arms permuted (`permuted`), and control
customers dealt to two arms and looked at twenty times (`looks`). Of segments, parameters are drawn
from the prior and outcomes from them; the ranks of the truth among the posterior's draws are then
uniform (Talts et al. 2018).
"""

from __future__ import annotations

import argparse

import numpy as np
from scipy.special import expit
from tests.ltv.sbc import RANKS, uniformity
from tests.stats import looks, permuted

from joren.stats.arrays import Array
from joren.stats.hierarchical_model import PRIORS, SHAPE_PRIOR, Kind, Part
from joren.stats.nested_laplace import nested_laplace

SEGMENTS, ARMS, CUSTOMERS = 8, 3, 800
CLAIMED = 0.2  # of permuted campaigns, any of 16 effects at 90 %
LOOKED = 0.05  # of campaigns without effect, at any of 20 looks at 95 %


def ranks(kind: Kind, rounds: int, seed: int) -> Array:
    """Ranks (0 … RANKS) of the truth among the draws: (rounds, 3).

    Of the effect of the first arm in the first segment, the average of all effects, and τ.
    """
    rng, found = np.random.default_rng(seed), []
    for i in range(rounds):
        part, truth, tau = world(kind, rng)
        drawn = nested_laplace(part, 4000, seed + i)
        at = np.searchsorted(np.cumsum(drawn.weights), (np.arange(RANKS) + 0.5) / RANKS)
        numbers = [(eta[..., 1:] - eta[..., :1]) for eta in (drawn.eta[at], truth[None])]
        ours, true = (np.stack([e[:, 0, 0], e.mean((1, 2))], axis=1) for e in numbers)
        found.append([*(ours < true).sum(0), (drawn.tau[at] < tau).sum()])
    return np.array(found)


def world(kind: Kind, rng: np.random.Generator) -> tuple[Part, Array, float]:
    """A campaign from the prior: its sums, the true η of its cells and the true τ."""
    prior, shape = PRIORS[kind], (SEGMENTS, ARMS)
    sigma, tau = (abs(rng.normal(0, scale)) for scale in (prior.between, prior.effect))
    base = rng.normal(prior.centre, prior.spread) + sigma * rng.standard_normal((SEGMENTS, 1))
    m = rng.normal(0, prior.arm, ARMS - 1)
    effect = m + tau * rng.standard_normal((SEGMENTS, ARMS - 1))
    eta = np.hstack([base, base + effect])
    n = rng.integers(5, CUSTOMERS, shape).astype(float)
    if kind == "rate":
        return Part(kind, n, rng.binomial(n.astype(int), expit(eta)) * 1.0, 0 * n), eta, tau
    if kind == "mean":
        precision = n / 30.0
        return Part(kind, n, rng.normal(eta, precision**-0.5), precision), eta, tau
    a, buyers = np.exp(rng.normal(*SHAPE_PRIOR)), np.ceil(n / 20)
    cells = zip(eta.flat, buyers.flat, strict=True)
    spent = [rng.gamma(a, np.exp(e) / a, int(b)) for e, b in cells]
    total, logs = (np.reshape([f(s).sum() for s in spent], shape) for f in (np.abs, np.log))
    return Part(kind, buyers, total, logs), eta, tau


def main() -> None:
    """Run everything; exit status 1 where more is claimed than noise explains."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--looks", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=300)
    given = parser.parse_args()
    failed = False
    for outcome in ("conversion", "spend"):
        found = permuted.claims(outcome, given.runs, 0.9, seed=1)
        failed |= _claimed(f"16 segments, {outcome}", found, "pooled", CLAIMED, given.runs)
        found = looks.claims(outcome, given.looks, 0.95, seed=1)
        failed |= _claimed(f"20 looks, {outcome}", found, "sequence", LOOKED, given.looks)
    for kind in PRIORS:
        smallest = uniformity(ranks(kind, given.rounds, seed=1)).min()
        print(f"segments, {kind}: smallest p of uniform ranks {smallest:.3f}")
        failed |= smallest < 0.001
    raise SystemExit(int(failed))


def _claimed(what: str, found: dict[str, float], way: str, allowed: float, runs: int) -> bool:
    noise = 2 * (allowed * (1 - allowed) / runs) ** 0.5
    said = ", ".join(f"{name} {share:.1%}" for name, share in found.items())
    print(f"{what}: claims of {runs} campaigns without effect: {said} (at most {allowed:.0%}"
          f" + {noise:.1%})")  # fmt: skip
    return found[way] > allowed + noise


if __name__ == "__main__":
    main()
