"""Groups of customers, and half-years, beside each other: which edges do they take unlike others?

Each level of a dimension (first channel, first product, segment, rank) is compared with all other
customers of that dimension, each half-year with the one before it; by `compare`, where whole
customers change sides. Edges that few took are left out before anything is compared.
"""

from __future__ import annotations

from itertools import pairwise

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import scipy.sparse as sp
from ibis import _

from joren.routes.compare import Comparison, Journeys, compare_groups, compare_periods
from joren.routes.edges import half_year
from joren.stats.arrays import Array

LEAST_CUSTOMERS = 30  # on a side
LEAST_TAKERS, LEAST_SHARE = 10, 0.005  # customers who took an edge, to compare it
MOST_CUSTOMERS = 100_000  # whose labels are exchanged; of more, a sample without regard to labels
OTHERS = "others"
COLUMNS = ["group_name", "beside", "source", "target", "customers", "customers_beside",
           "probability", "probability_beside", "difference", "lower", "upper", "p_adjusted",
           "q_value"]  # fmt: skip


def compare_all(
    transitions: ir.Table, groups: ir.Table, interval: float, seed: int
) -> pd.DataFrame:
    """Every group beside the others of its dimension, and every half-year beside the last.

    Parameters
    ----------
    transitions : from `edges.transitions`, of everybody
    groups : customer_id, group_name; from `groups.customer_groups`
    interval : probability of the intervals

    Returns
    -------
    `COLUMNS`: group_name; beside (`others`, or the half-year before); source, target (codes);
    customers on either side; probabilities; difference, lower, upper; p_adjusted over the edges of
    the comparison; q_value
    """
    people = _people(transitions)
    counts = _counts(transitions, people)
    takers = counts.groupby(["source", "target"]).row.nunique()
    size = int(people.count().to_pyarrow().as_py())
    edges = takers[takers >= max(LEAST_TAKERS, LEAST_SHARE * size)].index
    if not len(edges):
        return pd.DataFrame(columns=COLUMNS)
    place = pd.Series(range(len(edges)), index=edges, name="edge")
    counts = counts.join(place, on=["source", "target"], how="left")
    parts = _groups(counts, people, groups, edges, size, interval, seed)
    parts += _periods(counts, edges, size, interval, seed)
    return pd.concat(parts, ignore_index=True)[COLUMNS] if parts else pd.DataFrame(columns=COLUMNS)


def _people(transitions: ir.Table) -> ir.Table:
    known = transitions.select("customer_id").distinct()
    order = [known.customer_id.hash(), known.customer_id]
    return known.mutate(row=ibis.row_number().over(order_by=order)).filter(
        _.row < MOST_CUSTOMERS
    ).cache()  # fmt: skip


def _counts(transitions: ir.Table, people: ir.Table) -> pd.DataFrame:
    """row, period, source, target, n."""
    return (
        transitions.mutate(period=half_year(transitions.at))
        .group_by("customer_id", "period", "source", "target")
        .agg(n=_.count())
        .join(people, "customer_id")
        .select("row", "period", "source", "target", "n")
        .order_by("row", "period", "source", "target")
        .to_pandas()
    )


def _groups(
    counts: pd.DataFrame, people: ir.Table, groups: ir.Table, edges: pd.Index, size: int,
    interval: float, seed: int,
) -> list[pd.DataFrame]:  # fmt: skip
    journeys = _journeys(counts, edges, np.unique(counts.source), size)
    members = groups.join(people, "customer_id").select("row", "group_name")
    frame = members.order_by("row", "group_name").to_pandas()
    frame["dimension"] = frame.group_name.str.partition(":")[0]
    parts = []
    for number, (_name, rows) in enumerate(frame.groupby("dimension")):
        names, level = np.unique(rows.group_name.to_numpy(str), return_inverse=True)
        if len(names) < 2:
            continue
        found = compare_groups(
            journeys.take(rows.row.to_numpy(int)), level, interval, seed + number
        )
        for k, comparison in found.items():
            parts.append(_rows(comparison, names[k], OTHERS, edges))
            if len(names) == 2:  # the other side of one comparison
                parts.append(_rows(_turned(comparison), names[1], OTHERS, edges))
    return [part for part in parts if len(part)]


def _periods(
    counts: pd.DataFrame, edges: pd.Index, size: int, interval: float, seed: int
) -> list[pd.DataFrame]:
    names = sorted(counts.period.unique())
    origins = np.unique(counts.source)
    journeys = {
        name: _journeys(counts[counts.period == name], edges, origins, size) for name in names
    }
    parts = []
    for before, now in pairwise(names):
        found = compare_periods(journeys[now], journeys[before], interval, seed)
        parts.append(_rows(found, now, before, edges))
    return [part for part in parts if len(part)]


def _journeys(counts: pd.DataFrame, edges: pd.Index, origins: Array, size: int) -> Journeys:
    """Counts of the edges to compare; what leaves an origin by a rare edge leaves it all the same.

    Parameters
    ----------
    origins : (o,) codes in ascending order, of all edges
    """
    kept = counts[counts.edge.notna()]
    left = np.searchsorted(origins, counts.source.to_numpy(int))
    return Journeys(
        _matrix(kept.row, kept.edge.to_numpy(int), kept.n, (size, len(edges))),
        _matrix(counts.row, left, counts.n, (size, len(origins))),
        np.searchsorted(origins, edges.get_level_values("source").to_numpy(int)),
    )


def _matrix(row: pd.Series, column: Array, n: pd.Series, shape: tuple[int, int]) -> sp.csr_matrix:
    return sp.csr_matrix((n.to_numpy(float), (row.to_numpy(int), column)), shape=shape)


def _rows(found: Comparison, name: str, beside: str, edges: pd.Index) -> pd.DataFrame:
    rows = pd.DataFrame({
        "group_name": name, "beside": beside,
        "source": edges.get_level_values("source"), "target": edges.get_level_values("target"),
        "customers": found.customers, "customers_beside": found.others,
        "probability": found.value, "probability_beside": found.other,
        "difference": found.difference, "lower": found.lower, "upper": found.upper,
        "p_adjusted": found.p, "q_value": found.q,
    })  # fmt: skip
    enough = min(found.customers, found.others) >= LEAST_CUSTOMERS
    # an origin that one side never left has no probability there
    return rows[rows.difference.notna()] if enough else rows.iloc[:0]


def _turned(found: Comparison) -> Comparison:
    return Comparison(
        found.other, found.value, -found.difference, -found.upper, -found.lower, -found.score,
        found.p, found.q, found.others, found.customers,
    )  # fmt: skip
