"""The compiled part of `lot_pass`: lots in a table, those of an account in line by next lot.

All of it stands in one file, since compiled code is kept until the file of the function changes.
"""

from __future__ import annotations

import numpy as np
from numba import njit

NEVER = 2**61  # as a moment of expiry
_DAY = 86_400_000_000

# columns of a lot; the first are those of `lot_pass.KINDS`
GRANTED, USED, EXPIRED, CANCELLED, MOVED, LEFT = range(6)
EVENT, ACCOUNT, DUE, ORDER, NEXT, CHAIN, CELL, COLUMNS = range(6, 14)
# of an account: first lot in line, debt, the soonest moment at which a lot lapses, its chain
HEAD, DEBT, SOONEST, SLIDING = range(4)


@njit(nogil=True, cache=True)
def run(
    account, at, act, points, due, order, ref, slides, until, months, told, by_due,
    watched, n_lots, lots, n_taken, taken, numbered, noted, accounts, flows, after,
):  # fmt: skip
    base = len(numbered) - len(account)
    lapses, n_lapses = np.zeros((16, 3), np.int64), 0
    for i in range(len(account)):
        me, of, what, size = base + i, account[i], act[i], points[i]
        numbered[me, 0] = what
        now = min(at[i], until)
        month = np.searchsorted(months, now, "right") - 1
        if accounts[of, SOONEST] <= now:
            n_lapses, lapses = _expire(
                of, now, watched, accounts, lots, months, flows, n_lapses, lapses
            )
        if what == 0:  # OPEN
            lots, n_lots = _new(me, of, at[i], due[i], order[i], size, month, lots, n_lots, flows)
            lot = numbered[me, 1] = n_lots - 1
            gone = min(numbered[me, 2], size)
            lots[lot, CANCELLED] = gone
            lots[lot, LEFT] -= gone
            if at[i] > until:  # nothing of it has moved yet
                flows[lots[lot, CELL], month, GRANTED] -= size
                lots[lot, CELL] = -1
                continue
            if slides[i]:
                _slide(lot, now, by_due, told, accounts, lots)
            flows[lots[lot, CELL], month, CANCELLED] += gone
            _admit(lot, now, month, by_due, told, accounts, lots, flows)
            short = numbered[me, 2] - gone
            numbered[me, 2] = 0
            _take(of, short, USED, False, month, accounts, lots, flows, n_taken, taken)
        elif what == 1:  # UNDO_OPEN
            lot = numbered[ref[i], 1]
            if lot < 0:
                numbered[ref[i], 2] += size
                continue
            gone = min(size, lots[lot, LEFT])
            lapsed = min(size - gone, lots[lot, EXPIRED])
            lots[lot, LEFT] -= gone
            _move(lot, EXPIRED, -lapsed, month, lots, flows)
            _move(lot, CANCELLED, gone + lapsed, month, lots, flows)
            short = size - gone - lapsed
            _take(of, short, USED, False, month, accounts, lots, flows, n_taken, taken)
        elif what == 3:  # MOVE_IN
            left = size
            if ref[i] >= 0:
                for k in range(numbered[ref[i], 3], numbered[ref[i], 4]):
                    source, part = taken[k, 0], min(taken[k, 1], left)
                    if source >= 0 and part > 0:
                        ends, place = _due(source, lots), _place(source, by_due, lots)
                        lots, n_lots = _new(
                            me, of, at[i], ends, place, part, month, lots, n_lots, flows
                        )
                        _admit(n_lots - 1, now, month, by_due, told, accounts, lots, flows)
                        left -= part
            if left > 0:
                lots, n_lots = _new(
                    me, of, at[i], due[i], order[i], left, month, lots, n_lots, flows
                )
                _admit(n_lots - 1, now, month, by_due, told, accounts, lots, flows)
        elif what == 6:  # GIVE_BACK
            left, source = size, ref[i]
            bucket = EXPIRED if numbered[source, 0] == 5 else USED
            for k in range(numbered[source, 4] - 1, numbered[source, 3] - 1, -1):
                lot, part = taken[k, 0], min(taken[k, 1], left)
                if lot < 0:
                    part = min(part, accounts[of, DEBT])
                    accounts[of, DEBT] -= part
                    flows[-1, month, 0] -= part
                else:
                    # what a later cancellation counted as cancelled is no longer there to return
                    part = min(part, lots[lot, bucket])
                    lots[lot, LEFT] += part
                    _move(lot, bucket, -part, month, lots, flows)
                    _admit(lot, now, month, by_due, told, accounts, lots, flows)
                taken[k, 1] -= part
                left -= part
            if left > 0:
                lots, n_lots = _new(
                    me, of, at[i], due[i], order[i], left, month, lots, n_lots, flows
                )
                _admit(n_lots - 1, now, month, by_due, told, accounts, lots, flows)
        else:  # MOVE_OUT, USE, EXPIRE
            bucket = MOVED if what == 2 else EXPIRED if what == 5 else USED
            numbered[me, 3] = n_taken
            n_taken, taken = _take(
                of, size, bucket, noted[me], month, accounts, lots, flows, n_taken, taken
            )
            numbered[me, 4] = n_taken
        if watched[of]:
            after[i] = _balance(of, accounts, lots)
    for of in range(len(accounts)):
        if accounts[of, SOONEST] <= until:
            n_lapses, lapses = _expire(
                of, until, watched, accounts, lots, months, flows, n_lapses, lapses
            )
    return n_lots, n_taken, lots, taken, lapses[:n_lapses]


