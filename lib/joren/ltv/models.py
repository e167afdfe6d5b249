"""Fit the purchase and spend model to a summary, and say how well the fit went."""

from __future__ import annotations

from dataclasses import dataclass, replace

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _

from joren.errors import JorenError
from joren.ltv import gamma_gamma
from joren.ltv.choice import Tried, tried_models
from joren.ltv.loo import LeaveOneOut, leave_one_out
from joren.ltv.order_model import OrderModel
from joren.ltv.pooling import Sampling, posteriors
from joren.ltv.segments import with_dimensions
from joren.ltv.statistics import (
    PurchaseStatistics,
    SpendStatistics,
    purchase_statistics,
    spend_statistics,
)
from joren.params import Ltv
from joren.purchases import LOG_GAP_UNITS
from joren.stats.arrays import Array
from joren.stats.inference import sample
from joren.stats.posterior import Posterior

SMALLEST_CUSTOMERS = 500
SMALLEST_DAYS = 180
_FORECAST_DRAWS = 1000


@dataclass(frozen=True)
class Cell:
    """Customers of one category, with the posterior of their own parameters."""

    name: str
    purchases: PurchaseStatistics
    orders: Posterior

    def order_draws(self) -> Array:
        """(n_draws, n_parameters) equally weighted draws, for forecasts."""
        return self.orders.equally_weighted(_FORECAST_DRAWS)


@dataclass(frozen=True)
class Fit:
    """Posteriors of orders (by `model`) and spend (Gamma-Gamma), and what they were fitted to.

    tried : every order model that was fitted to all customers, the chosen one first
    cells : the chosen model's parameters in each cell of customers; empty when all share theirs
    cells_loo : leave-one-out density with parameters by cell, and without, where cells were tried
    """

    purchases: PurchaseStatistics
    spends: SpendStatistics
    orders: Posterior
    spend: Posterior
    model: OrderModel
    tried: tuple[Tried, ...] = ()
    cells: tuple[Cell, ...] = ()
    cells_loo: tuple[LeaveOneOut, LeaveOneOut] | None = None

    def order_draws(self) -> Array:
        """(n_draws, n_parameters) equally weighted draws of the order model, for forecasts."""
        return self.orders.equally_weighted(_FORECAST_DRAWS)

    def spend_draws(self) -> Array:
        """(n_draws, 3) equally weighted draws of p, q, v for forecasts."""
        return self.spend.equally_weighted(_FORECAST_DRAWS)

    def frequencies(self) -> Array:
        """Every frequency a customer has, ascending."""
        return np.unique(self.purchases.frequency)


@dataclass(frozen=True)
class Extent:
    """How much there is to learn from: customers, those who bought again, and days of history."""

    customers: int
    repeaters: int
    days: int

    @property
    def missing_customers(self) -> int:
        return max(SMALLEST_CUSTOMERS - self.customers, 0)

    @property
    def missing_days(self) -> int:
        return max(SMALLEST_DAYS - self.days, 0)

    def is_thin(self) -> bool:
        """Whether a forecast would rest on the priors rather than on the data."""
        return self.missing_customers > 0 or self.missing_days > 0 or self.repeaters == 0


def extent(summary: ir.Table) -> Extent:
    """How much a purchase_summary holds."""
    row = (
        summary.agg(
            customers=_.count(),
            repeaters=((_.frequency > 0) & (_.monetary_value > 0)).sum(),
            days=_["T"].max(),
        )
        .to_pyarrow()
        .to_pylist()[0]
    )
    return Extent(*(int(row[name] or 0) for name in ("customers", "repeaters", "days")))


def fit(summary: ir.Table, params: Ltv, seed: int) -> Fit:
    """Fit order models and the spend model, the chosen order model by cell where that is wanted.

    Parameters
    ----------
    summary : purchase_summary; with the column `params.by`, where that is wanted
    params : model, by, pooling, inference, draws and chains
    seed : the same seed gives the same posterior

    Raises
    ------
    JorenError if there is no customer, or none who bought again
    """
    return with_cells(fit_together(summary, params, seed), summary, params, seed)


def fit_together(summary: ir.Table, params: Ltv, seed: int) -> Fit:
    """Fit order models and the spend model to all customers as one.

    Only unique statistics cross from the engine. Parameters and errors as of `fit`.
    """
    purchases, spends = purchase_counts(summary), spend_counts(summary)
    tried = tried_models([purchases], params.model, _sampling(params, seed))
    spend = sample(
        gamma_gamma.build_model(spends),
        gamma_gamma.PARAMETERS,
        params.inference,
        params.draws,
        params.chains,
        seed + 1,
    )
    return Fit(purchases, spends, tried[0].orders[0], spend, tried[0].model, tried)


def with_cells(together: Fit, summary: ir.Table, params: Ltv, seed: int) -> Fit:
    """The fit with parameters by cell of `params.by`, if they describe one left out better.

    Parameters
    ----------
    together : of all customers as one, with the order model to use
    summary, params, seed : as of `fit`
    """
    groups = purchase_counts_by_cell(summary, params.by) if params.by else {}
    if len(groups) < 2:
        return together
    cells = posteriors(together.model, list(groups.values()), _sampling(params, seed))
    found = tuple(Cell(*of) for of in zip(groups, groups.values(), cells, strict=True))

    def density(draws: list[Array]) -> LeaveOneOut:
        return leave_one_out(together.model, list(groups.values()), draws, seed)

    apart = density([cell.order_draws() for cell in found])
    pooled = density([together.order_draws()] * len(found))
    better = found if apart.elpd > pooled.elpd else ()
    return replace(together, cells=better, cells_loo=(apart, pooled))


