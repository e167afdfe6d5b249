"""One point programme as the systems see it: accounts, and the orders that show one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from joren.simulate.campaigns import CAMPAIGNS, CONTROL
from joren.simulate.lot_kernel import Ints
from joren.simulate.point_events import Grants, Orders, last_day_over

if TYPE_CHECKING:
    from joren.simulate.accounts import Accounts

GRANTED_AT = 10 * 3600  # seconds of the day at which a campaign's points arrive


@dataclass(frozen=True)
class Programme:
    """The accounts of one system, and its members' orders.

    Attributes
    ----------
    system : pos or web
    source_ids, persons, opened : of every account
    orders : their accounts are positions in the above; rows are those of the table given
    order_ids, order_numbers : of every order
    """

    system: str
    source_ids: pa.Array
    persons: Ints
    opened: Ints
    orders: Orders
    order_ids: pa.Array
    order_numbers: Ints


def programme(system: str, orders: pa.Table, accounts: Accounts) -> Programme:
    """A system's accounts and members' orders.

    Parameters
    ----------
    orders : `Behaviour.orders`, by order_no
    accounts : accounts, and the account of every order
    """
    held = accounts.accounts.filter(pc.equal(accounts.accounts["system"], system)).combine_chunks()
    source_ids = held["source_id"].combine_chunks()
    signed = accounts.orders.take(pc.index_in(orders["order_no"], accounts.orders["order_no"]))
    account = pc.index_in(signed["source_id"], source_ids)
    rows = np.flatnonzero(
        pc.and_(pc.equal(orders["system"], system), pc.is_valid(account)).to_numpy()
    )
    own = orders.take(rows)
    numbers = own["order_no"].to_numpy()
    return Programme(
        system,
        source_ids,
        held["person_id"].to_numpy(),
        seconds(held["opened_at"]),
        Orders(
            row=rows,
            account=account.take(pa.array(rows)).to_numpy().astype(np.int64),
            at=seconds(own["ordered_at"]),
            amount=own["amount"].to_numpy().astype(np.int64),
            status=own["status"].to_numpy(zero_copy_only=False).astype(str),
            refund_of=_position(numbers, own["refund_of"]),
        ),
        signed["order_id"].take(pa.array(rows)).combine_chunks(),
        numbers,
    )


def campaign_grants(
    assignments: pa.Table, card: Programme, web: Programme
) -> tuple[Grants, Grants]:
    """Who gets a campaign's points where: on the newest card open by then, else on the web.

    Parameters
    ----------
    assignments : person_id, campaign_id, arm; everybody but the hold-out gets the points
    """
    parts = [_grants(assignments, number, card, web) for number in range(len(CAMPAIGNS))]
    return tuple(
        Grants(*(np.concatenate(column) for column in zip(*grants, strict=True)))
        for grants in zip(*parts, strict=True)
    )


def _grants(
    assignments: pa.Table, number: int, card: Programme, web: Programme
) -> tuple[Grants, Grants]:
    campaign = CAMPAIGNS[number]
    chosen = pc.and_(
        pc.equal(assignments["campaign_id"], campaign.campaign_id),
        pc.not_equal(assignments["arm"], CONTROL),
    )
    person = assignments["person_id"].filter(chosen).to_numpy()
    if campaign.points == 0:
        person = person[:0]
    at = int(np.datetime64(campaign.starts_on, "s").astype(np.int64)) + GRANTED_AT
    on_card = _newest_open(card, person, at)
    on_web = np.where(on_card < 0, _newest_open(web, person, at), -1)
    return tuple(
        Grants(
            *np.broadcast_arrays(
                held[held >= 0],
                at,
                number,
                campaign.points,
                last_day_over(at, campaign.points_days),
            )
        )
        for held in (on_card, on_web)
    )


def account_pairs(held: Programme) -> Ints:
    """(n, 2) the older and the newer of the first two accounts of everybody who holds several."""
    order = np.lexsort((held.opened, held.persons))
    person = held.persons[order]
    first = np.r_[True, person[1:] != person[:-1]][: len(person)]
    pair = np.flatnonzero(first[:-1] & ~first[1:])
    return np.column_stack([order[pair], order[pair + 1]]).astype(np.int64)


def seconds(moments: pa.ChunkedArray | pa.Array) -> Ints:
    """Moments as whole seconds since 1970."""
    return moments.cast(pa.timestamp("s"), safe=False).to_numpy().astype(np.int64)


def _newest_open(held: Programme, person: Ints, at: int) -> Ints:
    """(n,) each person's account that was opened last by a moment; −1 where there is none."""
    open_ = np.flatnonzero(held.opened <= at)
    if len(open_) == 0:
        return np.full(len(person), -1)
    newest = open_[np.lexsort((held.opened[open_], held.persons[open_]))]
    found = np.searchsorted(held.persons[newest], person, "right") - 1
    hit = (found >= 0) & (held.persons[newest][found] == person)
    return np.where(hit, newest[found], -1)


def _position(numbers: Ints, wanted: pa.ChunkedArray) -> Ints:
    """Positions of order numbers in an ascending array; −1 for null and for those not there."""
    value = wanted.cast(pa.int64()).fill_null(-1).to_numpy()
    if len(numbers) == 0:
        return np.full(len(value), -1)
    found = np.minimum(np.searchsorted(numbers, value), len(numbers) - 1)
    return np.where(numbers[found] == value, found, -1)
