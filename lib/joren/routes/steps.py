"""Touchpoints in order: the coded step table, and what its order rests on.

The total order of a customer's touchpoints is (time, rank of the kind, seq, place among the rows of
that moment): no two runs order ties differently, however the rows came. How many steps share their
moment with another step of the same customer is reported, since their order is by that rule and not
by the clock. Nothing is cut: a customer with a single event has a route of one step.

Touchpoints and customers are small integers from here on (names in ascending order, 1 for the
first): medians and distinct counts by strings cost thirty times as much. What is sorted is integers
too, narrow enough for the engine's sort of fixed width; the record's name, which decides between
rows that share all else, is asked only where there are such rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
from ibis import _

_MOMENT = ("at", "rank", "seq")
_SORTED = ("rank", "seq", "tie", "customer_id", "touchpoint")


_BESIDE = ("customer", "before", "seconds", "is_last")


@dataclass(frozen=True)
class Ordered:
    """Steps in order, without names: those are joined back to what is counted of them.

    Parameters
    ----------
    steps : customer (number); step; code; before (code of the step before it, null at the first);
        seconds (since then); is_last; tied; at and the further columns of the touchpoints
    codes : touchpoint, code
    customers : customer_id, customer
    """

    steps: ir.Table
    codes: ir.Table
    customers: ir.Table


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
    found = in_order(touchpoints)
    kept = [n for n in found.steps.columns if n not in (*_BESIDE, "step", "code")]
    named = found.steps.join(found.customers, "customer").join(found.codes, "code")
    return named.select(
        "customer_id",
        *kept,
        "touchpoint",
        step=_.step.cast("int64"),
        code=_.code.cast("int64"),
    )


def in_order(touchpoints: ir.Table) -> Ordered:
    """Every touchpoint with its place in its customer's route, and the step before it.

    Parameters
    ----------
    touchpoints : as in `coded_steps`
    """
    codes = codes_of(touchpoints).cache()
    known = touchpoints.select("customer_id").distinct()
    number = (ibis.row_number().over(order_by=known.customer_id) + 1).cast("int32")
    customers = known.mutate(customer=number).cache()
    steps = _placed(touchpoints, codes, customers)
    ranks = _tie_ranks(touchpoints, steps, customers)
    if ranks is not None:
        steps = _placed(touchpoints, codes, customers, ranks)
    return Ordered(steps, codes, customers)


def _placed(
    touchpoints: ir.Table, codes: ir.Table, customers: ir.Table, ranks: ir.Table | None = None
) -> ir.Table:
    """The rows in order; place, ties and the step before come of one sort.

    Parameters
    ----------
    ranks : from `_tie_ranks`; without, rows that share a moment are in the order of their codes
    """
    kept = [n for n in touchpoints.columns if n not in _SORTED]
    narrow = codes.mutate(code=_.code.cast("int32"))
    coded = touchpoints.join(customers, "customer_id").join(narrow, "touchpoint")
    # rank is below 8: with customer, moment, seq and code the key stays within 32 bytes
    order = [coded["at"], coded["rank"].cast("int8"), coded["seq"]]
    if ranks is not None:
        at = ["customer_id", *_MOMENT, "tie"]
        coded = coded.left_join(ranks, at).drop(*(f"{name}_right" for name in at))
        order = [*(coded[name] for name in _MOMENT), coded["place"].fill_null(0)]
    window = ibis.window(group_by=coded["customer"], order_by=[*order, coded["code"]])
    before, after = (shifted().over(window) for shifted in (coded["at"].lag, coded["at"].lead))
    same = (coded["at"] == before).fill_null(False) | (coded["at"] == after).fill_null(False)
    return coded.select(
        "customer",
        step=(ibis.row_number().over(window) + 1).cast("int32"),
        code=coded["code"],
        before=coded["code"].lag().over(window),
        seconds=coded["at"].epoch_seconds() - before.epoch_seconds(),
        is_last=after.isnull(),
        tied=same,
        **{name: coded[name] for name in kept},
    ).cache()


def _tie_ranks(touchpoints: ir.Table, steps: ir.Table, customers: ir.Table) -> ir.Table | None:
    """The order of records among rows that share their customer, moment, rank and seq.

    Returns
    -------
    customer_id, at, rank, seq, tie, place; None where no two records share all
    """
    moments = steps.filter(_.tied).select("customer", "at").distinct().cache()
    if not moments.count().to_pyarrow().as_py():
        return None
    tied = touchpoints.join(moments.join(customers, "customer"), ["customer_id", "at"])
    key = ["customer_id", *_MOMENT]
    records = tied.select(*key, "tie").distinct()
    window = ibis.window(group_by=key, order_by="tie")
    placed = records.mutate(place=(ibis.row_number().over(window)).cast("int32")).cache()
    decided = placed.filter(_.place > 0).count().to_pyarrow().as_py()
    return placed if decided else None


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
