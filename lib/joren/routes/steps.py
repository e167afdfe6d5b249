"""Touchpoints in order: the coded step table, and what its order rests on.

The total order of a customer's touchpoints is (time, rank of the kind, seq, place among the rows of
that moment): no two runs order ties differently, however the rows came. How many steps share their
moment with another step of the same customer is reported, since their order is by that rule and not
by the clock. Nothing is cut: a customer with a single event has a route of one step.

Touchpoints are small integers from here on (names in ascending order, 1 for the first): medians and
distinct counts by strings cost thirty times as much.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
from ibis import _

_ORDER = ("at", "rank", "seq", "tie", "code")


@dataclass(frozen=True)
class Extent:
    """How much there is, and how far its order can be told.

    Parameters
    ----------
    customers, steps : counts
    touchpoints : different ones
    single : customers with one step only
    tied : steps that share their moment with another one of the same customer
    """

    customers: int
    steps: int
    touchpoints: int
    single: int
    tied: int

    @property
    def tie_share(self) -> float:
        return self.tied / self.steps if self.steps else 0.0


def coded_steps(touchpoints: ir.Table) -> ir.Table:
    """The table `route_steps`: every touchpoint with its place in its customer's route.

    Parameters
    ----------
    touchpoints : customer_id, at, rank, seq, tie, touchpoint and any further columns; from
        `touchpoints.touchpoints`

    Returns
    -------
    customer_id; step (1, 2, …); code (of the touchpoint); tied (whether another step of hers has
    the same moment); the columns of `touchpoints` but rank, seq and tie
    """
    kept = [n for n in touchpoints.columns if n not in ("rank", "seq", "tie", "customer_id")]
    # codes are in the order of names, so a tie is broken by them as by the names, and faster
    coded = touchpoints.join(codes_of(touchpoints), "touchpoint")
    # one window for place and ties: the rows are sorted once
    window = ibis.window(group_by="customer_id", order_by=[coded[name] for name in _ORDER])
    same = (coded["at"] == coded["at"].lag().over(window)).fill_null(False) | (
        coded["at"] == coded["at"].lead().over(window)
    ).fill_null(False)
    return coded.select(
        "customer_id",
        step=(ibis.row_number().over(window) + 1).cast("int64"),
        code=coded["code"],
        tied=same,
        **{name: coded[name] for name in kept},
    )


def codes_of(steps: ir.Table) -> ir.Table:
    """Touchpoint → code: names in ascending order, from 1.

    Returns
    -------
    touchpoint, code
    """
    names = steps.select("touchpoint").distinct()
    return names.mutate(code=(ibis.row_number().over(order_by=names.touchpoint) + 1).cast("int64"))


def names_of(steps: ir.Table) -> dict[int, str]:
    """Code → touchpoint, of a coded step table."""
    rows = steps.select("code", "touchpoint").distinct().order_by("code").to_pyarrow().to_pylist()
    return {row["code"]: row["touchpoint"] for row in rows}


def extent(steps: ir.Table) -> Extent:
    """Count customers, steps, touchpoints, routes of one step and ties.

    Parameters
    ----------
    steps : from `coded_steps`
    """
    by_customer = steps.group_by("customer_id").agg(n=_.count(), tied=_.tied.sum())
    sums = by_customer.agg(
        customers=_.count(),
        steps=_.n.sum().fill_null(0),
        single=(_.n == 1).sum().fill_null(0),
        tied=_.tied.sum().fill_null(0),
    )
    row = sums.to_pyarrow().to_pylist()[0]
    touchpoints = int(steps.code.nunique().to_pyarrow().as_py())
    return Extent(
        int(row["customers"]), int(row["steps"]), touchpoints, int(row["single"]), int(row["tied"])
    )
