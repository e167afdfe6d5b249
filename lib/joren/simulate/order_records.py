"""An order as its system writes it down: under its number, with account, tax and points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

if TYPE_CHECKING:
    from joren.simulate.accounts import Accounts
    from joren.simulate.behaviour import Behaviour
    from joren.simulate.ledger import Ledger

# a discount is spread over the tax rates by their share of the goods; tax is rounded towards zero
_NET_8 = (
    "goods_8 - CASE WHEN goods_8 + goods_10 = 0 THEN 0 "
    "ELSE discount * goods_8 // (goods_8 + goods_10) END"
)


def record_orders(
    behaviour: Behaviour, accounts: Accounts, ledger: Ledger
) -> tuple[pa.Table, pa.Table]:
    """The orders and lines of a chunk with all that their files show.

    Returns
    -------
    orders : behaviour's columns, order_id, source_id, net_8, net_10 (yen with tax, after discounts,
        by tax rate), tax_8, tax_10, points_used, points_granted, balance_before, balance
        (points as the till shows them; null elsewhere and without card), pieces (goods in all)
    lines : behaviour's columns, order_id, ordered_at, system
    """
    con = duckdb.connect()
    con.register("made", behaviour.orders)
    con.register("made_lines", behaviour.lines)
    con.register("numbers", accounts.orders)
    con.register("points", ledger.orders)
    con.execute(f"""
        CREATE TEMP TABLE orders AS
        WITH parted AS (SELECT *, {_NET_8} AS net_8 FROM made),
        summed AS (SELECT *, amount - net_8 AS net_10 FROM parted),
        counted AS (
            SELECT order_no, sum(quantity)::BIGINT AS pieces FROM made_lines GROUP BY order_no
        )
        SELECT o.*, n.order_id, n.source_id,
               trunc(net_8 * 8 / 108)::BIGINT AS tax_8, trunc(net_10 * 10 / 110)::BIGINT AS tax_10,
               coalesce(p.points_used, 0) AS points_used,
               coalesce(p.points_granted, 0) AS points_granted, p.balance_before, p.balance,
               c.pieces
        FROM summed o JOIN numbers n USING (order_no) LEFT JOIN points p USING (order_no)
        LEFT JOIN counted c USING (order_no)
        ORDER BY order_no
    """)
    orders = con.sql("FROM orders").to_arrow_table()
    lines = con.sql("""
        SELECT l.*, o.order_id, o.ordered_at, o.system
        FROM made_lines l JOIN orders o USING (order_no) ORDER BY order_no, line_no
    """).to_arrow_table()
    con.close()
    return orders, lines
