"""One set of parameters for all customers, one for each cell of them, or cells that learn together.

A cell is what a categorical column makes: first channel, cohort, first product category. `separate`
fits each cell to its own customers alone. `hierarchical` lets every cell differ from a common mean
as much as the data say, so that a small cell borrows from the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from joren.ltv.order_model import OrderModel, build
from joren.ltv.statistics import PurchaseStatistics
from joren.stats.inference import sample
from joren.stats.posterior import Posterior

# a gradient of a million unique customers takes tens of milliseconds, and their posterior is normal
_MOST_WORK = 60_000_000
_FEWEST_PROPOSALS = 600


@dataclass(frozen=True)
class Sampling:
    """How to sample: the arguments of `inference.sample`, and how cells share what they learn."""

    inference: Literal["auto", "laplace", "nuts"]
    draws: int
    chains: int
    seed: int
    pooling: Literal["hierarchical", "separate"] = "hierarchical"


def posteriors(
    model: OrderModel, groups: Sequence[PurchaseStatistics], how: Sampling
) -> tuple[Posterior, ...]:
    """The posterior of each group's natural parameters.

    Parameters
    ----------
    model : which
    groups : unique statistics of each cell; a single one is pooled, whatever `how` says
    how : see `Sampling`
    """
    if len(groups) == 1 or how.pooling == "separate":
        return tuple(_sample(model, [g], "pooled", how) for g in groups)
    together = _sample(model, groups, "hierarchical", how)
    n = len(groups)
    places = [[p * n + g for p in range(len(model.parameters))] for g in range(n)]
    return tuple(together.columns(at, model.parameters) for at in places)


def _sample(
    model: OrderModel,
    groups: Sequence[PurchaseStatistics],
    pooling: Literal["pooled", "hierarchical"],
    how: Sampling,
) -> Posterior:
    draws = how.draws
    if how.inference != "nuts":
        affordable = _MOST_WORK // sum(len(g) for g in groups)
        draws = min(draws, max(affordable, _FEWEST_PROPOSALS) // how.chains)
    return sample(
        build(model, groups, pooling),
        model.parameters,
        how.inference,
        draws,
        how.chains,
        how.seed,
    )
