"""What a Markov chain needs of journeys: how often each touchpoint followed the last few.

Counted once in the engine for the highest order; lower orders are sums of it. A memory of k
touchpoints is one integer, base (touchpoints + 1), the latest as its last digit; 0 stands before
the first touchpoint. Journeys come exploded (a row per step) or as weighted paths, with equal
counts: they are integers, and values are decimals until they leave the engine.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
from ibis import _

from joren.errors import JorenError
from joren.stats.arrays import Array

_LARGEST_STATE = 2**62
JOURNEY = ("customer_id", "journey")


@dataclass(frozen=True)
class Counts:
    """Transition and end counts of a chain of some order.

    Parameters
    ----------
    order : how many touchpoints the chain remembers
    touchpoints : how many there are, C; codes are 1…C
    grams : (m,) memories of order + 1 touchpoints: the memory before a step, and the step
    weight : (m,) how often
    ends : (e,) memories of `order` touchpoints in which journeys ended
    converted, null, open : (e,) how many did in which way
    value : (e,) what those that converted were worth together
    """

    order: int
    touchpoints: int
    grams: Array
    weight: Array
    ends: Array
    converted: Array
    null: Array
    open: Array
    value: Array

    @property
    def base(self) -> int:
        return self.touchpoints + 1

    def at_order(self, order: int) -> Counts:
        """The counts of a chain that remembers less."""
        grams, weight = _summed(self.grams % self.base ** (order + 1), self.weight)
        ends, *sums = _summed(
            self.ends % self.base**order, self.converted, self.null, self.open, self.value
        )
        return Counts(order, self.touchpoints, grams, weight, ends, *sums)


def compact(touches: ir.Table) -> tuple[ir.Table, dict[int, int]]:
    """Codes 1…C for the touchpoints that journeys hold, in the order of their codes.

    Returns
    -------
    the rows with the new codes, and new code → code
    """
    found = touches.select("code").distinct().order_by("code").to_pyarrow()["code"].to_pylist()
    pairs = list(enumerate(found, start=1))
    given = ibis.memtable(pairs, schema={"new": "int64", "code": "int64"})
    return touches.join(given, "code").drop("code").rename(code="new"), dict(pairs)


def memories(touches: ir.Table, touchpoints: int, order: int) -> ir.Table:
    """Every step of a journey with what the chain remembers at it.

    Parameters
    ----------
    touches : customer_id, journey, place, code, converted, null, open, value
    touchpoints : the largest code
    order : touchpoints the chain remembers

    Returns
    -------
    customer_id; gram (memory before the step, and the step); is_last; n (journeys the row stands
    for); converted, null, open, value

    Raises
    ------
    JorenError if the memories do not fit into an integer
    """
    base = touchpoints + 1
    if base ** (order + 1) > _LARGEST_STATE:
        raise JorenError(
            f"{touchpoints} touchpoints are too many for an order of {order}",
            "routes.max_order",
            "lower it",
        )
    window = ibis.window(group_by=list(JOURNEY), order_by="place")
    gram = touches.code.cast("int64")
    for back in range(1, order + 1):
        gram = gram + touches.code.lag(back).over(window).fill_null(0).cast("int64") * base**back
    return touches.select(
        "customer_id", "converted", "null", "open", "value",
        gram=gram,
        is_last=touches.place.lead().over(window).isnull(),
        n=touches.converted + touches.null + touches.open,
    )  # fmt: skip


def count(memories: ir.Table, touchpoints: int, order: int) -> Counts:
    """Counts of the chain of that order.

    Parameters
    ----------
    memories : from `memories`, of the same order
    """
    base = touchpoints + 1
    grams = memories.group_by("gram").agg(n=_.n.sum()).order_by("gram").to_pyarrow()
    last = memories.filter(_.is_last).mutate(end=_.gram % base**order)
    ends = last.group_by("end").agg(
        converted=_.converted.sum(), null=_.null.sum(), open=_.open.sum(),
        value=_.value.sum(where=_.converted > 0).fill_null(0).cast("float64"),
    )  # fmt: skip
    found = ends.order_by("end").to_pyarrow()
    return Counts(
        order,
        touchpoints,
        grams["gram"].to_numpy(),
        grams["n"].cast("float64").to_numpy(),
        found["end"].to_numpy(),
        *(
            found[name].cast("float64").to_numpy()
            for name in ("converted", "null", "open", "value")
        ),
    )


def touches_of_paths(paths: ir.Table) -> ir.Table:
    """Weighted paths as rows of steps.

    Parameters
    ----------
    paths : path (array of codes), converted, null, open (counts), value

    Returns
    -------
    customer_id, journey (both stand for the path), place, code, converted, null, open, value
    """
    summed = paths.group_by("path").agg(
        converted=_.converted.sum(), null=_.null.sum(), open=_.open.sum(), value=_.value.sum()
    )
    numbered = summed.mutate(
        customer_id=ibis.row_number().over(order_by=summed.path),
        journey=ibis.literal(1, "int64"),
    )
    return numbered.unnest("path", offset="at").select(
        "customer_id", "journey", "converted", "null", "open", "value", place=_.at + 1, code=_.path
    )


def _summed(keys: Array, *values: Array) -> tuple[Array, ...]:
    found, at = np.unique(keys, return_inverse=True)
    return found, *(np.bincount(at, weights=v, minlength=len(found)) for v in values)