@njit(nogil=True, cache=True)
def _new(event, account, at, due, order, size, month, lots, n_lots, flows):
    lots = _with_room(lots, n_lots)
    days = (due - at) // _DAY
    validity = 4
    if due < NEVER:
        validity = 0 if days <= 31 else 1 if days <= 92 else 2 if days <= 366 else 3
    lots[n_lots, :] = 0
    lots[n_lots, EVENT], lots[n_lots, ACCOUNT] = event, account
    lots[n_lots, DUE], lots[n_lots, ORDER] = due, order
    lots[n_lots, CHAIN], lots[n_lots, CELL] = -1, 5 * month + validity
    lots[n_lots, LEFT] = size
    _move(n_lots, GRANTED, size, month, lots, flows)
    return lots, n_lots + 1


@njit(nogil=True, cache=True)
def _with_room(table, size):
    """The table, twice as long if it is full."""
    if size < len(table):
        return table
    longer = np.zeros((2 * size, table.shape[1]), np.int64)
    longer[:size] = table
    return longer


@njit(nogil=True, cache=True)
def _move(lot, kind, size, month, lots, flows):
    """Count points of a lot as of a kind, in a month."""
    lots[lot, kind] += size
    flows[lots[lot, CELL], month, kind] += size


@njit(nogil=True, cache=True)
def _due(lot, lots):
    """When a lot is due: of a chain, its first lot knows."""
    chain = lots[lot, CHAIN]
    return lots[lot if chain < 0 else chain, DUE]


@njit(nogil=True, cache=True)
def _slide(lot, now, by_due, told, accounts, lots):
    """Let a lot join the account's chain and put it off, or begin a new one."""
    of = lots[lot, ACCOUNT]
    chain = accounts[of, SLIDING]
    if chain < 0 or lots[chain, DUE] <= now:
        accounts[of, SLIDING] = lots[lot, CHAIN] = lot
        return
    lots[lot, CHAIN] = chain
    lots[chain, DUE] = max(lots[chain, DUE], lots[lot, DUE])
    if by_due:
        lots[chain, ORDER] = lots[lot, ORDER]
    here = accounts[of, HEAD]
    accounts[of, HEAD], accounts[of, SOONEST] = -1, NEVER
    while here >= 0:  # everybody lines up again
        after = lots[here, NEXT]
        if lots[here, LEFT] > 0:
            _line_up(here, by_due, accounts, lots)
            if not told[of]:
                accounts[of, SOONEST] = min(accounts[of, SOONEST], _due(here, lots))
        here = after


@njit(nogil=True, cache=True)
def _place(lot, by_due, lots):
    """A lot's place in the order of consumption: of a chain, its first lot knows."""
    chain = lots[lot, CHAIN]
    return lots[chain if by_due and chain >= 0 else lot, ORDER]


