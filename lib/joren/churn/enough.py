"""Whether there is enough to learn from, and if not, when there will be."""

from __future__ import annotations

from dataclasses import dataclass

import ibis.expr.types as ir
from ibis import _

SMALLEST_SUBSCRIPTIONS = 50
SMALLEST_ENDS = 30
_MONTH = 365 / 12


@dataclass(frozen=True)
class Extent:
    """What the subscriptions hold: in all, running, ended, ends that count, days of history."""

    subscriptions: int
    active: int
    settled: int
    days: int

    @property
    def ended(self) -> int:
        return self.subscriptions - self.active

    def is_thin(self) -> bool:
        """Whether a forecast would rest on the priors rather than on the data."""
        return self.subscriptions < SMALLEST_SUBSCRIPTIONS or self.settled < SMALLEST_ENDS

    def months_missing(self) -> float | None:
        """Months until there is enough, at the pace so far; None where nothing has come yet."""
        needed = ((self.subscriptions, SMALLEST_SUBSCRIPTIONS), (self.settled, SMALLEST_ENDS))
        if not all(have for have, _needed in needed):
            return None
        return max(
            (max(least - have, 0) / have * max(self.days, 1) / _MONTH for have, least in needed)
        )


def extent(tenure: ir.Table, as_of) -> Extent:
    """Count the subscriptions.

    Parameters
    ----------
    tenure : from `tenure.subscription_tenure`
    as_of : last day, inclusive
    """
    row = (
        tenure.agg(
            n=_.count(), active=_.active.sum(), settled=_.settled.sum(), first=_.started_on.min()
        )
        .to_pyarrow()
        .to_pylist()[0]
    )
    days = (as_of - row["first"]).days if row["first"] else 0
    return Extent(row["n"], row["active"] or 0, row["settled"] or 0, days)
