"""Whether an order's figures add up: its lines to its goods, its parts to what was billed.

Reported, never a reason to doubt a row: what a shop's figures leave out is not known beforehand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis.expr.types as ir

from joren.ingest.cart_reader import CartRead
from joren.ingest.emission import FIGURES

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend


@dataclass(frozen=True)
class Compared:
    """How many orders of a source were held against their figures, and how many fail."""

    source: str
    check: str
    orders: int
    failing: int


def keep_figures(con: Backend, stage: str, carts: Sequence[CartRead], name: str) -> None:
    """Put the stated figures of the accepted orders aside, in a table `name`.

    Parameters
    ----------
    con : the engine
    stage : the staged orders, finished
    carts : what was read of the carts; their raw orders are still there
    name : table to create: source, order_id, file, goods, parts, billed
    """
    con.raw_sql(
        f'CREATE OR REPLACE TEMP TABLE "{name}" (source VARCHAR, order_id VARCHAR, file VARCHAR, '
        "goods DECIMAL(38, 4), parts DECIMAL(38, 4), billed DECIMAL(38, 4))"
    )
    for kind in (kind for cart in carts for kind in cart.kinds):
        if kind.adapted.totals is None:
            continue
        figures = ", ".join(f'CAST(r."{one}" AS DECIMAL(38, 4))' for one in FIGURES)
        con.raw_sql(
            f'INSERT INTO "{name}" SELECT o.source, r.order_id, o._file, {figures} '
            f'FROM "{stage}" AS o JOIN "{kind.raws["orders"]}" AS r ON o._at = r._at '
            "WHERE o.reason IS NULL"
        )


def compare_totals(
    con: Backend, figures: str, lines: str, name: str
) -> tuple[ir.Table, list[Compared]]:
    """Hold the stated figures of orders against what they should add up to.

    Sources that give no lines are not compared by lines.

    Parameters
    ----------
    con : the engine
    figures : the table of `keep_figures`
    lines : the staged lines, finished
    name : table to create

    Returns
    -------
    the orders that fail (source, order_id, file, check: `lines` or `sum`, stated, computed,
    difference), and the counts of all that were compared
    """
    compared = (
        "SELECT f.source, f.order_id, f.file, 'lines' AS \"check\", f.goods AS stated, "
        "coalesce(l.amount, 0) AS computed "
        f'FROM "{figures}" AS f LEFT JOIN (SELECT source, order_id, sum(amount) AS amount '
        f'FROM "{lines}" WHERE reason IS NULL GROUP BY source, order_id) AS l '
        "ON f.source = l.source AND f.order_id = l.order_id WHERE f.goods IS NOT NULL "
        f'AND f.source IN (SELECT DISTINCT source FROM "{lines}" WHERE reason IS NULL) '
        "UNION ALL SELECT source, order_id, file, 'sum', billed, parts "
        f'FROM "{figures}" WHERE billed IS NOT NULL AND parts IS NOT NULL'
    )
    con.raw_sql(
        f'CREATE OR REPLACE TEMP TABLE "{name}" AS SELECT *, computed - stated AS difference '
        f"FROM ({compared})"
    )
    counted = con.raw_sql(
        f'SELECT source, "check", count(*), count(*) FILTER (difference <> 0) FROM "{name}" '
        "GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    con.raw_sql(f'DELETE FROM "{name}" WHERE difference = 0')
    return con.table(name), [Compared(*row) for row in counted]
