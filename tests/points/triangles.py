"""Point flows from a few short rows, and the flows of customers who were simulated."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from ibis.backends.duckdb import Backend

from joren.engine import keep
from joren.points.triangle import Triangle

FLOWS = pa.schema([
    ("grant_month", pa.date32()), ("validity", pa.string()), ("month", pa.date32()),
    ("kind", pa.string()), ("points", pa.int64()),
])  # fmt: skip


def month(number: int) -> date:
    """The first day of a month, counted from January 2025 as 0."""
    return date(2025 + number // 12, number % 12 + 1, 1)


def flows(con: Backend, rows: Iterable[tuple[int, str, int, str, int]]) -> ir.Table:
    """Rows of grant month, validity, month (both from 0), kind and points."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    columns[0], columns[2] = ([month(m) for m in columns[i]] for i in (0, 2))
    return keep(con, "made_flows", pa.table(columns, schema=FLOWS))


def triangle_of(used: list[list[int]], granted: list[int], validity: str = "<=12m") -> Triangle:
    """A triangle of given uses by cohort and age; nothing else leaves it."""
    n = len(granted)
    full = np.zeros((n, n), np.int64)
    for row, values in enumerate(used):
        full[row, : len(values)] = values
    cohorts = np.datetime64("2025-01", "M") + np.arange(n).astype("timedelta64[M]")
    return Triangle(validity, cohorts, np.array(granted), full, np.zeros_like(full))


def simulated(rng: np.random.Generator, months: int = 24, ahead: int = 14) -> Triangle:
    """Customers earn a lot in some months and at times use all they hold; a lot lives 12 months.

    Three in ten never use any. What the month does to all customers differs from month to month.
    """
    total, customers, longest = months + ahead, 400, 12
    rate = rng.beta(0.6, 6, customers) * (rng.random(customers) > 0.3)
    pace = np.exp(0.25 * rng.standard_normal(total))
    begins = rng.integers(0, months, customers)
    lots = np.zeros((customers, total), np.int64)
    used, gone = np.zeros((2, total, total), np.int64)
    for now in range(total):
        if now < months:
            earns = np.flatnonzero((rng.random(customers) < 0.35) & (begins <= now))
            lots[earns, now] = rng.lognormal(3.5, 0.8, len(earns)).astype(int) + 1
        uses = rng.random(customers) < np.minimum(rate * pace[now], 0.95)
        cohorts = np.arange(max(0, now - longest), now + 1)
        if now == 0:
            granted = np.zeros(total, np.int64)
        granted[now] = lots[:, now].sum()
        used[cohorts, now - cohorts] = lots[np.ix_(uses, cohorts)].sum(axis=0)
        lots[np.ix_(uses, cohorts)] = 0
        if now >= longest:
            gone[now - longest, longest] = lots[:, now - longest].sum()
            lots[:, now - longest] = 0
    cohorts = np.datetime64("2024-01", "M") + np.arange(total).astype("timedelta64[M]")
    return Triangle("<=12m", cohorts, granted, used, gone)
