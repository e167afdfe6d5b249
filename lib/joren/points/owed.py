"""What is owed in points today, and how much of it is expected to be redeemed, for other pages."""

from __future__ import annotations

from dataclasses import dataclass

import ibis.expr.types as ir
from ibis import _


@dataclass(frozen=True)
class Owed:
    """The newest estimate of the liability.

    amount : owed in points, in currency; 0 while it was not estimated
    redemption : share of outstanding points expected to be redeemed; None likewise
    """

    amount: float
    redemption: float | None


def owed_today(liability: ir.Table) -> Owed:
    """The newest month's total of the table `point_liability`, which may be empty."""
    rows = (
        liability.filter(_.cohort == "total")
        .order_by(_.month.desc())
        .limit(1)
        .select("outstanding_points", "expected_redeemed", "liability_amount")
        .to_pyarrow()
        .to_pylist()
    )
    if not rows or not rows[0]["outstanding_points"]:
        return Owed(0.0, None)
    row = rows[0]
    share = row["expected_redeemed"] / row["outstanding_points"]
    return Owed(float(row["liability_amount"]), min(max(float(share), 0.0), 1.0))