def _sampling(params: Ltv, seed: int) -> Sampling:
    return Sampling(params.inference, params.draws, params.chains, seed, params.pooling)


def purchase_counts(summary: ir.Table) -> PurchaseStatistics:
    """Unique (frequency, recency, T) of purchase_summary with their number of customers."""
    return _statistics(_counted(summary, []).to_pyarrow())


def purchase_counts_by_cell(summary: ir.Table, by: str) -> dict[str, PurchaseStatistics]:
    """Unique statistics of each level of a category, small levels together.

    Parameters
    ----------
    summary : purchase_summary with categories
    by : one of `segments.CATEGORIES`

    Raises
    ------
    JorenError if the summary has no such column
    """
    if by not in summary.columns:
        raise JorenError(
            f"the customers have no {by}", "ltv.by", "give the data it comes from, or set it null"
        )
    level = f"dim_{by}"
    counted = _counted(with_dimensions(summary), [level]).to_pyarrow()
    names = sorted(pc.unique(counted[level]).to_pylist())
    return {name: _statistics(counted.filter(pc.equal(counted[level], name))) for name in names}


def _counted(summary: ir.Table, keys: list[str]) -> ir.Table:
    sums = {"customers": _.count()}
    if "log_gaps" in summary.columns:
        sums["log_gaps"] = _.log_gaps.sum().cast("float64") / LOG_GAP_UNITS
    return summary.group_by(*keys, "frequency", "recency", "T").agg(**sums)


def _statistics(counted: pa.Table) -> PurchaseStatistics:
    names = ("frequency", "recency", "T", "customers", "log_gaps")
    return purchase_statistics(
        *(counted[name].to_numpy() for name in names if name in counted.column_names)
    )


def spend_counts(summary: ir.Table) -> SpendStatistics:
    """Unique (frequency, mean spend) of purchase_summary's repeat buyers with their number."""
    counted = (
        summary.filter((_.frequency > 0) & (_.monetary_value > 0))
        .group_by("frequency", "monetary_value")
        .agg(customers=_.count())
    )
    columns = counted.to_pyarrow()
    names = ("frequency", "monetary_value", "customers")
    return spend_statistics(*(columns[name].to_numpy() for name in names))


def model_table(fit: Fit, interval: float) -> pa.Table:
    """What was tried, how, and how well: the table `ltv_model`.

    Parameters
    ----------
    fit : all models
    interval : probability of lower and upper

    Returns
    -------
    the columns of contract.py's `ltv_model`; elpd_se; elpd_lead of the chosen model over this one
    and elpd_lead_se; k_hat, rejected_k_hat, method. Cells are parameters named `r[web]`.
    """
    rows = []
    for tried in fit.tried:
        chosen = tried.model.name == fit.model.name and not fit.cells
        density = _density(tried.loo, fit.tried[0].loo)
        rows += _parameter_rows(tried.model.name, tried.orders[0], interval, chosen, density)
    for cell in fit.cells:
        orders = cell.orders
        names = [f"{name}[{cell.name}]" for name in orders.parameters]
        density = _density(fit.cells_loo[0], fit.cells_loo[0])
        rows += _parameter_rows(
            fit.model.name, replace(orders, parameters=tuple(names)), interval, True, density
        )
    rows += _parameter_rows("gamma_gamma", fit.spend, interval, True, {})
    schema = pa.schema(
        [
            ("model", pa.string()),
            ("parameter", pa.string()),
            *((name, pa.float64()) for name in ("mean", "sd", "lower", "upper")),
            ("ess_bulk", pa.float64()),
            ("r_hat", pa.float64()),
            ("divergences", pa.int64()),
            ("chosen", pa.bool_()),
            *((name, pa.float64()) for name in ("elpd", "elpd_se", "elpd_lead", "elpd_lead_se")),
            ("k_hat", pa.float64()),
            ("rejected_k_hat", pa.float64()),
            ("method", pa.string()),
        ]
    )
    return pa.Table.from_pylist(rows, schema=schema)


def _density(loo: LeaveOneOut, best: LeaveOneOut) -> dict[str, float]:
    lead, lead_se = best.lead_over(loo)
    return {"elpd": loo.elpd, "elpd_se": loo.se, "elpd_lead": lead, "elpd_lead_se": lead_se}


def _parameter_rows(
    model: str, posterior: Posterior, interval: float, chosen: bool, density: dict[str, float]
) -> list[dict]:
    mean, sd = posterior.mean(), posterior.sd()
    lower = posterior.quantile((1 - interval) / 2)
    upper = posterior.quantile((1 + interval) / 2)
    return [
        {
            "model": model,
            "parameter": name,
            "mean": float(mean[i]),
            "sd": float(sd[i]),
            "lower": float(lower[i]),
            "upper": float(upper[i]),
            "ess_bulk": float(posterior.ess_bulk[i]),
            "r_hat": None if posterior.r_hat is None else float(posterior.r_hat[i]),
            "divergences": posterior.divergences,
            "chosen": chosen,
            "k_hat": posterior.k_hat,
            "rejected_k_hat": posterior.rejected_k_hat,
            "method": posterior.method,
        }
        | density
        for i, name in enumerate(posterior.parameters)
    ]
