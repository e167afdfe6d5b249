"""Settling components as a whole comes to what clustering link by link comes to."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from joren.engine import connect
from joren.identity.clustering import (
    Clusters,
    Edge,
    Traits,
    attach_to_sole_owner,
    cluster_strongest_first,
)
from joren.identity.grouping import MODEL, group_records
from joren.identity.settled import settle

MANY = 9
TYPES = {
    "record": pa.int64(), "name": pa.string(), "sound": pa.string(), "birth_date": pa.string(),
    "gender": pa.string(), "given": pa.string(), "given_sound": pa.string(),
}  # fmt: skip
EDGES = {
    "left": pa.int64(), "right": pa.int64(), "rule": pa.string(),
    "match_probability": pa.float64(), "weight": pa.float64(), "evidence": pa.string(),
    "decision": pa.string(),
}  # fmt: skip


@pytest.fixture(scope="module")
def con():
    return connect()


def _table(con, name: str, types: dict[str, pa.DataType], rows: list[tuple]):
    columns = list(zip(*rows, strict=True)) or [()] * len(types)
    arrays = [pa.array(c, t) for c, t in zip(columns, types.values(), strict=True)]
    return con.create_table(name, pa.table(arrays, list(types)), temp=True, overwrite=True)


one_record = st.tuples(
    st.sampled_from([None, "佐藤"]),
    st.none(),
    st.sampled_from([None, None, "1990-01-01", "1991-02-02"]),
    st.sampled_from([None, None, "female", "male"]),
    st.sampled_from([None, None, "花子", "春子"]),
    st.sampled_from([None, None, "ハナコ", "ハルコ"]),
)
one_pair = st.tuples(st.integers(0, MANY - 1), st.integers(0, MANY - 1)).filter(
    lambda pair: pair[0] < pair[1]
)
one_edge = st.tuples(
    one_pair, st.sampled_from([0.99, 0.98, 0.97]), st.sampled_from(["link", "link", "reject"])
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(one_record, min_size=MANY, max_size=MANY),
    st.lists(one_edge, max_size=12, unique_by=lambda edge: edge[0]),
    st.lists(one_pair, max_size=2, unique=True),
    st.lists(one_pair, max_size=1),
)
def test_the_clusters_are_those_of_going_link_by_link(con, people, found, joined, kept_apart):
    apart: dict[int, frozenset[int]] = {}
    for left, right in kept_apart:
        apart |= {left: frozenset({right}), right: frozenset({left})}
    records = _table(con, "_people", TYPES, [(n, *person) for n, person in enumerate(people)])
    rows = [(*pair, MODEL, p, 1.0, "{}", decision) for pair, p, decision in found]
    grouped = group_records(con, records, _table(con, "_edges", EDGES, rows), joined, apart)
    got = grouped.records.select("record", "cluster").to_pyarrow().to_pydict()

    unlikely: dict[int, frozenset[int]] = {}
    for (left, right), _, decision in found:
        if decision == "reject":
            unlikely[left] = unlikely.get(left, frozenset()) | {right}
            unlikely[right] = unlikely.get(right, frozenset()) | {left}
    touched = {record for pair, _, _ in found for record in pair}
    traits = {n: Traits(*people[n][2:]) for n in touched}
    clusters = Clusters(traits, apart, unlikely)
    links = [Edge(*pair, p) for pair, p, d in found if d == "link" and pair not in joined]
    refused = cluster_strongest_first(clusters, links, joined)
    bare: dict[int, list[int]] = {}
    for (left, right), _, _ in found:
        if (people[left][0] is None) != (people[right][0] is None):
            nameless, other = (left, right) if people[left][0] is None else (right, left)
            bare.setdefault(nameless, []).append(other)
    attach_to_sole_owner(clusters, bare)
    expected = {n: clusters.find(n) if n in clusters.traits else n for n in range(MANY)}
    assert dict(zip(got["record"], got["cluster"], strict=True)) == expected
    told = grouped.edges.filter(grouped.edges.refused.notnull()).to_pyarrow().to_pylist()
    assert {(row["left"], row["right"]): row["refused"] for row in told} == {
        pair: why for pair, why in refused.items() if pair in {edge[0] for edge in found}
    }


def test_only_what_nothing_speaks_against_is_settled(con):
    people = [
        (0, None, None, None, None, "花子", None), (1, None, None, None, None, "花子", None),
        (2, None, None, "1990-01-01", None, None, None),
        (3, None, None, "1991-01-01", None, None, None),
        (4, None, None, None, None, None, None), (5, None, None, None, None, None, None),
        (6, None, None, None, None, None, None), (7, None, None, None, None, None, None),
        (8, None, None, None, None, None, None), (9, None, None, None, None, None, None),
        (10, None, None, None, None, None, None),
    ]  # fmt: skip
    traits = _table(con, "_people", TYPES, people).drop("name", "sound")
    pair = {"left": pa.int64(), "right": pa.int64()}
    links = _table(con, "_links", pair, [(0, 1), (2, 3), (4, 5), (5, 6), (7, 8), (9, 10)])
    against = _table(con, "_against", pair, [(4, 6), (0, 10)])
    asked = _table(con, "_asked", {"record": pa.int64()}, [(8,)])
    settled = settle(con, traits, links, against, asked, {2}).to_pyarrow().to_pydict()
    assert sorted(zip(settled["record"], settled["cluster"], strict=True)) == [
        (0, 0), (1, 0), (9, 9), (10, 9),
    ]  # fmt: skip
