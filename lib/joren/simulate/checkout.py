"""What an order costs besides its goods, what is taken off, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from joren.simulate.catalogue import COURSES
from joren.simulate.habits import MALL, POS, TEIKI, WEB
from joren.simulate.visits import Visits
from joren.simulate.world import DAYS

STATUSES = ("valid", "cancelled", "returned", "pending")
VALID, CANCELLED, RETURNED, PENDING = range(4)

SHIPPING, FREE_SHIPPING_FROM = 550, 5_500  # web and mall
CASH_ON_DELIVERY, CASH_SHARE = 330, 0.05  # web
# share of orders with a discount the shop pays, the yen it may be, the goods it asks for
DISCOUNTS = {
    POS: (0.08, (100, 200, 300), 2_000),
    WEB: (0.1, (300, 500), 3_000),
    MALL: (0.05, (200, 300), 2_000),
}
MALL_COUPON_SHARE, MALL_COUPONS = 0.1, (100, 200, 500)  # the mall pays these
CANCELLED_SHARE, RETURNED_SHARE = 0.02, 0.01
PENDING_DAYS, PENDING_SHARE = 3, 0.4  # online orders of the last days still unpaid
REFUND_DAYS = 10  # a till return comes 1 to 10 days after its sale

_FIRST_DISCOUNT = np.array([course.first_discount for course in COURSES])


@dataclass(frozen=True)
class Charges:
    """Arrays over orders, yen."""

    shipping: np.ndarray
    fee: np.ndarray
    discount: np.ndarray
    mall_discount: np.ndarray


def charge(
    rng: np.random.Generator, visits: Visits, goods: np.ndarray, course: np.ndarray
) -> Charges:
    """Shipping, fees and discounts of orders of given goods (course: -1 if no subscription)."""
    n = len(visits)
    online = (visits.system == WEB) | (visits.system == MALL)
    shipping = np.where(online & (goods < FREE_SHIPPING_FROM), SHIPPING, 0)
    cash = (visits.system == WEB) & (rng.random(n) < CASH_SHARE)
    discount = np.zeros(n, dtype=np.int64)
    for system, (share, yen, least) in DISCOUNTS.items():
        given = (visits.system == system) & (rng.random(n) < share) & (goods >= least)
        discount = np.where(given, rng.choice(yen, n), discount)
    first_parcel = (visits.system == TEIKI) & (visits.sequence == 1)
    discount = np.where(first_parcel, _FIRST_DISCOUNT[course], discount)
    coupon = (visits.system == MALL) & (rng.random(n) < MALL_COUPON_SHARE) & (goods >= 2_000)
    return Charges(
        shipping=shipping,
        fee=np.where(cash, CASH_ON_DELIVERY, 0),
        discount=discount,
        mall_discount=np.where(coupon, rng.choice(MALL_COUPONS, n), 0),
    )


def decide_statuses(rng: np.random.Generator, visits: Visits, first: np.ndarray) -> np.ndarray:
    """(n,) positions in STATUSES, decided for every order alike, tills included.

    First orders are neither cancelled nor returned, nor are the extra orders of a campaign, so
    that everybody is a customer and an extra order is one. A subscription's orders are never
    cancelled or unpaid: its end says that.
    """
    n = len(visits)
    draw = rng.random(n)
    spared = first | (visits.campaign >= 0)
    cancelled = (draw < CANCELLED_SHARE) & ~spared & (visits.system != TEIKI)
    returned = (draw >= 1 - RETURNED_SHARE) & ~spared
    online = (visits.system == WEB) | (visits.system == MALL)
    recent = (visits.day >= DAYS - PENDING_DAYS) & (visits.day < DAYS)
    unpaid = online & recent & (rng.random(n) < PENDING_SHARE) & ~cancelled & ~returned
    return np.select([cancelled, returned, unpaid], [CANCELLED, RETURNED, PENDING], VALID)


def refund_days(
    rng: np.random.Generator, visits: Visits, status: np.ndarray, until: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The till sales brought back and when.

    Parameters
    ----------
    rng : advanced
    visits, status : (n,) as decided; a till sale with RETURNED is one that is brought back
    until : (n,) first day without the customer; nobody returns goods later

    Returns
    -------
    (n,) day of the refund, and (n,) whether there is one
    """
    day = visits.day + rng.integers(1, REFUND_DAYS + 1, len(visits))
    brought_back = (visits.system == POS) & (status == RETURNED) & (visits.person >= 0)
    return day, brought_back & (day < until)
