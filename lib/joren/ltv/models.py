"""Fit the purchase and spend model to a summary, and say how well the fit went."""

from __future__ import annotations

from dataclasses import dataclass

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from ibis import _

from joren.ltv import bg_nbd, gamma_gamma
from joren.ltv.inference import Posterior, sample
from joren.ltv.statistics import (
    Array,
    PurchaseStatistics,
    SpendStatistics,
    purchase_statistics,
    spend_statistics,
)
from joren.params import Ltv

SMALLEST_CUSTOMERS = 500
SMALLEST_DAYS = 180
_FORECAST_DRAWS = 1000


@dataclass(frozen=True)
class Fit:
    """Posteriors of orders (BG/NBD) and of spend (Gamma-Gamma), with what they were fitted to."""

    purchases: PurchaseStatistics
    spends: SpendStatistics
    orders: Posterior
    spend: Posterior

    def order_draws(self) -> Array:
        """(n_draws, 4) equally weighted draws of r, alpha, a, b for forecasts."""
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
    """Fit both models on unique statistics; only those cross from the engine.

    Parameters
    ----------
    summary : purchase_summary
    params : inference, draws and chains
    seed : the same seed gives the same posterior

    Raises
    ------
    JorenError if there is no customer, or none who bought again
    """
    purchases, spends = purchase_counts(summary), spend_counts(summary)
    how = (params.inference, params.draws, params.chains)
    return Fit(
        purchases,
        spends,
        sample(bg_nbd.build_model(purchases), bg_nbd.PARAMETERS, *how, seed),
        sample(gamma_gamma.build_model(spends), gamma_gamma.PARAMETERS, *how, seed + 1),
    )


def purchase_counts(summary: ir.Table) -> PurchaseStatistics:
    """Unique (frequency, recency, T) of purchase_summary with their number of customers."""
    counted = summary.group_by("frequency", "recency", "T").agg(customers=_.count())
    columns = counted.to_pyarrow()
    names = ("frequency", "recency", "T", "customers")
    return purchase_statistics(*(columns[name].to_numpy() for name in names))


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
    """What was fitted, how, and how well: the table `ltv_model`.

    Parameters
    ----------
    fit : both models
    interval : probability of lower and upper

    Returns
    -------
    the columns of contract.py's `ltv_model`, and k_hat, rejected_k_hat, method; `elpd` stays empty
    while there is one model of each kind to choose from
    """
    rows = [
        row
        for model, posterior in (("bg_nbd", fit.orders), ("gamma_gamma", fit.spend))
        for row in _parameter_rows(model, posterior, interval)
    ]
    schema = pa.schema(
        [
            ("model", pa.string()),
            ("parameter", pa.string()),
            *((name, pa.float64()) for name in ("mean", "sd", "lower", "upper")),
            ("ess_bulk", pa.float64()),
            ("r_hat", pa.float64()),
            ("divergences", pa.int64()),
            ("chosen", pa.bool_()),
            ("elpd", pa.float64()),
            ("k_hat", pa.float64()),
            ("rejected_k_hat", pa.float64()),
            ("method", pa.string()),
        ]
    )
    return pa.Table.from_pylist(rows, schema=schema)


def _parameter_rows(model: str, posterior: Posterior, interval: float) -> list[dict]:
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
            "chosen": True,
            "elpd": None,
            "k_hat": posterior.k_hat,
            "rejected_k_hat": posterior.rejected_k_hat,
            "method": posterior.method,
        }
        for i, name in enumerate(posterior.parameters)
    ]
