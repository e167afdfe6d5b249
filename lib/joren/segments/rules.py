"""A client's own segments: a tree of all, any and not over what is known of each customer.

A leaf names a measure and what must hold of it: `{total: {at_least: 50000}}`. Branches are
`{all: […]}`, `{any: […]}` and `{not: …}`. What is unknown of a customer fulfils no condition, and
its negation neither, as in SQL.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import ibis
import ibis.expr.types as ir

from joren.errors import ParameterError

_CONDITIONS: dict[str, Callable[[ir.Value, Any], ir.BooleanValue]] = {
    "at_least": lambda value, bound: value >= bound,
    "above": lambda value, bound: value > bound,
    "at_most": lambda value, bound: value <= bound,
    "below": lambda value, bound: value < bound,
    "is": lambda value, wanted: value == wanted,
    "is_not": lambda value, wanted: value != wanted,
    "in": lambda value, wanted: value.isin(wanted),
    "not_in": lambda value, wanted: value.notin(wanted),
    "has": lambda values, wanted: values.contains(wanted),
}
_BRANCHES = ("all", "any", "not")


def condition(rule: Mapping[str, Any], profile: ir.Table, where: str) -> ir.BooleanValue:
    """The rule as an expression over the profile.

    Parameters
    ----------
    rule : a tree, see the module
    profile : one row per customer
    where : path of the rule in the parameters, for messages

    Raises
    ------
    ParameterError naming the place, what is not understood, and the nearest name there is
    """
    if not isinstance(rule, Mapping) or len(rule) != 1:
        raise ParameterError(
            "a rule has exactly one key", where, "use all, any, not, or the name of a measure"
        )
    ((key, content),) = rule.items()
    if key == "not":
        return ~condition(content, profile, f"{where}.not")
    if key in _BRANCHES:
        if not isinstance(content, list) or not content:
            raise ParameterError(f"`{key}` needs a list of rules", where, "list at least one rule")
        parts = [condition(part, profile, f"{where}.{key}[{i}]") for i, part in enumerate(content)]
        return reduce(lambda a, b: a & b if key == "all" else a | b, parts)
    return _leaf(key, content, profile, where)


def members_of(rule: Mapping[str, Any], profile: ir.Table, where: str) -> ir.Table:
    """The customers whom the rule holds of: customer_id."""
    return profile.filter(condition(rule, profile, where).fill_null(False)).select("customer_id")


def overlaps(rules: Mapping[str, Mapping[str, Any]], profile: ir.Table) -> ir.Table:
    """How many customers two segments share: left, right, customers (a segment with itself: all).

    Parameters
    ----------
    rules : segment → rule
    """
    sets = [
        members_of(rule, profile, f"segments.custom.{name}").mutate(segment=ibis.literal(name))
        for name, rule in rules.items()
    ]
    members = ibis.union(*sets) if len(sets) > 1 else sets[0]
    pairs = members.select("customer_id", left="segment").join(
        members.select("customer_id", right="segment"), "customer_id"
    )
    return pairs.group_by("left", "right").agg(customers=pairs.count())


def _leaf(measure: str, content: Any, profile: ir.Table, where: str) -> ir.BooleanValue:
    measures = [name for name in profile.columns if name != "customer_id"]
    if measure not in measures:
        raise ParameterError(
            f"no measure is called {measure!r}", where, _nearest(measure, measures)
        )
    if not isinstance(content, Mapping) or not content:
        raise ParameterError(
            f"`{measure}` says no condition", where, f"give one of {', '.join(_CONDITIONS)}"
        )
    value, parts = profile[measure], []
    for name, wanted in content.items():
        if name not in _CONDITIONS:
            raise ParameterError(
                f"`{measure}` has the unknown condition {name!r}", where,
                _nearest(name, list(_CONDITIONS)),
            )  # fmt: skip
        try:
            parts.append(_CONDITIONS[name](value, wanted))
        except (TypeError, AttributeError, ibis.common.exceptions.IbisError):
            raise ParameterError(
                f"`{name}: {wanted}` does not fit the measure {measure!r}", where,
                f"it holds values of type {value.type()}",
            ) from None  # fmt: skip
    return reduce(lambda a, b: a & b, parts)


def _nearest(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(str(name), known, n=1)
    return f"did you mean `{near[0]}`" if near else f"use one of {', '.join(sorted(known))}"
