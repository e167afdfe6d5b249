"""Days until something happens, as counts by day: what `stats.incidence` reads.

One row stands for some customers of one group: after how many days it happened, or how many days
they were watched without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ibis.expr.types as ir
import numpy as np
import pandas as pd
from ibis import _

from joren.stats.arrays import Array
from joren.stats.incidence import CameBy, came_by, share_by_step

YEAR = 365


@dataclass(frozen=True)
class Waits:
    """groups : one row each; came, lost : (groups, days + 1) how many it happened to on that day,
    and how many were last watched then; people watched beyond the last day are lost on it."""

    groups: pd.DataFrame
    came: Array
    lost: Array

    @property
    def n(self) -> Array:
        """(groups,) people in each."""
        return (self.came + self.lost).sum(axis=1)

    @property
    def followed(self) -> Array:
        """(groups,) people whose outcome by the last day is known."""
        return self.came.sum(axis=1) + self.lost[:, -1]

    def share(self) -> CameBy:
        """Share to whom it happens by the last day."""
        return came_by(self.came, np.zeros_like(self.came), self.lost)

    def usual_days(self) -> Array:
        """(groups,) median days of those to whom it happens by the last day; NaN for none."""
        by_day = share_by_step(self.came, np.zeros_like(self.came), self.lost)
        last = by_day[:, -1:]
        day = np.argmax(by_day >= last / 2 - 1e-12, axis=1).astype(float)
        return np.where(last[:, 0] > 0, day, np.nan)

    def days_to_half(self) -> Array:
        """(groups,) day by which half of all have come (Kaplan–Meier median); NaN if not yet."""
        by_day = share_by_step(self.came, np.zeros_like(self.came), self.lost)
        half = by_day >= 0.5 - 1e-12
        return np.where(half.any(axis=1), np.argmax(half, axis=1), np.nan)


def waits(rows: ir.Table, by: Sequence[str], days: int) -> Waits:
    """Count rows by group and day; only the counts leave the engine.

    Parameters
    ----------
    rows : one a customer, with the columns `by`; waited (days until it happened, null if it has
        not), watched (days from the start to as-of)
    by : columns that make a group, without nulls
    days : the horizon
    """
    of = rows.mutate(
        came=(_.waited <= days).fill_null(False),
        at=(_.waited <= days).fill_null(False).ifelse(_.waited, _.watched.clip(upper=days)),
    )
    counted = of.group_by(*by, "came", "at").agg(n=_.count()).order_by(*by, "came", "at")
    frame = counted.to_pandas()
    groups = frame[list(by)].drop_duplicates(ignore_index=True)
    place = frame.groupby(list(by), sort=False).ngroup().to_numpy()
    tables = [np.zeros((len(groups), days + 1)) for _kind in range(2)]
    for table, kind in zip(tables, (True, False), strict=True):
        chosen = (frame.came == kind).to_numpy(bool)
        at = frame["at"].to_numpy(np.int64)[chosen]
        np.add.at(table, (place[chosen], at), frame.n.to_numpy()[chosen])
    return Waits(groups, *tables)
