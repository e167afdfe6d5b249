"""From steps to edges: how often one touchpoint follows another, for how many, after how long.

Every customer's route begins at START and ends at END. So every step is the end of exactly one
edge, and the transitions into touchpoints add up to the number of steps; the transitions into END
to the number of customers. `check_sums` holds the counts to that.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

from joren.errors import JorenError
from joren.routes.touchpoints import END, START

EVERYBODY = "all"
_SECONDS_AN_HOUR = 3600.0
START_CODE = 0


def transitions(steps: ir.Table, end_code: int) -> ir.Table:
    """One row per pair of steps that follow each other, with the route's two ends.

    Parameters
    ----------
    steps : customer_id, step, code, at; from `steps.coded_steps`. Or `steps.Ordered.steps`, where
        the step before is known and nothing is sorted again
    end_code : code that stands for END, above all others

    Returns
    -------
    customer_id (or customer); source, target (codes); seconds (between them, null at the two ends);
    at (of the target; of the source at END)
    """
    customer = "customer_id" if "customer_id" in steps.columns else "customer"
    pairs = steps if "before" in steps.columns else _with_before(steps)
    into = pairs.select(
        customer,
        source=pairs.before.fill_null(START_CODE).cast("int64"),
        target=pairs.code.cast("int64"),
        seconds=pairs.seconds,
        at=pairs["at"],
    )
    last = pairs.filter(_.is_last).select(
        customer,
        source=_.code.cast("int64"),
        target=ibis.literal(end_code, "int64"),
        seconds=ibis.null("int64"),
        at=_["at"],
    )
    return ibis.union(into, last)


def _with_before(steps: ir.Table) -> ir.Table:
    window = ibis.window(group_by="customer_id", order_by="step")
    moment = steps["at"].epoch_seconds()
    return steps.select(
        "customer_id", "code", "at",
        before=steps.code.lag().over(window),
        seconds=moment - moment.lag().over(window),
        is_last=steps.step.lead().over(window).isnull(),
    )  # fmt: skip


def edge_counts(transitions: ir.Table) -> ir.Table:
    """Counts and exact median dwell of every edge.

    Parameters
    ----------
    transitions : from `transitions`, with or without a column group_name

    Returns
    -------
    group_name (`all` where there is none); source, target (codes); customers; transitions;
    probability (that the target follows the source); median_hours, null at the two ends
    """
    grouped = "group_name" in transitions.columns
    edge = ["group_name", "source", "target"] if grouped else ["source", "target"]
    customer = "customer" if "customer" in transitions.columns else "customer_id"
    # each customer once for each edge: a count of counts, far cheaper than distinct counts
    by_customer = transitions.group_by([*edge, customer]).agg(n=_.count())
    sums = by_customer.group_by(edge).agg(customers=_.count(), transitions=_.n.sum())
    dwell = transitions.group_by(edge).agg(median_hours=_.seconds.quantile(0.5) / _SECONDS_AN_HOUR)
    counts = sums.join(dwell, edge)
    if not grouped:
        counts = counts.mutate(group_name=ibis.literal(EVERYBODY))
    leaving = _.transitions.sum().over(group_by=["group_name", "source"])
    return counts.select(
        "group_name", "source", "target",
        customers=_.customers.cast("int64"),
        transitions=_.transitions.cast("int64"),
        probability=_.transitions / leaving,
        median_hours=_.median_hours,
    )  # fmt: skip


def in_groups(transitions: ir.Table, groups: ir.Table | None, periods: bool = True) -> ir.Table:
    """Every transition once for everybody, and once for each group it belongs to.

    Parameters
    ----------
    groups : customer_id, group_name (`dimension:level`); a customer may be in several
    periods : whether half-years are groups too, by the day of the transition
    """
    parts = [transitions.mutate(group_name=ibis.literal(EVERYBODY))]
    if periods:
        parts.append(transitions.mutate(group_name=half_year(transitions.at)))
    if groups is not None:
        parts.append(transitions.join(groups.select("customer_id", "group_name"), "customer_id"))
    columns = parts[0].columns
    return ibis.union(*(part.select(*columns) for part in parts)) if len(parts) > 1 else parts[0]


def half_year(at: ir.Value) -> ir.StringValue:
    """`period:2026-H1` of a moment."""
    half = (at.month() <= 6).ifelse("-H1", "-H2")
    return ibis.literal("period:") + at.year().cast("string") + half


def check_sums(counts: ir.Table, steps: int, customers: int, end_code: int) -> None:
    """Hold everybody's edge counts to the number of steps and customers.

    Raises
    ------
    JorenError if a step or a customer is missing or counted twice
    """
    sums = counts.filter(_.group_name == EVERYBODY).agg(
        steps=_.transitions.sum(where=_.target != end_code).fill_null(0),
        ends=_.transitions.sum(where=_.target == end_code).fill_null(0),
    )
    found = sums.to_pyarrow().to_pylist()[0]
    if (found["steps"], found["ends"]) != (steps, customers):
        raise JorenError(
            f"edges hold {found['steps']} steps of {found['ends']} customers, "
            f"the routes {steps} of {customers}",
            "route_counts",
            "report this: no step may be lost",
        )


def named(counts: ir.Table, codes: ir.Table, end_code: int) -> ir.Table:
    """The table `route_counts`: edges by the names of their touchpoints.

    Parameters
    ----------
    counts : from `edge_counts`
    codes : touchpoint, code; from `steps.codes_of`
    """
    ends = [(START, START_CODE), (END, end_code)]
    names = ibis.union(
        codes.select("touchpoint", "code"),
        ibis.memtable(ends, schema={"touchpoint": "string", "code": "int64"}),
    )
    source = names.select(source_touchpoint="touchpoint", source="code")
    target = names.select(target_touchpoint="touchpoint", target="code")
    return (
        counts.join(source, "source")
        .join(target, "target")
        .select(
            "source_touchpoint", "target_touchpoint", "group_name", "customers", "transitions",
            "probability", "median_hours",
        )
    )  # fmt: skip


def end_code_of(steps: ir.Table) -> int:
    """The code of END: one above the last touchpoint's."""
    return int(steps.code.max().to_pyarrow().as_py() or 0) + 1
