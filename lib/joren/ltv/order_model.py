"""What every model of orders has in common: its parameters, their priors, and its PyMC definition.

A model has a few free positive numbers, log-normal a priori. Nothing in them knows a unit: times
are relative to the median T, so hours, days and weeks give one posterior.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Literal

import numpy as np

from joren.ltv.statistics import PurchaseStatistics, stacked
from joren.stats.arrays import Array

if TYPE_CHECKING:
    import pymc as pm

Pooling = Literal["pooled", "hierarchical"]
# cells' sd around their common mean, of logarithms: .06 to .6; nought is out of reach, as a spread
# that can vanish makes a funnel no sampler likes
_SPREAD_CENTRE, _SPREAD_SD = np.log(0.2), 0.7


@dataclass(frozen=True)
class Coordinate:
    """One free positive number: its logarithm is normal a priori, with this centre and sd."""

    name: str
    centre: float
    sd: float


@dataclass(frozen=True)
class OrderModel:
    """A model of when customers order and when they stop, as the rest of the stage sees it.

    name, title : `mbg_nbd`, `MBG/NBD`
    coordinates : the free numbers
    parameters : names of the natural parameters, as in the paper; times in days
    natural : (*coordinates, unit of time) → natural parameters, by arithmetic alone
    compress : one PurchaseStatistics a group → the arrays `kernel` reads, by name
    kernel : numba function (parameters (n_parameters, n_groups), *arrays) → value and gradient
    pointwise : (statistics, draws (n_draws, n_parameters)) → (n_draws, n) log-likelihood of one
        customer of each row, less its constants
    constants : statistics → (n,) the part of all customers of a row that no parameter enters
    future : module of forecast kernels; None for BG/BB, whose future is in its own file
    stages : orders come at every `stages`-th event of a Poisson process (k of MBG/CNBD-k)
    """

    name: str
    title: str
    coordinates: tuple[Coordinate, ...]
    parameters: tuple[str, ...]
    natural: Callable[..., tuple]
    compress: Callable[[Sequence[PurchaseStatistics]], dict[str, np.ndarray]]
    kernel: Callable[..., tuple[float, Array]]
    pointwise: Callable[[PurchaseStatistics, Array], Array]
    future: ModuleType | None = None
    constants: Callable[[PurchaseStatistics], Array] = lambda statistics: np.zeros(len(statistics))
    stages: int = 1

    def log_likelihood(self, statistics: PurchaseStatistics, *parameters: float) -> float:
        """Log-likelihood of all customers, computed on unique statistics.

        Parameters
        ----------
        statistics : unique (frequency, recency, T) with counts
        parameters : natural parameters, times in the unit of the statistics
        """
        data = self.compress([statistics])
        return float(self.kernel(np.array(parameters, float)[:, None], *data.values())[0])


def build(
    model: OrderModel,
    groups: Sequence[PurchaseStatistics],
    pooling: Pooling = "pooled",
    unit: float | None = None,
) -> pm.Model:
    """The PyMC definition of an order model.

    Parameters
    ----------
    model : which
    groups : unique statistics, one for each cell of customers; one alone when pooled
    pooling : `pooled`: one set of parameters; `hierarchical`: each group has its own, normal
        around a common mean of the coordinates' logarithms
    unit : days the priors' times are relative to; the customers' median T when absent

    Returns
    -------
    a model whose natural parameters are named as in `model.parameters`: scalars when pooled,
    (n_groups,) when hierarchical
    """
    import pymc as pm
    import pytensor.tensor as pt

    from joren.ltv.likelihood import LogLikelihood

    shape = len(groups) if pooling == "hierarchical" else None
    with pm.Model() as definition:
        # data as shared variables: the compiled code is then the same for every client
        data = [pm.Data(name, column) for name, column in model.compress(groups).items()]
        scale = pm.Data("unit", unit or median_age(groups))
        free = [pt.exp(_logarithm(pm, c, shape)) for c in model.coordinates]
        natural = [
            pm.Deterministic(name, value)
            for name, value in zip(model.parameters, model.natural(*free, scale), strict=True)
        ]
        by_group = pt.stack([pt.atleast_1d(value) for value in natural])
        pm.Potential("log_likelihood", LogLikelihood(model.kernel)(by_group, *data)[0])
    return definition


def _logarithm(pm, coordinate: Coordinate, groups: int | None):
    name, centre, sd = coordinate.name, coordinate.centre, coordinate.sd
    if groups is None:
        return pm.Normal(f"{name}_log", centre, sd)
    common = pm.Normal(f"{name}_common", centre, sd)
    spread = pm.math.exp(pm.Normal(f"{name}_spread_log", _SPREAD_CENTRE, _SPREAD_SD))
    return common + spread * pm.Normal(f"{name}_offset", 0, 1, shape=groups)


def median_age(groups: Sequence[PurchaseStatistics]) -> float:
    """Median T of all groups' customers together, in their unit, at least one."""
    return PurchaseStatistics(*stacked(groups)[1]).median_age()
