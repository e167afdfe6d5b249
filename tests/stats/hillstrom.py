"""Hillstrom's e-mail test as sufficient statistics, for the tests of experiments."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from joren.stats.moments import Moments

PATH = Path(__file__).parents[1] / "data" / "experiments" / "hillstrom.parquet"
CONTROL, MEN, WOMEN = ARMS = ("No E-Mail", "Mens E-Mail", "Womens E-Mail")
SIZES = {CONTROL: 21306, MEN: 21307, WOMEN: 21387}


@cache
def customers() -> pd.DataFrame:
    """The 64,000 customers; `cell` says who is new, who bought lately and who spent much."""
    c = pd.read_parquet(PATH).astype({"spend": float, "history": float})
    big = c.history > c.history.median()
    return c.assign(cell=c.newbie * 4 + (c.recency <= 5) * 2 + big)


def moments(x: pd.Series, y: pd.Series | None = None) -> Moments:
    """Moments of an outcome, with those of a covariate where there is one."""
    plus = x[x > 0]
    of_x = len(x), x.sum(), (x**2).sum(), len(plus), plus.sum(), float(np.log(plus).sum())
    return Moments(*of_x) if y is None else Moments(*of_x, y.sum(), (y**2).sum(), (x * y).sum())


def arm(name: str, outcome: str, covariate: str | None = None) -> Moments:
    """The moments of one arm."""
    c = customers()
    c = c[c.segment == name]
    return moments(c[outcome], None if covariate is None else c[covariate])


def cells(outcome: str, by: Sequence[str] = ("cell",), arms=None) -> dict[tuple, Moments]:
    """(segment, arm) → moments, with the arms of the test or others given."""
    c = customers()
    values = c[outcome].to_numpy(float)
    logs = np.log(np.where(values > 0, values, 1.0))
    sums = pd.DataFrame(
        {
            "segment": c.groupby(list(by)).ngroup(),
            "arm": c.segment if arms is None else arms,
            "n": 1,
            "total": values,
            "squares": values**2,
            "positive": values > 0,
            "positive_total": values,
            "log_total": logs,
        }
    )
    grouped = sums.groupby(["segment", "arm"]).sum()
    return {
        row[0]: Moments(int(row[1]), row[2], row[3], int(row[4]), row[5], row[6])
        for row in grouped.itertuples(name=None)
    }


def table(outcome: str, rate: float = 1.0) -> list[list[Moments]]:
    """Moments by segment and arm, amounts times a rate of exchange."""
    found = cells(outcome)
    return [[exchanged(found[s, a], rate) for a in ARMS] for s in range(8)]


def named(outcome: str, rate: float = 1.0) -> dict[tuple[str, str], Moments]:
    """(segment, arm) → moments, with segments by name."""
    return {(str(s), a): exchanged(m, rate) for (s, a), m in cells(outcome).items()}


def exchanged(m: Moments, rate: float) -> Moments:
    """The moments of the same amounts in another currency."""
    logs = m.log_total + m.positive * float(np.log(rate))
    sums = m.total * rate, m.squares * rate**2, m.positive, m.positive_total * rate, logs
    return Moments(m.n, *sums)