@njit(nogil=True, cache=True)
def _line_up(lot, by_due, accounts, lots):
    """Put a lot in its account's line, unless it stands there."""
    of, mine = lots[lot, ACCOUNT], (_place(lot, by_due, lots), lot)
    before, here = -1, accounts[of, HEAD]
    while here >= 0 and here != lot and (_place(here, by_due, lots), here) < mine:
        before, here = here, lots[here, NEXT]
    if here == lot:
        return
    lots[lot, NEXT] = here
    if before < 0:
        accounts[of, HEAD] = lot
    else:
        lots[before, NEXT] = lot


@njit(nogil=True, cache=True)
def _admit(lot, now, month, by_due, told, accounts, lots, flows):
    """Let what is left of a lot expire if it is due, else pay debt and stand in line."""
    of, due = lots[lot, ACCOUNT], _due(lot, lots)
    if due <= now and not told[of]:
        _move(lot, EXPIRED, lots[lot, LEFT], month, lots, flows)
        lots[lot, LEFT] = 0
        return
    paid = min(lots[lot, LEFT], accounts[of, DEBT])
    accounts[of, DEBT] -= paid
    flows[-1, month, 0] -= paid
    _move(lot, USED, paid, month, lots, flows)
    lots[lot, LEFT] -= paid
    if lots[lot, LEFT] > 0:
        _line_up(lot, by_due, accounts, lots)
        if not told[of]:
            accounts[of, SOONEST] = min(accounts[of, SOONEST], due)


@njit(nogil=True, cache=True)
def _expire(of, now, watched, accounts, lots, months, flows, n_lapses, lapses):
    """Drop the lots of an account that are no longer valid, and those that are empty."""
    before, here = -1, accounts[of, HEAD]
    accounts[of, SOONEST] = NEVER
    while here >= 0:
        after, due = lots[here, NEXT], _due(here, lots)
        if due <= now and lots[here, LEFT] > 0:
            month = np.searchsorted(months, due, "right") - 1
            _move(here, EXPIRED, lots[here, LEFT], month, lots, flows)
            if watched[of]:
                lapses = _with_room(lapses, n_lapses)
                lapses[n_lapses, 0], lapses[n_lapses, 1] = of, due
                lapses[n_lapses, 2] = lots[here, LEFT]
                n_lapses += 1
            lots[here, LEFT] = 0
        if lots[here, LEFT] > 0:
            before = here
            accounts[of, SOONEST] = min(accounts[of, SOONEST], due)
        elif before < 0:
            accounts[of, HEAD] = after
        else:
            lots[before, NEXT] = after
        here = after
    return n_lapses, lapses


@njit(nogil=True, cache=True)
def _take(of, size, bucket, noted, month, accounts, lots, flows, n_taken, taken):
    """Take points from the lots in line into a column of theirs, what they lack as debt."""
    here = accounts[of, HEAD]
    while size > 0 and here >= 0:
        if bucket == EXPIRED:
            here = _first_due(of, accounts, lots)
            if here < 0:
                break
        part = min(size, lots[here, LEFT])
        _move(here, bucket, part, month, lots, flows)
        lots[here, LEFT] -= part
        size -= part
        if noted and part > 0:
            taken = _with_room(taken, n_taken)
            taken[n_taken, 0], taken[n_taken, 1] = here, part
            n_taken += 1
        if lots[here, LEFT] == 0 and bucket != EXPIRED:
            here = lots[here, NEXT]
            accounts[of, HEAD] = here
    accounts[of, DEBT] += size
    flows[-1, month, 0] += size
    if noted and size > 0:
        taken = _with_room(taken, n_taken)
        taken[n_taken, 0], taken[n_taken, 1] = -1, size
        n_taken += 1
    return n_taken, taken


@njit(nogil=True, cache=True)
def _first_due(account, accounts, lots):
    """Of the lots in line that hold points, the one due first; −1 for none."""
    first, here = -1, accounts[account, HEAD]
    while here >= 0:
        if lots[here, LEFT] > 0 and (first < 0 or _due(here, lots) < _due(first, lots)):
            first = here
        here = lots[here, NEXT]
    return first


@njit(nogil=True, cache=True)
def _balance(of, accounts, lots):
    """What an account's lots in line hold, less its debt."""
    held, here = -accounts[of, DEBT], accounts[of, HEAD]
    while here >= 0:
        held += lots[here, LEFT]
        here = lots[here, NEXT]
    return held
