"""The point ledgers of card and web store: entries, lots, and what tills show of balances.

The rules of the two programmes stand in `point_events`, those of the lots in `lot_kernel`. The two
are ledgers of their own: nothing moves from the card to the web store.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from joren.simulate import ledger_tables as tables
from joren.simulate.book import Book, keep_book
from joren.simulate.point_events import Grants, card_events, web_events
from joren.simulate.point_programme import Programme, account_pairs, campaign_grants, programme
from joren.simulate.world import DAY, END, START, World

if TYPE_CHECKING:
    from joren.simulate.accounts import Accounts
    from joren.simulate.behaviour import Behaviour

WRONG_BALANCES = 5  # per chunk, transactions that show a wrong balance

_START, _END = (int(np.datetime64(moment, "s").astype(np.int64)) for moment in (START, END))


@dataclass(frozen=True)
class Ledger:
    """What the two point programmes hold of one chunk of people.

    Attributes
    ----------
    entries : `canonical/point_entries` as the exports tell them (a till tells no expiry), and
        `balance`, the account's balance after each; a card's entries without order are the till's
        point-only transactions (取引区分: grant 6, adjust 7, expire 8)
    orders : order_no, points_used, points_granted, balance_before, balance (both as the till shows
        them, a few of the latter wrong); every order of a member of pos or web
    lots : system, source_id, lot (entry_id), granted_at, expires_at, granted, used, expired,
        cancelled, transferred, remaining; expiry_known: the exports or the house rule tell it
    balances : system, source_id, balance (lots − debt), debt, expiring_next, expires_next_at
    planted : source, file (null), what, id: the transactions that show a wrong balance
    """

    entries: pa.Table
    orders: pa.Table
    lots: pa.Table
    balances: pa.Table
    planted: pa.Table


def keep_ledger(world: World, chunk: int, behaviour: Behaviour, accounts: Accounts) -> Ledger:
    """Keep the card's and the web store's points of a chunk of people.

    Parameters
    ----------
    world, chunk : what the draws depend on
    behaviour : orders and assignments are read
    accounts : accounts, and the account of every order
    """
    orders = behaviour.orders.combine_chunks().sort_by("order_no")
    card, web = programme("pos", orders, accounts), programme("web", orders, accounts)
    card_grants, web_grants = campaign_grants(behaviour.assignments, card, web)
    card_book = _card_book(world, chunk, card, card_grants)
    web_book = _web_book(world, chunk, web, web_grants)
    books = (
        (card, card_book, tables.card_entry_ids(card, card_book, chunk, _START // DAY)),
        (web, web_book, tables.web_entry_ids(web_book, chunk)),
    )
    on_card, planted = _with_errors(world, chunk, card, card_book)
    return Ledger(
        entries=pa.concat_tables([tables.entries(*book) for book in books]),
        orders=pa.concat_tables([on_card, tables.order_points(web, web_book)]),
        lots=pa.concat_tables([tables.lots(*book) for book in books]),
        balances=pa.concat_tables([tables.balances(*book[:2]) for book in books]),
        planted=planted,
    )


def _card_book(world: World, chunk: int, card: Programme, grants: Grants) -> Book:
    events = card_events(card.orders, grants, world.rng("card points", chunk), _END)
    return keep_book(events, np.full(len(card.opened), -1), _END)


def _web_book(world: World, chunk: int, web: Programme, grants: Grants) -> Book:
    pairs, joined = account_pairs(web), np.full(len(web.opened), -1)
    joined[pairs[:, 0]] = pairs[:, 1]
    rng = world.rng("web points", chunk)
    return keep_book(web_events(web.orders, grants, web.opened, pairs, rng, _END), joined, _END)


def _with_errors(
    world: World, chunk: int, card: Programme, book: Book
) -> tuple[pa.Table, pa.Table]:
    """Points of the card's orders, a few of which show a wrong balance, and which these are."""
    rng = world.rng("wrong balances", chunk)
    points = tables.order_points(card, book)
    able = np.sort(tables.last_sales(book))
    wrong = rng.choice(able, min(WRONG_BALANCES, len(able)), replace=False)
    place = np.searchsorted(card.orders.row, wrong)
    shown = points["balance"].to_numpy().copy()
    shown[place] += rng.choice([-100, 10, 100, 1_000], len(place))
    column = points.column_names.index("balance")
    planted = pa.table(
        {
            "source": pa.repeat("pos", len(place)),
            "file": pa.nulls(len(place), pa.string()),
            "what": pa.repeat("wrong balance", len(place)),
            "id": card.order_ids.take(pa.array(place)),
        }
    )
    return points.set_column(column, "balance", pa.array(shown)), planted
