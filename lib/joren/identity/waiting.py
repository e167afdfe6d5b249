"""Pairs that wait for review, and what is known of their customers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from joren.identity.verdicts import DIFFERENT, PAIR, RULES


@dataclass(frozen=True)
class Queue:
    """left, right: customers' positions in `customers`; probability: of being one person.

    apart: position → positions a reviewer keeps from it.
    """

    customers: list[str]
    left: np.ndarray
    right: np.ndarray
    probability: np.ndarray
    apart: Mapping[int, frozenset[int]]

    def __len__(self) -> int:
        return len(self.left)


def waiting_edges(identity_edges: ir.Table, identity_map: ir.Table) -> ir.Table:
    """Edges in review between records of different customers, with those customers.

    Parameters
    ----------
    identity_edges, identity_map : the output tables

    Returns
    -------
    the columns of identity_edges, left_customer, right_customer
    """
    waiting = identity_edges.filter(identity_edges.decision == "review")
    both = _with_customers(waiting, identity_map)
    return both.filter(both.left_customer != both.right_customer)


def open_pairs(identity_edges: ir.Table, identity_map: ir.Table) -> ir.Table:
    """Pairs of customers that may be one, each at its most probable pair of records.

    What the guard refused is not among them: those contradict each other.

    Returns
    -------
    left, right (customer IDs, left < right), probability
    """
    waiting = waiting_edges(identity_edges, identity_map)
    waiting = waiting.filter(~waiting.evidence.contains('"refused"'))
    one, other = waiting.left_customer, waiting.right_customer
    ends = waiting.select(
        "match_probability", left=ibis.least(one, other), right=ibis.greatest(one, other)
    )
    return ends.group_by("left", "right").agg(probability=ends.match_probability.max())


def queue_of(identity_edges: ir.Table, identity_map: ir.Table) -> Queue:
    """The pairs of `open_pairs` as arrays, in an order that does not depend on the rows'."""
    pairs = open_pairs(identity_edges, identity_map).order_by(["left", "right"]).execute()
    customers = sorted({*pairs.left, *pairs.right})
    place = {customer: position for position, customer in enumerate(customers)}
    vetoed = identity_edges.filter(identity_edges.rule == RULES[DIFFERENT])
    kept = _with_customers(vetoed, identity_map).select("left_customer", "right_customer").execute()
    apart: dict[int, set[int]] = {}
    for one, other in zip(kept.left_customer, kept.right_customer, strict=True):
        if one in place and other in place:
            apart.setdefault(place[one], set()).add(place[other])
            apart.setdefault(place[other], set()).add(place[one])
    return Queue(
        customers,
        pairs.left.map(place).to_numpy(int),
        pairs.right.map(place).to_numpy(int),
        pairs.probability.to_numpy(float),
        {customer: frozenset(others) for customer, others in apart.items()},
    )


def customers_of(queue: Queue, table: ir.Table) -> pd.DataFrame:
    """The rows of a table that are about customers of the queue, by customer_id."""
    named = ibis.memtable({"customer_id": queue.customers or [""]})
    return table.semi_join(named, "customer_id").execute().set_index("customer_id")


def traits_of(queue: Queue, golden: ir.Table) -> dict[str, tuple]:
    """customer → (birth date, gender), None where unknown, from restricted/customers."""
    frame = customers_of(queue, golden.select("customer_id", "birth_date", "gender"))
    return {
        customer: tuple(None if pd.isna(value) else value for value in row)
        for customer, *row in frame.itertuples()
    }


def facts_of(queue: Queue, purchases: ir.Table) -> pd.DataFrame:
    """What the queue's customers bought: value, first_day and last_day as day numbers."""
    epoch = ibis.date(1970, 1, 1)
    numbered = purchases.select(
        "customer_id", "value",
        first_day=purchases.first_day.delta(epoch, unit="day"),
        last_day=purchases.last_day.delta(epoch, unit="day"),
    )  # fmt: skip
    return customers_of(queue, numbered)


def totals_of(identity_map: ir.Table, purchases: ir.Table) -> dict[str, float]:
    """customers, buyers, repeaters and value (currency) of everybody, as things are."""
    row = purchases.agg(
        buyers=purchases.count(),
        repeaters=(purchases.first_day < purchases.last_day).sum().fill_null(0),
        value=purchases.value.sum().fill_null(0),
    ).to_pyarrow().to_pylist()[0]  # fmt: skip
    return row | {"customers": identity_map.customer_id.nunique().execute()}


def ltv_by_history(ltv: ir.Table, summary: ir.Table) -> pd.DataFrame | None:
    """LTV over a year with the history it rests on, by customer_id; None before stage 04."""
    joined = ltv.inner_join(summary, "customer_id").select(
        "customer_id", "frequency", "recency", "T", "monetary_value", ltv="ltv_365d"
    )
    frame = joined.order_by("customer_id").execute().set_index("customer_id")
    return frame if len(frame) else None


def _with_customers(edges: ir.Table, identity_map: ir.Table) -> ir.Table:
    ids = identity_map.select("source", "source_id", "customer_id")
    left = ids.rename(left_source="source", left_source_id="source_id", left_customer="customer_id")
    right = ids.rename(
        right_source="source", right_source_id="source_id", right_customer="customer_id"
    )
    return edges.inner_join(left, PAIR[:2]).inner_join(right, PAIR[2:])
