"""One pass over the sorted events of point accounts that decides what is used and what expires.

Lots are valid in the half-open [granted, expires) and are consumed nearest expiry first, equal
expiries in the order in which they came. Whatever expires at a moment is gone before anything else
happens at that moment. Points taken that no lot covers become debt, which the next lots pay (they
count as used there), so an account never holds lots and debt at once.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
UNIT = 100  # points are spent by whole hundreds


class Act(IntEnum):
    """What an event does; `points` and `ref` are those of the event."""

    GRANT = 0  # adds a lot of `points`
    SPEND = 1  # uses whole hundreds up to `points` and the balance
    TAKE = 2  # takes `points`, into debt where the balance does not reach
    CORRECT = 3  # takes `points`, at most the balance
    CANCEL = 4  # takes `points` of the lot of event `ref`; what is used of it, as TAKE does
    GIVE_BACK = 5  # adds a lot of what event `ref` spent
    MOVE_OUT = 6  # empties the account for the MOVE_IN that follows
    MOVE_IN = 7  # adds the lots moved out last, with their expiries
    LOOK = 8  # does nothing; shows the balance


class Kept(NamedTuple):
    """What the pass decided: per event, per lot, and the expiries it found (all int64)."""

    moved: Ints  # per event, points given or taken
    before: Ints  # per event, balance (lots − debt) before it
    after: Ints  # per event, balance after it
    lot_event: Ints  # the event that made the lot
    lot_origin: Ints  # the lot it was moved from, −1 for none
    lot_expires: Ints
    granted: Ints
    used: Ints
    expired: Ints
    cancelled: Ints
    transferred: Ints
    remaining: Ints
    expiry_account: Ints
    expiry_at: Ints
    expiry_points: Ints
    expiry_after: Ints  # balance after the expiry


def keep_lots(
    account: Ints, at: Ints, act: Ints, points: Ints, expires: Ints, ref: Ints, end: int
) -> Kept:
    """Run the events of many accounts through their lots.

    Parameters
    ----------
    account : (n,) ascending; of two joined accounts, the one that is emptied directly before the
        other
    at : (n,) moments, ascending within an account, any unit
    act : (n,) `Act`
    points : (n,) not negative
    expires : (n,) first moment at which the lot of a GRANT or GIVE_BACK is no longer valid
    ref : (n,) index of an earlier event of the account, −1 for none
    end : lots that expire up to this moment, included, expire in the pass

    Returns
    -------
    Kept; for every lot granted = used + expired + cancelled + transferred + remaining

    Raises
    ------
    ValueError if the events are not sorted by account and moment, or an account passes on what was
    moved into it
    """
    earlier = (account[1:] < account[:-1]) | ((account[1:] == account[:-1]) & (at[1:] < at[:-1]))
    if earlier.any():
        raise ValueError("events must be sorted by account and moment")
    if np.intersect1d(account[act == Act.MOVE_IN], account[act == Act.MOVE_OUT]).size:
        raise ValueError("an account that received lots may not pass them on")
    makes_lot = int(np.isin(act, (Act.GRANT, Act.GIVE_BACK)).sum())
    moves = int((act == Act.MOVE_IN).any())
    columns = (account, at, act, points, expires, ref)
    as_ints = (np.ascontiguousarray(column, dtype=np.int64) for column in columns)
    return Kept(*_pass(*as_ints, end, makes_lot * (1 + moves)))


@njit(nogil=True, cache=True)
def _pass(account, at, act, points, expires, ref, end, most_lots):
    n = account.size
    moved, before, after = np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n, np.int64)
    lot_of = np.full(n, -1)
    # event, origin, expires, granted, used, expired, cancelled, transferred, remaining
    lots = np.zeros((9, most_lots), np.int64)
    lots[1] = -1
    expiries = np.zeros((4, most_lots), np.int64)
    live = np.empty(most_lots, np.int64)
    carried = np.empty(most_lots, np.int64)
    n_lots = n_expiries = n_carried = first = last = 0
    balance = debt = 0
    for i in range(n):
        if i == 0 or account[i] != account[i - 1]:
            first = last = balance = debt = 0
        first, balance, n_expiries = _expire(
            account[i], at[i], live, first, last, lots, balance, debt, expiries, n_expiries
        )
        before[i] = balance - debt
        what = act[i]
        if what == 0 or what == 5:  # GRANT, GIVE_BACK
            size = points[i] if what == 0 else moved[ref[i]]
            moved[i] = size
            if size > 0:
                lot_of[i] = n_lots
                last, balance, debt = _add(
                    n_lots, i, -1, expires[i], size, live, first, last, lots, balance, debt
                )
                n_lots += 1
        elif what == 1:  # SPEND
            moved[i] = min(points[i], balance) // UNIT * UNIT
            first = _consume(moved[i], live, first, last, lots)
            balance -= moved[i]
        elif what == 2 or what == 3:  # TAKE, CORRECT
            moved[i] = points[i] if what == 2 else min(points[i], balance)
            covered = min(moved[i], balance)
            first = _consume(covered, live, first, last, lots)
            balance -= covered
            debt += moved[i] - covered
        elif what == 4:  # CANCEL
            moved[i] = points[i]
            lot = lot_of[ref[i]]
            whole = 0 if lot < 0 else min(points[i], lots[8, lot])
            if whole > 0:
                lots[6, lot] += whole
                lots[8, lot] -= whole
            balance -= whole
            covered = min(points[i] - whole, balance)
            first = _consume(covered, live, first, last, lots)
            balance -= covered
            debt += points[i] - whole - covered
        elif what == 6:  # MOVE_OUT
            n_carried = 0
            for k in range(first, last):
                lot = live[k]
                if lots[8, lot] > 0:
                    lots[7, lot] += lots[8, lot]
                    lots[8, lot] = 0
                    carried[n_carried] = lot
                    n_carried += 1
            moved[i] = balance
            balance, first = 0, last
        elif what == 7:  # MOVE_IN
            for k in range(n_carried):
                lot = carried[k]
                moved[i] += lots[7, lot]
                last, balance, debt = _add(
                    n_lots, i, lot, lots[2, lot], lots[7, lot], live, first, last, lots,
                    balance, debt,
                )  # fmt: skip
                n_lots += 1
            n_carried = 0
        after[i] = balance - debt
        if i == n - 1 or account[i + 1] != account[i]:
            first, balance, n_expiries = _expire(
                account[i], end, live, first, last, lots, balance, debt, expiries, n_expiries
            )
    kept, found = lots[:, :n_lots], expiries[:, :n_expiries]
    return (
        moved, before, after, kept[0], kept[1], kept[2], kept[3], kept[4], kept[5], kept[6],
        kept[7], kept[8], found[0], found[1], found[2], found[3],
    )  # fmt: skip


@njit(nogil=True, cache=True)
def _expire(account, until, live, first, last, lots, balance, debt, expiries, n_expiries):
    """Drop lots that are no longer valid at `until`: one expiry per account and moment."""
    while first < last and lots[2, live[first]] <= until:
        moment = lots[2, live[first]]
        lost = 0
        while first < last and lots[2, live[first]] == moment:
            lot = live[first]
            lost += lots[8, lot]
            lots[5, lot] += lots[8, lot]
            lots[8, lot] = 0
            first += 1
        if lost > 0:
            balance -= lost
            expiries[0, n_expiries] = account
            expiries[1, n_expiries] = moment
            expiries[2, n_expiries] = lost
            expiries[3, n_expiries] = balance - debt
            n_expiries += 1
    return first, balance, n_expiries


@njit(nogil=True, cache=True)
def _add(lot, event, origin, expires, size, live, first, last, lots, balance, debt):
    """Put a lot behind those that expire no later; it pays debt first."""
    paid = min(size, debt)
    lots[0, lot], lots[1, lot], lots[2, lot] = event, origin, expires
    lots[3, lot], lots[4, lot], lots[8, lot] = size, paid, size - paid
    k = last
    while k > first and lots[2, live[k - 1]] > expires:
        live[k] = live[k - 1]
        k -= 1
    live[k] = lot
    return last + 1, balance + size - paid, debt - paid


@njit(nogil=True, cache=True)
def _consume(size, live, first, last, lots):
    """Use `size` points of the live lots, which hold as many, nearest expiry first."""
    while size > 0 and first < last:
        lot = live[first]
        part = min(size, lots[8, lot])
        lots[4, lot] += part
        lots[8, lot] -= part
        size -= part
        if lots[8, lot] == 0:
            first += 1
    return first
