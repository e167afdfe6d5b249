"""Order files of the demo client, with what real downloads hold besides orders."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from joren.simulate.names import STORES
from joren.simulate.purchases import Purchase

ANONYMOUS_SHARE = 0.08


def pos_months(
    rng: Random, orders: list[tuple[str, str, Purchase]], start: datetime, end: datetime
) -> Iterator[tuple[str, list[tuple]]]:
    """The shops' monthly files: (month, rows).

    Every eighth download begins two days early, so that its first rows are in the file before
    as well. Returns are negative rows some days after their order.
    """
    orders = [
        *orders,
        *_anonymous(rng, orders, start, end),
        *_returns(rng, orders, end),
        ("", STORES[0][0], Purchase(end - timedelta(hours=3), 2_480)),  # the last day has a sale
    ]
    orders.sort(key=lambda order: (order[2].at, order[0]))
    rows = [
        (purchase.at, _pos_row(rng, 100_001 + number, source_id, store, purchase))
        for number, (source_id, store, purchase) in enumerate(orders)
    ]
    for number, (first, after) in enumerate(_months(start, end)):
        begin = first - timedelta(days=2) if number % 8 == 5 else first
        file_rows = [row for at, row in rows if begin <= at < after]
        yield f"{first:%Y-%m}", _break_rows(file_rows, number)


def web_orders(rng: Random, orders: list[tuple[str, Purchase]], end: datetime) -> list[tuple]:
    """The web store's one file; its last page of 12 rows was downloaded twice."""
    orders = sorted(orders, key=lambda order: (order[1].at, order[0]))
    rows = [
        _web_row(rng, f"W{purchase.at:%y%m}-{number + 1:05d}", source_id, purchase, end)
        for number, (source_id, purchase) in enumerate(orders)
    ]
    for position in (400, 900, 1300):
        rows[position] = (*rows[position][:-1], "要確認")
    return [*rows, *rows[-12:]]


def _anonymous(
    rng: Random, orders: list[tuple[str, str, Purchase]], start: datetime, end: datetime
) -> list[tuple[str, str, Purchase]]:
    """Sales to people who showed no card."""
    sales = []
    for _ in range(round(len(orders) * ANONYMOUS_SHARE)):
        second = rng.randrange(10 * 3600, 20 * 3600)
        at = start + timedelta(days=rng.randrange((end - start).days), seconds=second)
        amount = max(110, round(rng.gammavariate(2.5, 1_200) / 10) * 10)
        sales.append(("", rng.choice(STORES)[0], Purchase(at, amount)))
    return sales


def _returns(
    rng: Random, orders: list[tuple[str, str, Purchase]], end: datetime
) -> list[tuple[str, str, Purchase]]:
    returned = [order for order in orders if rng.random() < 0.006]
    return [
        (source_id, store, Purchase(purchase.at + timedelta(days=3), -purchase.amount))
        for source_id, store, purchase in returned
        if purchase.at + timedelta(days=3) < end
    ]


def _pos_row(rng: Random, number: int, source_id: str, store: str, purchase: Purchase) -> tuple:
    amount = purchase.amount
    kind = "取消" if rng.random() < 0.008 and amount > 0 else "通常"
    discount = 200 if rng.random() < 0.1 and amount > 2_000 else 0
    # registers print thousands separators for large sales only
    shown = f"{amount:,}" if amount >= 10_000 else str(amount)
    granted = max(amount, 0) // 100 if source_id else 0
    return (
        number, f"{purchase.at:%Y/%m/%d %H:%M}", store, source_id, shown, _excluding_tax(amount),
        discount, granted, kind,
    )  # fmt: skip


def _web_row(
    rng: Random, order_id: str, source_id: str, purchase: Purchase, end: datetime
) -> tuple:
    status = rng.choices(("完了", "キャンセル", "返品"), weights=(972, 18, 10))[0]
    if status == "完了" and purchase.at > end - timedelta(days=3):
        status = "処理中"
    coupon = 500 if rng.random() < 0.12 and purchase.amount > 3_000 else 0
    return (
        order_id, f"{purchase.at:%Y-%m-%d %H:%M:%S}", source_id, purchase.amount,
        _excluding_tax(purchase.amount), coupon, status,
    )  # fmt: skip


def _excluding_tax(amount: int) -> int:
    return round(amount / 1.1)


def _break_rows(rows: list[tuple], number: int) -> list[tuple]:
    """A few rows as a crashed register or a spreadsheet leaves them."""
    broken = list(rows)
    if number in (10, 22):
        at = len(broken) // 2
        broken[at] = (broken[at][0], "2026/02/30 11:05", *broken[at][2:])
    if number in (3, 15):
        at = len(broken) // 3
        broken[at] = (*broken[at][:4], "#REF!", *broken[at][5:])
    if number == 18:
        at = len(broken) // 4
        broken[at] = (*broken[at][:4], "1.23E+10", *broken[at][5:])
    return broken


def _months(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    first = start
    while first < end:
        after = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
        yield first, after
        first = after
