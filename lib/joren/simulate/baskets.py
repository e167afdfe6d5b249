"""The lines of an order: an amount of goods split into products near its customer's taste.

The amount comes first (it follows the spend process); products, packs and the day's unit prices
are chosen to make it up, to the ten yen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from joren.simulate.catalogue import CATEGORIES, COURSES, GOODS, product_near

SECOND_LINE, THIRD_LINE = 0.42, 0.12  # shares of orders with at least so many lines
FAVOURITE = 0.6  # share of lines in one's favourite category
PACKS = (0.82, 0.13, 0.05)  # one, two, three of the same
LOWEST_UNIT = 110

_TAX = np.array([c.tax_rate for c in CATEGORIES])
_CATEGORY_SHARES = np.array([c.share for c in CATEGORIES])
_COURSE_PRICE = np.array([c.price for c in COURSES])
_COURSE_TAX = np.array([c.tax_rate for c in COURSES])


@dataclass(frozen=True)
class Lines:
    """Arrays over order lines; `order` is the position of the order, ascending."""

    order: np.ndarray
    line_no: np.ndarray
    product_no: np.ndarray
    quantity: np.ndarray
    unit_price: np.ndarray
    tax_rate: np.ndarray

    @property
    def amount(self) -> np.ndarray:
        """(n,) yen, tax included."""
        return self.quantity * self.unit_price

    def total(self, tax_rate: int, orders: int) -> np.ndarray:
        """(orders,) yen of the lines of one tax rate by order."""
        taxed = np.where(self.tax_rate == tax_rate, self.amount, 0)
        return np.bincount(self.order, taxed, orders).astype(np.int64)


def fill_baskets(rng: np.random.Generator, favourite: np.ndarray, goods: np.ndarray) -> Lines:
    """Lines that make up the given amounts.

    Parameters
    ----------
    rng : advanced
    favourite : (n,) each customer's favourite category, as position in CATEGORIES
    goods : (n,) yen wanted

    Returns
    -------
    one to three lines an order; sums differ from the amounts wanted by rounding to whole packs at
    ten yen, and where an amount is too small for its lines
    """
    draw = rng.random(len(goods))
    count = 1 + (draw < SECOND_LINE) + (draw < THIRD_LINE)
    # small purchases are not split
    count = np.where(goods < 400 * count, 1, count)
    order = np.repeat(np.arange(len(goods)), count)
    weight = rng.standard_gamma(2.0, len(order))
    share = weight / np.bincount(order, weight, len(goods))[order]
    quantity = 1 + np.searchsorted(np.cumsum(PACKS)[:-1], rng.random(len(order)), side="right")
    unit = np.round(goods[order] * share / quantity / 10).astype(np.int64) * 10
    category = np.where(
        rng.random(len(order)) < FAVOURITE,
        favourite[order],
        np.searchsorted(np.cumsum(_CATEGORY_SHARES)[:-1], rng.random(len(order)), side="right"),
    )
    unit = np.maximum(unit, LOWEST_UNIT)
    return Lines(
        order=order,
        line_no=np.arange(len(order)) - np.repeat(np.cumsum(count) - count, count) + 1,
        product_no=product_near(category, unit),
        quantity=quantity,
        unit_price=unit,
        tax_rate=_TAX[category],
    )


def fill_parcels(course: np.ndarray, packs: np.ndarray) -> Lines:
    """One line for each subscription order: the course's product at its price."""
    return Lines(
        order=np.arange(len(course)),
        line_no=np.ones(len(course), dtype=np.int64),
        product_no=GOODS + 1 + course,
        quantity=packs,
        unit_price=_COURSE_PRICE[course],
        tax_rate=_COURSE_TAX[course],
    )
