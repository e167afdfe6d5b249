"""Every visit rung up: basket, charges, status and, for some till sales, the later refund."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from joren.simulate.baskets import Lines, fill_baskets, fill_parcels
from joren.simulate.catalogue import CATEGORIES
from joren.simulate.checkout import (
    RETURNED,
    VALID,
    Charges,
    charge,
    decide_statuses,
    refund_days,
)
from joren.simulate.habits import POS, TEIKI, Habits
from joren.simulate.processes import SPEND_MIX, SPEND_SCALE, SPEND_SHAPE, Processes, draw_goods
from joren.simulate.subscriptions import Subscriptions
from joren.simulate.visits import Visits
from joren.simulate.world import DAY, DAYS, World


@dataclass(frozen=True)
class Receipts:
    """Visits with what they came to, arrays over visits; `lines.order` is a visit's position.

    `refunded` till sales are valid orders with a negative order of their own at
    `refund_second`.
    """

    visits: Visits
    second: np.ndarray
    lines: Lines
    goods_8: np.ndarray
    goods_10: np.ndarray
    charges: Charges
    status: np.ndarray
    refunded: np.ndarray
    refund_second: np.ndarray

    @cached_property
    def amount(self) -> np.ndarray:
        """(n,) yen: goods, shipping and fee less the shop's discount."""
        extra = self.charges.shipping + self.charges.fee - self.charges.discount
        return self.goods_8 + self.goods_10 + extra

    @cached_property
    def in_window(self) -> np.ndarray:
        """(n,) true for orders that were made and that the retailer's systems hold."""
        return self.visits.real & (self.second < DAYS * DAY)


def ring_up(
    world: World,
    chunk: int,
    visits: Visits,
    processes: Processes,
    habits: Habits,
    subscriptions: Subscriptions,
    died: np.ndarray,
) -> Receipts:
    """Ring up all visits of a chunk, those to come and those never made included.

    Parameters
    ----------
    world, chunk : give the randomness
    visits : sorted by person and day, as `visits.join_visits` leaves them
    processes, habits : of the chunk's people
    subscriptions : `visits.subscription` points into them
    died : (n,) first day without each person
    """
    rng = world.rng("receipts", chunk)
    # the value appended is what -1, no subscription, picks
    course = np.append(subscriptions.course, -1)[visits.subscription]
    packs = np.append(subscriptions.packs, 0)[visits.subscription]
    lines = _lines(rng, visits, processes, habits, course, packs)
    goods_8, goods_10 = (lines.total(rate, len(visits)) for rate in (8, 10))
    known = visits.person >= 0
    first = known & (np.diff(visits.person, prepend=-1) != 0)
    status = decide_statuses(rng, visits, first)
    until = np.minimum(np.where(known, died[visits.person], DAYS), DAYS)
    refund_day, refunded = refund_days(rng, visits, status, until)
    at_till = visits.system == POS
    return Receipts(
        visits=visits,
        second=visits.seconds(),
        lines=lines,
        goods_8=goods_8,
        goods_10=goods_10,
        charges=charge(rng, visits, goods_8 + goods_10, course),
        status=np.where(at_till & (visits.day < DAYS) & (status == RETURNED), VALID, status),
        refunded=refunded,
        refund_second=replace(visits, day=refund_day).seconds(),
    )


def _lines(
    rng: np.random.Generator,
    visits: Visits,
    processes: Processes,
    habits: Habits,
    course: np.ndarray,
    packs: np.ndarray,
) -> Lines:
    known = visits.person >= 0
    strangers = SPEND_SHAPE * SPEND_SCALE / rng.standard_gamma(SPEND_MIX, len(visits))
    spend = np.where(known, processes.spend_mean[visits.person], strangers)
    anything = rng.integers(0, len(CATEGORIES), len(visits))
    favourite = np.where(known, habits.category[visits.person], anything)
    goods = draw_goods(rng, spend)
    parcels = np.flatnonzero(visits.system == TEIKI)
    chosen = np.flatnonzero(visits.system != TEIKI)
    baskets = fill_baskets(rng, favourite[chosen], goods[chosen])
    contents = fill_parcels(course[parcels], packs[parcels])
    order = np.concatenate([chosen[baskets.order], parcels[contents.order]])
    by_order = np.argsort(order, kind="stable")
    columns = ("line_no", "product_no", "quantity", "unit_price", "tax_rate")
    joined = {
        name: np.concatenate([getattr(baskets, name), getattr(contents, name)])[by_order]
        for name in columns
    }
    return Lines(order=order[by_order], **joined)
