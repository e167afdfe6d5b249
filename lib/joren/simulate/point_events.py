"""What happens on the accounts of the two point programmes, before balances are known.

1. One point for every full 100 yen of an order's amount: after discounts, before points.
2. Card (`pos`): points come with the sale and are valid for 12 months to the second. A return takes
   back what was granted in proportion, and a return of the whole order gives back what was used.
3. Web store (`web`): points come with the order and are valid to the end of the 180th day after.
   A cancelled order's grant is cancelled and its points are given back; of a returned order's
   grant the whole or a part is cancelled. A pending order uses points and earns none yet.
4. At an order of theirs, SPEND_SHARE of the members want to use points: half of them all they can,
   the others up to a share of the amount; whole hundreds, never more than the amount.
5. Point campaigns grant points of their own, shorter validity to everybody treated, on the card if
   they hold one, else on the web account.
6. Now and then staff correct a balance; the web store gives points for goodwill; and of somebody's
   two web accounts the older is sometimes joined to the newer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from joren.simulate.lot_kernel import Act, Ints
from joren.simulate.world import DAY

YEN_PER_POINT = 100
CARD_MONTHS = 12
WEB_DAYS = 180
SPEND_SHARE = 0.4
CORRECTION_SHARE = 0.003  # of sales
GOODWILL_SHARE, GOODWILL_DAYS = 0.005, 90  # of web orders
JOINED_SHARE = 0.5  # of people with two web accounts


class Cause(IntEnum):
    """Why an event is in a ledger."""

    USED = 0
    EARNED = 1
    RETURN_TAKES = 2
    RETURN_GIVES = 3
    CAMPAIGN = 4
    CORRECTION = 5
    GOODWILL = 6
    CANCELLED = 7
    JOINED = 8
    SHOWN = 9
    EXPIRED = 10


class Orders(NamedTuple):
    """Orders of members of one programme; (n,) each, in a stable order."""

    row: Ints  # the caller's row number
    account: Ints
    at: Ints  # seconds
    amount: Ints
    status: np.ndarray  # words
    refund_of: Ints  # position in this table of the order that a refund refunds, −1 for none


class Grants(NamedTuple):
    """Campaign grants of one programme."""

    account: Ints
    at: Ints
    campaign: Ints
    points: Ints
    expires: Ints


@dataclass
class Events:
    """Columns of events, collected in parts; an event is known by its position."""

    size: int = 0
    parts: dict[str, list[Ints]] = field(default_factory=dict)

    def add(
        self, cause: Cause, act: Act, account: Ints, at: Ints, points: Ints | int = 0, *,
        expires: Ints | int = 0, ref: Ints | int = -1, row: Ints | int = -1, seq: int = 0,
        campaign: Ints | int = -1,
    ) -> Ints:  # fmt: skip
        """Add events of one kind; returns their positions."""
        values = {
            "cause": cause, "act": act, "account": account, "at": at, "points": points,
            "expires": expires, "ref": ref, "row": row, "seq": seq, "campaign": campaign,
        }  # fmt: skip
        for name, value in values.items():
            column = np.broadcast_to(np.asarray(value, np.int64), (len(account),))
            self.parts.setdefault(name, []).append(column)
        self.size += len(account)
        return np.arange(self.size - len(account), self.size)

    def columns(self) -> dict[str, Ints]:
        """All events, in the order in which they were added."""
        return {name: np.concatenate(parts) for name, parts in self.parts.items()}


def card_events(orders: Orders, grants: Grants, rng: np.random.Generator, end: int) -> Events:
    """The events of the card programme up to `end`, the moment after the last observed second."""
    events = Events()
    sale = (orders.status == "valid") & (orders.amount > 0) & (orders.refund_of < 0)
    spends = _spend(events, orders, sale, rng)
    earned = points_for(orders.amount)
    _earn(events, orders, sale, earned, after_months(orders.at, CARD_MONTHS))
    refund = (orders.status == "valid") & (orders.refund_of >= 0)
    refund &= sale[orders.refund_of] & (orders.account[orders.refund_of] == orders.account)
    first = orders.refund_of
    taken = np.minimum(points_for(-orders.amount), earned[first])
    _at(events, orders, refund, Cause.RETURN_TAKES, Act.TAKE, taken, seq=1)
    whole = refund & (-orders.amount >= orders.amount[first]) & (spends[first] >= 0)
    until = after_months(orders.at, CARD_MONTHS)
    _at(events, orders, whole, Cause.RETURN_GIVES, Act.GIVE_BACK, 0,
        expires=until, ref=spends[first])  # fmt: skip
    _at(events, orders, ~sale & ~refund, Cause.SHOWN, Act.LOOK, 0)
    _campaign(events, grants)
    _correct(events, orders, sale, rng, end)
    return events


def web_events(
    orders: Orders, grants: Grants, opened: Ints, pairs: Ints, rng: np.random.Generator, end: int
) -> Events:
    """The events of the web store's programme up to `end`.

    Parameters
    ----------
    opened : (n_accounts,) when each account was opened
    pairs : (n, 2) the older and the newer of somebody's two accounts
    """
    events = Events()
    spends = _spend(events, orders, orders.amount > 0, rng)
    settled = (orders.amount > 0) & (orders.status != "pending")
    earned = points_for(orders.amount)
    grant_of = _earn(events, orders, settled, earned, last_day_over(orders.at, WEB_DAYS))
    undone = np.minimum(orders.at + rng.integers(3_600, 14 * DAY, len(orders.at)), end - 1)
    part = np.where(rng.random(len(undone)) < 0.5, 1.0, rng.uniform(0.3, 1.0, len(undone)))
    part[orders.status == "cancelled"] = 1.0
    lost = np.floor(earned * part).astype(np.int64)
    ends = np.isin(orders.status, ("cancelled", "returned")) & (grant_of >= 0)
    _at(events, orders, ends, Cause.CANCELLED, Act.CANCEL, lost, at=undone, ref=grant_of, seq=2)
    gives = (orders.status == "cancelled") & (spends >= 0)
    _at(events, orders, gives, Cause.RETURN_GIVES, Act.GIVE_BACK, 0, at=undone, ref=spends, seq=3,
        expires=last_day_over(undone, WEB_DAYS))  # fmt: skip
    _campaign(events, grants)
    _correct(events, orders, settled, rng, end)
    _goodwill(events, orders, settled, rng, end)
    _join(events, opened, pairs, rng, end)
    return events


def points_for(amount: Ints) -> Ints:
    """Points that an amount earns; none for a negative one."""
    return np.maximum(amount, 0) // YEN_PER_POINT


def after_months(at: Ints, months: int) -> Ints:
    """The same day and time some months later (the month's last day where there is no such day)."""
    moment = at.astype("datetime64[s]")
    month = moment.astype("datetime64[M]")
    into = moment - month
    later = month + np.timedelta64(months, "M")
    length = (later + np.timedelta64(1, "M")).astype("datetime64[s]") - later
    clock = into % np.timedelta64(1, "D")
    last = length.astype("timedelta64[s]") - np.timedelta64(1, "D") + clock
    return (later.astype("datetime64[s]") + np.minimum(into, last)).astype(np.int64)


def last_day_over(at: Ints, days: int) -> Ints:
    """The midnight after the last valid day, which lies `days` days after the day of `at`."""
    return (at // DAY + days + 1) * DAY


def _at(
    events: Events, orders: Orders, chosen: np.ndarray, cause: Cause, act: Act, points: Ints | int,
    *, at: Ints | None = None, expires: Ints | int = 0, ref: Ints | int = -1, seq: int = 0,
) -> Ints:  # fmt: skip
    """Add an event for each chosen order; returns each order's event, −1 for none."""

    def of_chosen(values):
        return values[chosen] if isinstance(values, np.ndarray) else values

    positions = np.full(len(orders.at), -1)
    positions[chosen] = events.add(
        cause, act, orders.account[chosen], of_chosen(orders.at if at is None else at),
        of_chosen(points), expires=of_chosen(expires), ref=of_chosen(ref), seq=seq,
        row=orders.row[chosen],
    )  # fmt: skip
    return positions


def _spend(events: Events, orders: Orders, may: np.ndarray, rng: np.random.Generator) -> Ints:
    n = len(orders.at)
    wants = rng.random(n) < SPEND_SHARE
    share = np.where(rng.random(n) < 0.5, 1.0, rng.random(n))
    limit = np.floor(np.maximum(orders.amount, 0) * share).astype(np.int64)
    return _at(events, orders, may & wants, Cause.USED, Act.SPEND, limit)


def _earn(events: Events, orders: Orders, who: np.ndarray, earned: Ints, until: Ints) -> Ints:
    return _at(events, orders, who, Cause.EARNED, Act.GRANT, earned, expires=until, seq=1)


def _campaign(events: Events, grants: Grants) -> None:
    events.add(
        Cause.CAMPAIGN, Act.GRANT, grants.account, grants.at, grants.points,
        expires=grants.expires, campaign=grants.campaign, seq=4,
    )  # fmt: skip


def _some_days_later(
    orders: Orders, who: np.ndarray, share: float, rng: np.random.Generator, end: int
) -> tuple[np.ndarray, Ints]:
    """A share of the orders, and a moment in shop hours within two months of each."""
    n = len(orders.at)
    day = orders.at // DAY + rng.integers(1, 61, n)
    moment = day * DAY + rng.integers(10 * 3600, 20 * 3600, n)
    return who & (rng.random(n) < share) & (moment < end), moment


def _correct(
    events: Events, orders: Orders, who: np.ndarray, rng: np.random.Generator, end: int
) -> None:
    chosen, moment = _some_days_later(orders, who, CORRECTION_SHARE, rng, end)
    points = 10 * rng.integers(1, 11, len(moment))
    events.add(
        Cause.CORRECTION, Act.CORRECT, orders.account[chosen], moment[chosen], points[chosen], seq=4
    )


def _goodwill(
    events: Events, orders: Orders, who: np.ndarray, rng: np.random.Generator, end: int
) -> None:
    chosen, moment = _some_days_later(orders, who, GOODWILL_SHARE, rng, end)
    points = rng.choice([100, 200, 300, 500], len(moment))
    events.add(
        Cause.GOODWILL, Act.GRANT, orders.account[chosen], moment[chosen], points[chosen],
        expires=last_day_over(moment, GOODWILL_DAYS)[chosen], seq=4,
    )  # fmt: skip


def _join(events: Events, opened: Ints, pairs: Ints, rng: np.random.Generator, end: int) -> None:
    """Move what is left on an older account to the newer one, after all that happens on it."""
    columns = events.columns()
    last = opened.copy()
    np.maximum.at(last, columns["account"], columns["at"])
    older, newer = pairs[:, 0], pairs[:, 1]
    day = np.maximum(last[older], opened[newer]) // DAY + rng.integers(1, 31, len(pairs))
    moment = day * DAY + rng.integers(10 * 3600, 20 * 3600, len(pairs))
    joined = (rng.random(len(pairs)) < JOINED_SHARE) & (moment < end)
    for account, act in ((older, Act.MOVE_OUT), (newer, Act.MOVE_IN)):
        events.add(Cause.JOINED, act, account[joined], moment[joined], seq=5)
