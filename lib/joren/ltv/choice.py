"""Which model of orders fits: each is fitted, and judged by what it says of the customer left out.

Pareto/NBD and MBG/NBD are tried; where the times between orders are known, MBG/CNBD-k as well, with
k = 2, 3, … as long as each is better than the one before. The highest leave-one-out density is
chosen, unless it leads by less than two standard errors: of models that are level, Pareto/NBD is
taken, whose customers do not stop by ordering, and then the one with fewer stages. Leaving out
judges one customer given the others; the holdout judges the future.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from joren.ltv.loo import LeaveOneOut, leave_one_out
from joren.ltv.mbg_cnbd_k import MOST_STAGES, mbg_cnbd
from joren.ltv.mbg_nbd import MBG_NBD
from joren.ltv.order_model import OrderModel
from joren.ltv.order_models import ORDER_MODELS
from joren.ltv.pareto_nbd import PARETO_NBD
from joren.ltv.pooling import Sampling, posteriors
from joren.ltv.statistics import PurchaseStatistics
from joren.stats.posterior import Posterior

_LOO_DRAWS = 1000
_ENOUGH_CUSTOMERS = 200_000
_DECISIVE = 2.0  # standard errors


@dataclass(frozen=True)
class Tried:
    """A model, its posterior in each group, and its leave-one-out density over all of them."""

    model: OrderModel
    orders: tuple[Posterior, ...]
    loo: LeaveOneOut


def tried_models(
    groups: Sequence[PurchaseStatistics], wanted: str, how: Sampling
) -> tuple[Tried, ...]:
    """Fit the models that come into question: the chosen one, then the others by their density.

    With very many customers a sample of them chooses, and only models that are level are then
    fitted to all: densities and the other models' posteriors are of the sample.

    Parameters
    ----------
    groups : unique statistics of each cell of customers, or of all as one
    wanted : `auto`; `mbg_cnbd_k` to choose k alone; or the name of one model
    how : inference and pooling

    Raises
    ------
    JorenError if `mbg_cnbd_k` is wanted and the times between orders are not known
    """
    share = _ENOUGH_CUSTOMERS / sum(g.total for g in groups)
    if share >= 1 or wanted in ORDER_MODELS:
        return _ranked(groups, wanted, how)
    rng = np.random.default_rng(how.seed)
    found = _ranked([g.thinned(share, rng) for g in groups], wanted, how)
    kept = level(found)
    return tuple(
        replace(tried, orders=posteriors(tried.model, groups, how)) if tried in kept else tried
        for tried in found
    )


def level(tried: Sequence[Tried]) -> list[Tried]:
    """The models that leave-one-out does not clearly reject, in the order given."""
    best = max(tried, key=lambda one: one.loo.elpd).loo
    found = []
    for one in tried:
        lead, error = best.lead_over(one.loo)
        if lead <= _DECISIVE * error:
            found.append(one)
    return found


def _ranked(groups: Sequence[PurchaseStatistics], wanted: str, how: Sampling) -> tuple[Tried, ...]:
    def attempt(model: OrderModel) -> Tried:
        orders = posteriors(model, groups, how)
        draws = [posterior.equally_weighted(_LOO_DRAWS) for posterior in orders]
        return Tried(model, orders, leave_one_out(model, groups, draws, how.seed))

    if wanted in ORDER_MODELS:
        return (attempt(ORDER_MODELS[wanted]),)
    found = [attempt(MBG_NBD)] if wanted == "auto" else [attempt(mbg_cnbd(2))]
    best = found[0]
    gaps_known = all(g.log_gaps is not None for g in groups)
    for stages in range(best.model.stages + 1, MOST_STAGES + 1) if gaps_known else ():
        found.append(attempt(mbg_cnbd(stages)))
        if found[-1].loo.elpd <= best.loo.elpd:
            break
        best = found[-1]
    if wanted == "auto":
        found.append(attempt(PARETO_NBD))
    ranked = sorted(found, key=lambda tried: -tried.loo.elpd)
    chosen = min(
        level(ranked), key=lambda tried: (tried.model is not PARETO_NBD, tried.model.stages)
    )
    return (chosen, *(tried for tried in ranked if tried is not chosen))
