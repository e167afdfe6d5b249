"""One pass over the sorted events of point accounts: what becomes of every lot.

1. A lot is valid in the half-open [at, due); what expires at a moment is gone before anything else
   happens at that moment. Where the source tells the expiries of an account, `due` only says which
   of its lots are consumed, or expire, before others.
2. Points taken that no lot covers become debt, which the next points of the account pay: they
   count as used there.
3. Cancelling a grant takes back what is left of its lot; what had expired of it counts as
   cancelled instead; what was used is clawed back from the account's other lots, else as debt.
   What is cancelled before the lot opens never opens.
4. Giving back a use returns points to the lots they came from, last taken first; of a lot no longer
   valid they expire at once. What no lot is known for comes back as a lot of its own.
5. Lots moved to another account keep what is due and their place in the order of consumption.
6. Lots that slide form a chain: each that opens before the chain is due puts off all of it. A chain
   that came due is over; a lot moved to another account slides no more.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from joren.points.lot_kernel import (
    CELL,
    CHAIN,
    COLUMNS,
    DEBT,
    DUE,
    EVENT,
    LEFT,
    NEVER,
    SOONEST,
    run,
)

Ints = NDArray[np.int64]
UNKNOWN = -(2**62)  # as a balance
KINDS = ("granted", "used", "expired", "cancelled", "transferred")
# whole days from a lot's opening until it is due, up to which it is of a class; and none
VALIDITIES = ("<=31d", "<=92d", "<=12m", ">12m", "none")


class Act(IntEnum):
    """What an event does; of one moment, lower ones come first."""

    OPEN = 0  # opens a lot
    UNDO_OPEN = 1  # cancels points of the lot that event `ref` opens
    MOVE_OUT = 2  # takes points for the MOVE_IN that refers to it
    MOVE_IN = 3  # opens what event `ref` took
    USE = 4
    EXPIRE = 5  # takes points that a source says have expired, those due first
    GIVE_BACK = 6  # undoes points of what event `ref` took


class Events(NamedTuple):
    """Columns of events, (n,) each, ascending by moment and act within accounts that share moves.

    Attributes
    ----------
    account : from 0
    at : moments in microseconds
    act : `Act`
    points : not negative
    due : first moment at which a lot of the event is no longer valid; `NEVER` for none
    order : lots of lower ones are consumed first, equal ones as they were opened
    ref : number of the event it refers to, −1 for none
    slides : 1 where the lot it opens slides
    """

    account: Ints
    at: Ints
    act: Ints
    points: Ints
    due: Ints
    order: Ints
    ref: Ints
    slides: Ints


class State(NamedTuple):
    """All that later events can refer to or change. Events are numbered on where it ends."""

    lots: Ints  # (lots, columns)
    taken: Ints  # (k, 2): lot (−1 for debt) and points that an event took
    events: Ints  # (events, 5): its act, its lot, what of it was cancelled early, its part of taken
    accounts: Ints  # (accounts, 4): first lot in line, debt, the soonest a lot is due, its chain

    @classmethod
    def empty(cls, n_accounts: int) -> State:
        """The state before anything happened."""
        accounts = np.full((n_accounts, 4), -1)
        accounts[:, DEBT], accounts[:, SOONEST] = 0, NEVER
        nothing = (np.zeros((0, width), np.int64) for width in (COLUMNS, 2, 5))
        return cls(*nothing, accounts)


class Lots(NamedTuple):
    """Lots, (m,) each, and the debt of every account.

    For every lot granted = used + expired + cancelled + transferred + remaining.
    """

    event: Ints  # number of the event that opened it
    due: Ints
    cell: Ints  # month of opening × validity class; −1 for a lot that has not opened
    granted: Ints
    used: Ints
    expired: Ints
    cancelled: Ints
    transferred: Ints
    remaining: Ints
    debt: Ints  # (accounts,)
    # (months × validity classes, months, kinds) points, negative where given back; beneath these
    # [-1, month, 0] says by how much debt grew
    flows: Ints
    after: Ints  # (n,) balance of a watched account after the event; UNKNOWN for others
    lapses: Ints  # (k, 3): account, moment and points of what lapsed on watched accounts
    state: State


def run_lots(
    events: Events, until: int, months: Ints, told: Ints, *, by_due: bool = True,
    watched: Ints | None = None, before: State | None = None, keep_state: bool = False,
) -> Lots:  # fmt: skip
    """Run events through the lots of their accounts.

    Parameters
    ----------
    events : see `Events`
    until : lots that are due up to this moment, included, expire; lots that open after it are
        listed, but pay no debt
    months : (n,) first moments of calendar months, from the earliest event's to that of `until`
    told : (accounts,) 1 where the source tells the expiries of an account
    by_due : whether `order` rises with `due`, so that lots that slide change places
    watched : (accounts,) 1 where running balances are asked for
    before : the state to go on from, of the same accounts, kept before the first event
    keep_state : whether the state shall be good for going on from
    """
    columns = [np.ascontiguousarray(column, dtype=np.int64) for column in events]
    known = before or State.empty(len(told))
    opens = int(np.isin(columns[2], (Act.OPEN, Act.MOVE_IN)).sum())
    lots = np.zeros((len(known.lots) + opens + 16, COLUMNS), np.int64)
    lots[: len(known.lots)] = known.lots
    accounts = known.accounts.copy()
    n = len(columns[0])
    numbered = np.full((len(known.events) + n, 5), -1)
    numbered[: len(known.events)] = known.events
    numbered[len(known.events) :, 2] = 0
    noted = np.full(len(numbered), keep_state)
    noted[columns[6][columns[6] >= 0]] = True
    taken = np.zeros((len(known.taken) + 16, 2), np.int64)
    taken[: len(known.taken)] = known.taken
    flows = np.zeros((len(months) * len(VALIDITIES) + 1, len(months), len(KINDS)), np.int64)
    after = np.full(n, UNKNOWN)
    eyes = np.zeros(len(told), np.int64) if watched is None else np.asarray(watched, np.int64)
    n_lots, n_taken, lots, taken, lapses = run(
        *columns, until, months, np.asarray(told, np.int64), by_due, eyes, len(known.lots), lots,
        len(known.taken), taken, numbered, noted, accounts, flows, after,
    )  # fmt: skip
    lots = lots[:n_lots]
    chained = lots[:, CHAIN] >= 0
    lots[chained, DUE] = lots[lots[chained, CHAIN], DUE]
    shown = (EVENT, DUE, CELL, *range(LEFT + 1))
    state = State(lots, taken[:n_taken], numbered, accounts)
    columns = (lots[:, column] for column in shown)
    return Lots(*columns, accounts[:, DEBT], flows, after, lapses, state)
