"""Posterior of the hazards, from counts by cell: laplace, or NUTS where that is not good enough."""

from __future__ import annotations

from dataclasses import dataclass, replace

from joren.churn.hazard import build_model, coordinates, log_posterior
from joren.churn.risk import Cells
from joren.churn.tenure import CAUSES
from joren.errors import JorenError
from joren.params import Ltv
from joren.stats.arrays import Array
from joren.stats.direct_laplace import laplace
from joren.stats.inference import Posterior, sample

FORECAST_DRAWS = 400


@dataclass(frozen=True)
class Fit:
    """The posterior of each cause's hazard, with the counts it rests on."""

    cells: Cells
    hazards: dict[str, Posterior]

    def draws(self, size: int = FORECAST_DRAWS) -> dict[str, Array]:
        """Cause → (n_coordinates, size) equally weighted draws."""
        return {cause: p.equally_weighted(size).T for cause, p in self.hazards.items()}


def fit(cells: Cells, params: Ltv, seed: int) -> Fit:
    """Fit the hazard of every cause.

    Parameters
    ----------
    cells : counts by cell
    params : inference, draws and chains
    seed : the same seed gives the same posterior

    Raises
    ------
    JorenError if `laplace` is asked for and a posterior has no proper mode
    """
    return Fit(cells, {c: posterior(c, cells, params, seed + i) for i, c in enumerate(CAUSES)})


def posterior(cause: str, cells: Cells, params: Ltv, seed: int) -> Posterior:
    """The posterior of one cause's coordinates; see `fit`."""
    names = coordinates(cause, cells.categories)
    fast = None
    if params.inference != "nuts":
        fast = laplace(
            lambda theta: log_posterior(cause, cells, theta),
            names,
            params.draws * params.chains,
            seed,
        )
    if fast is not None and (params.inference == "laplace" or "k_hat" not in fast.problems()):
        return fast
    if params.inference == "laplace":
        raise JorenError("the posterior has no proper mode", "ltv.inference", "set it to nuts")
    model = build_model(cause, cells)
    sampled = sample(model, ["theta"], "nuts", params.draws, params.chains, seed)
    sampled = sampled.columns(range(len(names)), names)
    return sampled if fast is None else replace(sampled, rejected_k_hat=fast.k_hat)
