"""Components of linked records in which no guard can refuse anything, settled as a whole.

They are nearly all. What is left is clustered link by link (`clustering`), which comes to the same
for these as well but takes Python many times as long.
"""

from __future__ import annotations

from collections.abc import Collection

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from ibis.backends.duckdb import Backend

from joren.identity.clustering import LARGEST_CLUSTER, Traits


def settle(
    con: Backend,
    traits: ir.Table,
    links: ir.Table,
    against: ir.Table,
    asked: ir.Table,
    reviewed: Collection[int],
) -> ir.Table:
    """The records of the components that are one cluster whatever the order of their links.

    Parameters
    ----------
    con : the engine; the result is a temporary table in it
    traits : record and the fields of `Traits`
    links : left, right
    against : left, right of the pairs that may not be in one cluster
    asked : record, of those whose cluster decides about other records
    reviewed : records that a reviewer has decided about

    Returns
    -------
    record, cluster (its smallest record)
    """
    components = con.create_table(
        "identity_components", _components(links), temp=True, overwrite=True
    )
    members = components.inner_join(traits, "record")
    known = members.group_by("cluster").agg(
        size=members.count(), **{name: members[name].nunique() for name in Traits._fields}
    )
    agreeing = ibis.and_(*(known[name] <= 1 for name in Traits._fields))
    sound = known.filter(agreeing & (known["size"] <= LARGEST_CLUSTER))
    decided = ibis.memtable({"record": pa.array(sorted(reviewed), pa.int64())})
    within = _within(components, against)
    doubted = components.semi_join(asked.union(decided), "record").select("cluster")
    clear = sound.select("cluster").anti_join(doubted.union(within), "cluster")
    return con.create_table(
        "identity_settled", components.semi_join(clear, "cluster"), temp=True, overwrite=True
    )


def _components(links: ir.Table) -> pa.Table:
    # SciPy's sparse graphs take a while to import, and whoever looks at a table needs none
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    columns = links.select("left", "right").to_pyarrow()
    ends = [columns[name].to_numpy() for name in ("left", "right")]
    records, places = np.unique(np.concatenate(ends), return_inverse=True)
    left, right = places[: len(ends[0])], places[len(ends[0]) :]
    graph = coo_array(
        (np.ones(len(left), np.int8), (left, right)), shape=(len(records), len(records))
    )
    _, component = connected_components(graph, directed=False)
    _, first = np.unique(component, return_index=True)  # records are in order
    clusters = records[first[component]] if len(records) else records
    return pa.table(
        {"record": pa.array(records, pa.int64()), "cluster": pa.array(clusters, pa.int64())}
    )


def _within(components: ir.Table, pairs: ir.Table) -> ir.Table:
    """The components that hold both records of some pair."""
    left = components.select(left="record", one="cluster")
    right = components.select(right="record", other="cluster")
    both = pairs.inner_join(left, "left").inner_join(right, "right")
    return both.filter(both.one == both.other).select(cluster="one")
