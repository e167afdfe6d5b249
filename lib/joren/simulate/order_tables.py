"""The orders and lines the retailer's systems hold, and the orders still to come."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from joren.simulate.arrow import labels, moments, numbers, person_ids
from joren.simulate.campaigns import CAMPAIGNS
from joren.simulate.checkout import STATUSES, VALID
from joren.simulate.receipts import Receipts
from joren.simulate.world import DAY, DAYS, ORDER_NUMBERS, STORES, SYSTEMS, World


def order_tables(world: World, chunk: int, receipts: Receipts) -> tuple[pa.Table, pa.Table]:
    """Orders and order lines of the observed window, numbered in the order of time.

    A refund is a negative till order: every amount of its sale with the opposite sign, lines with
    negative quantities.

    Returns
    -------
    orders, ascending in order_no, and lines, ascending in (order_no, line_no); columns as
    `behaviour.Behaviour` says
    """
    sales = np.flatnonzero(receipts.in_window)
    refunds = np.flatnonzero(receipts.in_window & receipts.refunded)
    row = np.concatenate([sales, refunds])
    sign = np.repeat([1, -1], [len(sales), len(refunds)])
    second = np.concatenate([receipts.second[sales], receipts.refund_second[refunds]])
    rank = np.empty(len(row), dtype=np.int64)
    by_time = np.argsort(second, kind="stable")
    rank[by_time] = np.arange(len(row))
    number = chunk * ORDER_NUMBERS + rank + 1
    sale_number = np.full(len(receipts.second), -1)
    sale_number[sales] = number[: len(sales)]
    orders = _orders(world, chunk, receipts, row, sign, second, number, sale_number)
    refund_number = np.full(len(receipts.second), -1)
    refund_number[refunds] = number[len(sales) :]
    return orders.take(pa.array(by_time)), _lines(receipts, sale_number, refund_number)


def future_table(world: World, chunk: int, receipts: Receipts) -> pa.Table:
    """Valid orders after the window, subscriptions included: person_id, ordered_at, amount."""
    future = (receipts.second >= DAYS * DAY) & receipts.visits.real & (receipts.status == VALID)
    return pa.table(
        {
            "person_id": person_ids(world, chunk, receipts.visits.person[future]),
            "ordered_at": moments(receipts.second[future]),
            "amount": numbers(receipts.amount[future]),
        }
    )


def _orders(
    world: World,
    chunk: int,
    receipts: Receipts,
    row: np.ndarray,
    sign: np.ndarray,
    second: np.ndarray,
    number: np.ndarray,
    sale_number: np.ndarray,
) -> pa.Table:
    visits, charges = receipts.visits, receipts.charges
    subscription = visits.subscription[row]
    refund = sign < 0
    return pa.table(
        {
            "order_no": numbers(number),
            "person_id": person_ids(world, chunk, visits.person[row]),
            "system": labels(SYSTEMS, visits.system[row]),
            "store": labels([store.store for store in STORES], visits.store[row]),
            "ordered_at": moments(second),
            "goods_8": numbers(sign * receipts.goods_8[row]),
            "goods_10": numbers(sign * receipts.goods_10[row]),
            "shipping": numbers(sign * charges.shipping[row]),
            "fee": numbers(sign * charges.fee[row]),
            "discount": numbers(sign * charges.discount[row]),
            "mall_discount": numbers(sign * charges.mall_discount[row]),
            "amount": numbers(sign * receipts.amount[row]),
            "status": labels(STATUSES, receipts.status[row]),
            "campaign_id": labels(
                [c.campaign_id for c in CAMPAIGNS], np.where(refund, -1, visits.campaign[row])
            ),
            "subscription_no": numbers(chunk * ORDER_NUMBERS + subscription + 1, subscription >= 0),
            "sequence": numbers(visits.sequence[row], subscription >= 0),
            "refund_of": numbers(sale_number[row], refund),
        }
    )


def _lines(receipts: Receipts, sale_number: np.ndarray, refund_number: np.ndarray) -> pa.Table:
    lines = receipts.lines
    sold = np.flatnonzero(sale_number[lines.order] >= 0)
    refunded = np.flatnonzero(refund_number[lines.order] >= 0)
    row = np.concatenate([sold, refunded])
    sign = np.repeat([1, -1], [len(sold), len(refunded)])
    number = np.concatenate([sale_number[lines.order[sold]], refund_number[lines.order[refunded]]])
    by_number = np.argsort(number, kind="stable")
    row, sign, number = row[by_number], sign[by_number], number[by_number]
    return pa.table(
        {
            "order_no": numbers(number),
            "line_no": numbers(lines.line_no[row]),
            "product_no": numbers(lines.product_no[row]),
            "quantity": numbers(sign * lines.quantity[row]),
            "unit_price": numbers(lines.unit_price[row]),
            "amount": numbers(sign * lines.amount[row]),
            "tax_rate": numbers(lines.tax_rate[row]),
        }
    )
