"""Who meets an entry of the playbook: facts against values, lists of them, bounds and quantiles."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import and_
from typing import Any

import ibis
import ibis.expr.types as ir

from joren.errors import JorenError

BOUNDS = ("at_least", "below", "at_least_quantile")


def holds(facts: ir.Table, when: Mapping[str, Any], named: Mapping[str, float]) -> ir.BooleanValue:
    """Whether all conditions hold; a fact that is not known meets none.

    Parameters
    ----------
    facts : from `facts.facts`
    when : fact → value, list of values, or bounds {at_least, below, at_least_quantile}
    named : parameter → value, for bounds that name one

    Raises
    ------
    JorenError for an unknown fact or bound
    """
    met = [_holds(facts, name, condition, named) for name, condition in when.items()]
    return reduce(and_, met, ibis.literal(True)).fill_null(False)


def _holds(
    facts: ir.Table, name: str, condition: Any, named: Mapping[str, float]
) -> ir.BooleanValue:
    if name not in facts.columns:
        raise JorenError(f"there is no fact {name}", "playbook", f"of {', '.join(facts.columns)}")
    fact = facts[name]
    if isinstance(condition, list):
        return fact.isin(condition)
    if not isinstance(condition, Mapping):
        return fact == condition
    parts = []
    for bound, given in condition.items():
        value = named.get(given, given) if isinstance(given, str) else given
        if bound not in BOUNDS or isinstance(value, str):
            raise JorenError(f"{bound}: {given} is no bound", f"playbook, {name}", "correct it")
        if bound == "at_least_quantile":
            known = facts.filter(fact.notnull())
            value = known[name].cast("float64").quantile(value).to_pyarrow().as_py()
            if value is None:
                return ibis.literal(False)
        parts.append(fact < value if bound == "below" else fact >= value)
    return reduce(and_, parts)
