"""One pass over the sorted events of point accounts: what becomes of every lot.

1. A lot is valid in the half-open [at, expires); what expires at a moment is gone before anything
   else happens at that moment.
2. Points taken that no lot covers become debt, which the next points of the account pay: they
   count as used there.
3. Cancelling a grant takes back what is left of its lot; what had expired of it counts as
   cancelled instead; what was used is clawed back from the account's other lots, else as debt.
   What is cancelled before the lot opens never opens.
4. Giving back a use returns points to the lots they came from, last taken first; of a lot no longer
   valid they expire at once. What no lot is known for comes back as a lot of its own.
5. Lots moved to another account keep expiry and place in the order of consumption.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
NEVER = 2**61  # as a moment of expiry

_EVENT, _ACCOUNT, _EXPIRES, _ORDER, _GRANTED, _USED, _EXPIRED, _CANCELLED, _MOVED, _LEFT, _NEXT = (
    range(11)
)


class Act(IntEnum):
    """What an event does; of one moment, lower ones come first."""

    OPEN = 0  # opens a lot
    UNDO_OPEN = 1  # cancels points of the lot that event `ref` opens
    MOVE_OUT = 2  # takes points for the MOVE_IN that refers to it
    MOVE_IN = 3  # opens what event `ref` took
    USE = 4
    EXPIRE = 5  # takes points that a source says have expired
    GIVE_BACK = 6  # undoes points of what event `ref` took


class Events(NamedTuple):
    """Columns of events, (n,) each, ascending by moment and act within accounts that share moves.

    Attributes
    ----------
    account : from 0
    at : moments, any unit
    act : `Act`
    points : not negative
    expires : first moment at which a lot of the event is no longer valid; `NEVER` for none
    order : lots of lower ones are consumed first, equal ones as they were opened
    ref : position of the event it refers to, −1 for none
    told : 1 where the source tells the expiries of the account: what moves there keeps none
    """

    account: Ints
    at: Ints
    act: Ints
    points: Ints
    expires: Ints
    order: Ints
    ref: Ints
    told: Ints


class Lots(NamedTuple):
    """Lots, (m,) each, and the debt of every account.

    For every lot granted = used + expired + cancelled + transferred + remaining.
    """

    event: Ints  # position of the event that opened it
    account: Ints
    expires: Ints
    granted: Ints
    used: Ints
    expired: Ints
    cancelled: Ints
    transferred: Ints
    remaining: Ints
    debt: Ints  # (accounts,)


def run_lots(events: Events, until: int) -> Lots:
    """Run events through the lots of their accounts.

    Parameters
    ----------
    events : see `Events`
    until : lots that expire up to this moment, included, expire; lots that open after it are
        listed, but pay no debt
    """
    columns = (np.ascontiguousarray(column, dtype=np.int64) for column in events)
    lots, debt = _pass(*columns, until)
    shown = (_EVENT, _ACCOUNT, _EXPIRES, *range(_GRANTED, _LEFT + 1))
    return Lots(*(lots[row] for row in shown), debt)


@njit(nogil=True, cache=True)
def _pass(account, at, act, points, expires, order, ref, told, until):
    n = account.size
    n_accounts = account.max() + 1 if n else 0
    # per account: first lot in order of consumption, debt, the soonest moment a lot may expire
    head, debt = np.full(n_accounts, -1), np.zeros(n_accounts, np.int64)
    soonest = np.full(n_accounts, NEVER)
    lots, n_lots = np.zeros((11, 16), np.int64), 0
    # what events took: lot (−1 for debt) and points; those of event i from taken_of[0, i] on
    taken, n_taken = np.zeros((2, 16), np.int64), 0
    taken_of = np.zeros((2, n), np.int64)
    lot_of, early = np.full(n, -1), np.zeros(n, np.int64)
    for i in range(n):
        of, what, size = account[i], act[i], points[i]
        now = min(at[i], until)
        if soonest[of] <= now:
            _expire(of, now, head, soonest, lots)
        if what == 0:  # OPEN
            lots, n_lots = _new(i, of, expires[i], order[i], size, lots, n_lots)
            lot = lot_of[i] = n_lots - 1
            gone = min(early[i], size)
            lots[_CANCELLED, lot] = gone
            lots[_LEFT, lot] -= gone
            if at[i] <= until:
                _admit(lot, now, head, debt, soonest, lots)
                early[i] -= gone
                taken, n_taken = _take(of, early[i], _USED, False, head, debt, lots, taken, n_taken)
        elif what == 1:  # UNDO_OPEN
            lot = lot_of[ref[i]]
            if lot < 0:
                early[ref[i]] += size
                continue
            gone = min(size, lots[_LEFT, lot])
            lapsed = min(size - gone, lots[_EXPIRED, lot])
            lots[_LEFT, lot] -= gone
            lots[_EXPIRED, lot] -= lapsed
            lots[_CANCELLED, lot] += gone + lapsed
            taken, n_taken = _take(
                of, size - gone - lapsed, _USED, False, head, debt, lots, taken, n_taken
            )
        elif what == 3:  # MOVE_IN
            left = size
            if ref[i] >= 0:
                for k in range(taken_of[0, ref[i]], taken_of[1, ref[i]]):
                    source, part = taken[0, k], min(taken[1, k], left)
                    if source >= 0 and part > 0:
                        ends, place = lots[_EXPIRES, source], lots[_ORDER, source]
                        if told[i]:
                            ends, place = expires[i], order[i]
                        lots, n_lots = _new(i, of, ends, place, part, lots, n_lots)
                        _admit(n_lots - 1, now, head, debt, soonest, lots)
                        left -= part
            if left > 0:
                lots, n_lots = _new(i, of, expires[i], order[i], left, lots, n_lots)
                _admit(n_lots - 1, now, head, debt, soonest, lots)
        elif what == 6:  # GIVE_BACK
            left = size
            bucket = _EXPIRED if act[ref[i]] == 5 else _USED
            for k in range(taken_of[1, ref[i]] - 1, taken_of[0, ref[i]] - 1, -1):
                lot, part = taken[0, k], min(taken[1, k], left)
                if lot < 0:
                    part = min(part, debt[of])
                    debt[of] -= part
                else:
                    # what a later cancellation counted as cancelled is no longer there to return
                    part = min(part, lots[bucket, lot])
                    lots[bucket, lot] -= part
                    lots[_LEFT, lot] += part
                    _admit(lot, now, head, debt, soonest, lots)
                taken[1, k] -= part
                left -= part
            if left > 0:
                lots, n_lots = _new(i, of, expires[i], order[i], left, lots, n_lots)
                _admit(n_lots - 1, now, head, debt, soonest, lots)
        else:  # MOVE_OUT, USE, EXPIRE
            bucket = _MOVED if what == 2 else _EXPIRED if what == 5 else _USED
            taken_of[0, i] = n_taken
            taken, n_taken = _take(of, size, bucket, True, head, debt, lots, taken, n_taken)
            taken_of[1, i] = n_taken
    for of in range(n_accounts):
        _expire(of, until, head, soonest, lots)
    return lots[:, :n_lots], debt


@njit(nogil=True, cache=True)
def _new(event, account, expires, order, size, lots, n_lots):
    lots = _with_room(lots, n_lots)
    lots[:, n_lots] = 0
    lots[_EVENT, n_lots], lots[_ACCOUNT, n_lots] = event, account
    lots[_EXPIRES, n_lots], lots[_ORDER, n_lots] = expires, order
    lots[_GRANTED, n_lots] = lots[_LEFT, n_lots] = size
    return lots, n_lots + 1


@njit(nogil=True, cache=True)
def _with_room(table, size):
    """The table, twice as wide if it is full."""
    if size < table.shape[1]:
        return table
    wider = np.zeros((table.shape[0], 2 * size), np.int64)
    wider[:, :size] = table
    return wider


@njit(nogil=True, cache=True)
def _admit(lot, now, head, debt, soonest, lots):
    """Let what is left of a lot expire if it is due, else pay debt and stand in line."""
    if lots[_EXPIRES, lot] <= now:
        lots[_EXPIRED, lot] += lots[_LEFT, lot]
        lots[_LEFT, lot] = 0
        return
    of = lots[_ACCOUNT, lot]
    paid = min(lots[_LEFT, lot], debt[of])
    debt[of] -= paid
    lots[_USED, lot] += paid
    lots[_LEFT, lot] -= paid
    before, here = -1, head[of]
    while here >= 0 and here != lot and (lots[_ORDER, here], here) < (lots[_ORDER, lot], lot):
        before, here = here, lots[_NEXT, here]
    if here == lot or lots[_LEFT, lot] == 0:
        return
    lots[_NEXT, lot] = here
    if before < 0:
        head[of] = lot
    else:
        lots[_NEXT, before] = lot
    soonest[of] = min(soonest[of], lots[_EXPIRES, lot])


@njit(nogil=True, cache=True)
def _expire(account, now, head, soonest, lots):
    """Drop the lots of an account that are no longer valid, and those that are empty."""
    before, here = -1, head[account]
    soonest[account] = NEVER
    while here >= 0:
        after = lots[_NEXT, here]
        if lots[_EXPIRES, here] <= now:
            lots[_EXPIRED, here] += lots[_LEFT, here]
            lots[_LEFT, here] = 0
        if lots[_LEFT, here] > 0:
            before = here
            soonest[account] = min(soonest[account], lots[_EXPIRES, here])
        elif before < 0:
            head[account] = after
        else:
            lots[_NEXT, before] = after
        here = after


@njit(nogil=True, cache=True)
def _take(account, size, bucket, noted, head, debt, lots, taken, n_taken):
    """Take points from the lots in line into a column of theirs, what they lack as debt."""
    here = head[account]
    while size > 0 and here >= 0:
        part = min(size, lots[_LEFT, here])
        lots[bucket, here] += part
        lots[_LEFT, here] -= part
        size -= part
        if noted and part > 0:
            taken = _with_room(taken, n_taken)
            taken[0, n_taken], taken[1, n_taken] = here, part
            n_taken += 1
        if lots[_LEFT, here] == 0:
            here = lots[_NEXT, here]
            head[account] = here
    debt[account] += size
    if noted and size > 0:
        taken = _with_room(taken, n_taken)
        taken[0, n_taken], taken[1, n_taken] = -1, size
        n_taken += 1
    return taken, n_taken
