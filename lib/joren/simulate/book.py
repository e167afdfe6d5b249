"""A point programme's book: its events run through the lots, and the postings that result.

A posting is one signed movement of points on one account; the postings of an account sum to its
balance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from joren.simulate.lot_kernel import Act, Ints, Kept, keep_lots
from joren.simulate.point_events import Cause, Events

_SIGN = {
    Act.GRANT: 1, Act.GIVE_BACK: 1, Act.SPEND: -1, Act.TAKE: -1, Act.CORRECT: -1, Act.CANCEL: -1,
}  # fmt: skip


class Postings(NamedTuple):
    """(n,) each, ordered by account, moment and, within one moment, as they happened."""

    account: Ints
    at: Ints
    cause: Ints
    delta: Ints  # what it adds to the balance
    after: Ints  # balance after it
    event: Ints  # −1 for expiries and moves
    lot: Ints  # of a move, the lot that arrives; else −1
    expires: Ints  # of what adds a lot; else −1


@dataclass(frozen=True)
class Book:
    """One programme of one chunk of people.

    Attributes
    ----------
    events : columns of `Events`, in the order in which they happened
    kept : what the pass over them decided
    postings : the movements
    """

    events: dict[str, Ints]
    kept: Kept
    postings: Postings

    def posting_of_lot(self) -> Ints:
        """(n_lots,) the posting that made each lot."""
        of_event = np.full(len(self.kept.moved), -1)
        real = self.postings.event >= 0
        of_event[self.postings.event[real]] = np.flatnonzero(real)
        of_lot = of_event[self.kept.lot_event]
        arrives = (self.postings.lot >= 0) & (self.postings.delta > 0)
        of_lot[self.postings.lot[arrives]] = np.flatnonzero(arrives)
        return of_lot

    def posting_of_ref(self) -> Ints:
        """(n_postings,) the posting that a cancellation reverses, −1 for the others."""
        of_event = np.full(len(self.kept.moved) + 1, -1)
        real = self.postings.event >= 0
        of_event[self.postings.event[real]] = np.flatnonzero(real)
        ref = np.where(real, self.events["ref"][self.postings.event], -1)
        ref[self.postings.cause != Cause.CANCELLED] = -1
        return of_event[ref]


def keep_book(events: Events, joined: Ints, end: int) -> Book:
    """Run a programme's events through its lots.

    Parameters
    ----------
    events : in any order
    joined : (n_accounts,) the account that each account's points may move to, −1 for none
    end : lots that expire before this moment expire in the book
    """
    columns = events.columns()
    # an account that is emptied must come directly before the one that receives
    rank = 2 * np.arange(len(joined))
    gives = np.flatnonzero(joined >= 0)
    rank[gives] = 2 * joined[gives] - 1
    order = np.lexsort((columns["seq"], columns["row"], columns["at"], rank[columns["account"]]))
    place = np.empty(len(order) + 1, np.int64)
    place[order] = np.arange(len(order))
    place[-1] = -1
    columns = {name: values[order] for name, values in columns.items()}
    columns["ref"] = place[columns["ref"]]
    kept = keep_lots(
        rank[columns["account"]], columns["at"], columns["act"], columns["points"],
        columns["expires"], columns["ref"], end - 1,
    )  # fmt: skip
    account_of = np.full(2 * len(joined) + 1, -1)
    account_of[rank] = np.arange(len(joined))
    return Book(columns, kept, _postings(columns, kept, account_of))


def _postings(columns: dict[str, Ints], kept: Kept, account_of: Ints) -> Postings:
    sign = np.array([_SIGN.get(act, 0) for act in Act])[columns["act"]]
    real = np.flatnonzero((kept.moved > 0) & (sign != 0))
    lots = np.flatnonzero(kept.lot_origin >= 0)
    arrival = kept.lot_event[lots]
    giver = columns["account"][kept.lot_event[kept.lot_origin[lots]]]
    size = kept.granted[lots]
    total = np.cumsum(size) - size
    first = np.searchsorted(arrival, arrival)  # lots of one arrival stand together
    into = total - total[first] + size
    none = np.full(len(lots), -1)
    parts = [
        (
            columns["account"][real], columns["at"][real], real, columns["cause"][real],
            (kept.moved * sign)[real], kept.after[real], real, np.full(len(real), -1),
            np.where(sign > 0, columns["expires"], -1)[real],
        ),
        (
            account_of[kept.expiry_account], kept.expiry_at, np.full(len(kept.expiry_at), -1),
            np.full(len(kept.expiry_at), Cause.EXPIRED), -kept.expiry_points, kept.expiry_after,
            *(np.full(len(kept.expiry_at), -1) for _ in range(3)),
        ),
        (
            giver, columns["at"][arrival], len(sign) + lots, np.full(len(lots), Cause.JOINED),
            -size, _left(arrival, size, into), none, lots, none,
        ),
        (
            columns["account"][arrival], columns["at"][arrival], len(sign) + lots,
            np.full(len(lots), Cause.JOINED), size, kept.before[arrival] + into, none, lots,
            kept.lot_expires[lots],
        ),
    ]  # fmt: skip
    account, at, turn, cause, delta, after, event, lot, expires = (
        np.concatenate(column).astype(np.int64) for column in zip(*parts, strict=True)
    )
    order = np.lexsort((turn, at, account))
    columns_ = (account, at, cause, delta, after, event, lot, expires)
    return Postings(*(column[order] for column in columns_))


def _left(arrival: Ints, size: Ints, into: Ints) -> Ints:
    """What is left on the emptied account after each of its lots has gone."""
    whole = np.zeros(arrival.max(initial=-1) + 1, np.int64)
    np.add.at(whole, arrival, size)
    return whole[arrival] - into
