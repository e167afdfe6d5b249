"""A few customers and a fit to them that was not sampled: for tests of what follows a fit."""

from __future__ import annotations

from dataclasses import replace

import ibis
import numpy as np
import pyarrow as pa

from joren.contract import MONEY
from joren.engine import connect
from joren.ltv.mbg_nbd import MBG_NBD
from joren.ltv.models import Cell, Fit, purchase_counts, purchase_counts_by_cell, spend_counts
from joren.stats.inference import Posterior

DRAWS = 8


def summary(people: int = 60) -> ibis.Table:
    """A purchase_summary: half came through the web, half through the shop."""
    rows = [
        {
            "customer_id": f"c{i:03d}", "frequency": i % 5, "recency": 20 * (i % 5),
            "T": 200 + 10 * (i % 3), "monetary_value": 100.0 + i if i % 5 else None,
            "past_value": 100 * (i % 5 + 1), "first_channel": "web" if i % 2 else "pos",
        }
        for i in range(people)
    ]  # fmt: skip
    table = connect().create_table("summary", pa.Table.from_pylist(rows))
    return table.mutate(past_value=table.past_value.cast(MONEY))


def posterior(names: tuple[str, ...], *centre: float) -> Posterior:
    """Draws within a few per cent of a centre."""
    rng = np.random.default_rng(5)
    draws = np.array(centre) * np.exp(0.03 * rng.standard_normal((DRAWS, len(centre))))
    return Posterior(
        names, draws, np.full(DRAWS, 1 / DRAWS), "laplace", np.full(len(centre), 900.0)
    )


def fit_to(table: ibis.Table) -> Fit:
    """A fit of MBG/NBD and Gamma-Gamma by decree."""
    orders = posterior(MBG_NBD.parameters, 0.6, 60.0, 0.9, 2.0)
    spend = posterior(("p", "q", "v"), 6.0, 4.0, 80.0)
    return Fit(purchase_counts(table), spend_counts(table), orders, spend, MBG_NBD)


def fit_by_channel(table: ibis.Table) -> Fit:
    """The same, where customers of the shop have an alpha of their own."""
    often = posterior(MBG_NBD.parameters, 0.6, 30.0, 0.9, 2.0)
    rarely = posterior(MBG_NBD.parameters, 0.6, 60.0, 0.9, 2.0)
    cells = purchase_counts_by_cell(table, "first_channel")
    of = {"pos": often, "web": rarely}
    return replace(fit_to(table), cells=tuple(Cell(n, s, of[n]) for n, s in cells.items()))
