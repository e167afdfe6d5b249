"""The tables of what routes are worth: edges with their values and tests, and whole routes.

`route_edges` is the counts of stage 10 joined, in the engine, with what the models say: the LTV
difference of those who take the edge, and the q of how a group's edges differ from others'.
"""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
from ibis import _

from joren.contract import TABLES
from joren.routes.edges import EVERYBODY, START_CODE
from joren.routes.paths import split
from joren.routes.touchpoints import END, START
from joren.routes.value import item_values

PATH, FIRST_TOUCHPOINT, FIRST_PRODUCT = "path", "first_touchpoint", "first_product"
TOP = 20  # edges whose mean is read raw and from the model
_KEY = ["source_touchpoint", "target_touchpoint", "group_name"]


def typed(frame: pd.DataFrame, name: str) -> pa.Table:
    """Rows as the table `name` declares them, also where there are none."""
    return pa.Table.from_pandas(
        frame[TABLES[name].column_names],
        schema=TABLES[name].ibis_schema().to_pyarrow(),
        preserve_index=False,
    )


def edge_names(names: Mapping[int, str], end_code: int) -> dict[int, str]:
    """Code → touchpoint, with the two ends of routes."""
    return {START_CODE: START, **names, end_code: END}


def named_edges(rows: pd.DataFrame, names: Mapping[int, str]) -> pd.DataFrame:
    """Rows with source and target as codes, by the names of their touchpoints."""
    return rows.assign(
        source_touchpoint=rows.source.map(names), target_touchpoint=rows.target.map(names)
    ).drop(columns=["source", "target"])


def route_edges(counts: ir.Table, values: pd.DataFrame, comparisons: pd.DataFrame) -> ir.Table:
    """The table `route_edges`.

    Parameters
    ----------
    counts : route_counts
    values : source_touchpoint, target_touchpoint, group_name, ltv_difference, lower, upper
    comparisons : source_touchpoint, target_touchpoint, group_name, q_value

    Returns
    -------
    the columns of `counts` and ltv_difference, lower, upper (of an edge's customers from all of the
    group; null where too few have an LTV), q_value (that the group takes the edge unlike others;
    null for everybody and where the edge is too rare to be compared)
    """
    text = dict.fromkeys(_KEY, "string")
    valued = _memtable(
        values, text | dict.fromkeys(["ltv_difference", "lower", "upper"], "float64")
    )
    tested = _memtable(comparisons, text | {"q_value": "float64"})
    joined = counts.left_join(valued, _KEY).drop(*(f"{name}_right" for name in _KEY))
    joined = joined.left_join(tested, _KEY).drop(*(f"{name}_right" for name in _KEY))
    return joined.select(*counts.columns, "ltv_difference", "lower", "upper", "q_value")


def route_values(routes: ir.Table, products: ir.Table, ltv: ir.Table, level: float) -> pd.DataFrame:
    """The table `route_values`: whole routes, first touchpoints and first products by LTV.

    Parameters
    ----------
    routes : customer_id, path; from `paths.customer_routes`
    products : customer_id, product; may be empty
    ltv : from `value.known_ltv`
    level : of the intervals

    Returns
    -------
    kind, item, customers, raw_difference, mean_ltv, ltv_difference, lower, upper
    """
    found = routes.select("path").distinct().to_pandas().path
    firsts = pd.DataFrame({"path": found, "first": [split(path)[0] for path in found]})
    first = ibis.memtable(firsts, schema={"path": "string", "first": "string"})
    parts = {
        PATH: routes.select("customer_id", item="path"),
        FIRST_TOUCHPOINT: routes.join(first, "path").select("customer_id", item="first"),
        FIRST_PRODUCT: products.select("customer_id", item="product"),
    }
    tables = [
        item_values(takers, ltv, "item", level).assign(kind=kind) for kind, takers in parts.items()
    ]
    table = pd.concat([t for t in tables if len(t)] or tables[:1], ignore_index=True)
    table = table.rename(columns={"n": "customers", "raw": "raw_difference"})
    return table[["kind", "item", "customers", "raw_difference", "mean_ltv", "ltv_difference",
                  "lower", "upper"]]  # fmt: skip


def top_overstated(values: pd.DataFrame) -> tuple[float, float]:
    """Mean difference of the edges that look best raw: as read, and as the model has it.

    Parameters
    ----------
    values : from `value.edge_values`
    """
    best = values[values.group_name == EVERYBODY].nlargest(TOP, "raw")
    return float(best.raw.mean()), float(best.ltv_difference.mean())


def telling_edges(values: pd.DataFrame, most: int, least: int) -> pd.DataFrame:
    """Edges of everybody whose interval is farthest from zero, on either side, into no end.

    Parameters
    ----------
    values : with the names of touchpoints
    most : on each side; least : customers an edge must have

    Returns
    -------
    the rows, largest difference first
    """
    rows = values[(values.group_name == EVERYBODY) & (values.n >= least)]
    rows = rows[rows.target_touchpoint != END].sort_values(_KEY)
    above = rows[rows.lower > 0].nlargest(most, "lower")
    below = rows[rows.upper < 0].nsmallest(most, "upper")
    return pd.concat([above, below]).sort_values("ltv_difference", ascending=False)


def _memtable(frame: pd.DataFrame, schema: dict[str, str]) -> ir.Table:
    return ibis.memtable(frame[list(schema)].reset_index(drop=True), schema=schema).select(
        **{name: _[name].cast(kind) for name, kind in schema.items()}
    )
