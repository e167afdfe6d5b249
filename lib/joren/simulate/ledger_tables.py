"""A point programme's book as tables: entries, lots, balances, and what tills show of them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from joren.simulate.book import Book
from joren.simulate.campaigns import CAMPAIGNS
from joren.simulate.lot_kernel import Act, Ints
from joren.simulate.point_events import Cause, points_for
from joren.simulate.point_programme import Programme

_KIND = {
    Cause.USED: "use", Cause.EARNED: "grant", Cause.RETURN_TAKES: "adjust",
    Cause.RETURN_GIVES: "adjust", Cause.CAMPAIGN: "grant", Cause.CORRECTION: "adjust",
    Cause.GOODWILL: "adjust", Cause.CANCELLED: "cancel", Cause.JOINED: "transfer",
    Cause.SHOWN: "", Cause.EXPIRED: "expire",
}  # fmt: skip
_SIGNED = ("adjust", "transfer")
_WITHOUT_SALE = (Cause.CAMPAIGN, Cause.CORRECTION, Cause.EXPIRED)
_USE_SIDE = (Cause.USED, Cause.RETURN_GIVES)
# numbers of a day's till transactions from here on are without a sale; those of orders stay below
_TILL_DAY, _TILL_FIRST, _TILL_CHUNK = 1_000_000_000, 600_000_000, 4_000_000
_WEB_CHUNK = 10_000_000


def card_entry_ids(card: Programme, book: Book, chunk: int, first_day: int) -> pa.Array:
    """An entry id per posting: `<取引ID>:grant`, `<取引ID>:use`, or a 取引ID of its own.

    Parameters
    ----------
    first_day : days since 1970 of the first observed day
    """
    postings = book.postings
    alone = np.isin(postings.cause, _WITHOUT_SALE)
    day = postings.at[alone] // 86_400 - first_day + 100
    number = _TILL_FIRST + chunk * _TILL_CHUNK + np.arange(len(day))
    own = pa.array(day * _TILL_DAY + number).cast(pa.string())
    of_sale = pc.binary_join_element_wise(
        _order_ids(card, book).filter(pa.array(~alone)),
        pc.if_else(pa.array(np.isin(postings.cause[~alone], _USE_SIDE)), ":use", ":grant"),
        "",
    )
    place = np.empty(len(alone), np.int64)
    place[alone] = np.arange(alone.sum())
    place[~alone] = alone.sum() + np.arange((~alone).sum())
    return pa.concat_arrays([own, of_sale]).take(pa.array(place))


def web_entry_ids(book: Book, chunk: int) -> pa.Array:
    """An entry id (履歴番号) per posting, ascending as they happened on an account."""
    numbers = chunk * _WEB_CHUNK + 1 + np.arange(len(book.postings.at))
    padded = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), 9, "0")
    return pc.binary_join_element_wise("H", padded, "")


def entries(held: Programme, book: Book, ids: pa.Array) -> pa.Table:
    """`canonical/point_entries` as exported, and the balance after each.

    A till tells neither expiry nor campaign.
    """
    postings, web = book.postings, held.system == "web"
    kind = pa.array([_KIND[cause] for cause in Cause]).take(pa.array(postings.cause))
    signed = np.isin(postings.cause, [c for c, kind in _KIND.items() if kind in _SIGNED])
    account = held.source_ids.take(pa.array(postings.account))
    n = len(postings.at)
    none, no_moment = pa.nulls(n, pa.string()), pa.nulls(n, pa.timestamp("us"))
    order_id = _order_ids(held, book)
    return pa.table(
        {
            "source": pa.repeat(held.system, n),
            "entry_id": ids,
            "source_id": account,
            "occurred_at": moments(postings.at),
            "kind": kind,
            "points": np.where(signed, postings.delta, np.abs(postings.delta)),
            "account": account,
            "programme": none,
            "available_at": no_moment,
            "expires_at": moments(postings.expires) if web else no_moment,
            "order_source": none,
            "order_id": order_id,
            "campaign_id": _campaign_ids(book) if web else none,
            "reverses_entry_id": _at(ids, book.posting_of_ref()),
            "transfer_id": _transfer_ids(book, ids),
            "funder": none,
            "balance": postings.after,
        }
    )


def lots(held: Programme, book: Book, ids: pa.Array) -> pa.Table:
    """Every lot with what became of it by the end."""
    kept, made = book.kept, book.posting_of_lot()
    event = kept.lot_event
    return pa.table(
        {
            "system": pa.repeat(held.system, len(event)),
            "source_id": held.source_ids.take(pa.array(book.events["account"][event])),
            "lot": ids.take(pa.array(made)),
            "granted_at": moments(book.events["at"][event]),
            "expires_at": moments(kept.lot_expires),
            "granted": kept.granted,
            "used": kept.used,
            "expired": kept.expired,
            "cancelled": kept.cancelled,
            "transferred": kept.transferred,
            "remaining": kept.remaining,
            "expiry_known": (held.system == "web")
            | (book.events["cause"][event] != Cause.CAMPAIGN),
        }
    )


def balances(held: Programme, book: Book) -> pa.Table:
    """The balance of every account that ever moved, at the end."""
    n, kept = len(held.source_ids), book.kept
    balance, left = np.zeros(n, np.int64), np.zeros(n, np.int64)
    np.add.at(balance, book.postings.account, book.postings.delta)
    of_lot = book.events["account"][kept.lot_event]
    np.add.at(left, of_lot, kept.remaining)
    next_at = np.full(n, np.iinfo(np.int64).max)
    alive = kept.remaining > 0
    np.minimum.at(next_at, of_lot[alive], kept.lot_expires[alive])
    soon = alive & (kept.lot_expires == next_at[of_lot])
    expiring = np.zeros(n, np.int64)
    np.add.at(expiring, of_lot[soon], kept.remaining[soon])
    moved = np.unique(book.postings.account)
    next_at[left == 0] = -1
    return pa.table(
        {
            "system": pa.repeat(held.system, len(moved)),
            "source_id": held.source_ids.take(pa.array(moved)),
            "balance": balance[moved],
            "debt": (left - balance)[moved],
            "expiring_next": expiring[moved],
            "expires_next_at": moments(next_at[moved]),
        }
    )


def order_points(held: Programme, book: Book) -> pa.Table:
    """Points of every order of a member, with the balance before and after it.

    A cancelled sale at the till shows the points it had granted; no ledger holds them.
    """
    n, orders = len(held.order_numbers), held.orders
    used, granted = np.zeros(n, np.int64), np.zeros(n, np.int64)
    before, after = np.zeros(n, np.int64), np.zeros(n, np.int64)
    place = np.full(orders.row.max(initial=-1) + 1, -1)
    place[orders.row] = np.arange(n)
    with_order = np.flatnonzero(book.events["row"] >= 0)
    at = place[book.events["row"][with_order]]
    act, moved = book.events["act"][with_order], book.kept.moved[with_order]
    for kind, figure, sign in (
        (Act.SPEND, used, 1), (Act.GIVE_BACK, used, -1),
        (Act.GRANT, granted, 1), (Act.TAKE, granted, -1),
    ):  # fmt: skip
        if kind != Act.GIVE_BACK or held.system == "pos":
            figure[at[act == kind]] = sign * moved[act == kind]
    shown = (orders.status == "cancelled") & (held.system == "pos")
    granted[shown] = points_for(orders.amount[shown])
    after[at] = book.kept.after[with_order]
    before[at[::-1]] = book.kept.before[with_order][::-1]
    return pa.table(
        {
            "order_no": held.order_numbers,
            "points_used": used,
            "points_granted": granted,
            "balance_before": before,
            "balance": after,
        }
    )


def last_sales(book: Book) -> Ints:
    """Rows of the sales after which nothing more happened on the account."""
    account = book.events["account"]
    last = np.r_[account[1:] != account[:-1], True][: len(account)]
    postings = book.postings
    ends = np.full(account.max(initial=-1) + 1, -1)
    np.maximum.at(ends, postings.account, postings.at)
    still = last & (book.events["at"] >= ends[account]) & (book.events["cause"] == Cause.EARNED)
    return book.events["row"][still]


def moments(seconds: Ints) -> pa.Array:
    """Seconds since 1970 as moments; null for negative ones."""
    micros = pa.array(seconds * 1_000_000, mask=seconds < 0)
    return micros.cast(pa.timestamp("us"))


def _order_ids(held: Programme, book: Book) -> pa.Array:
    place = np.full(held.orders.row.max(initial=-1) + 2, -1)
    place[held.orders.row] = np.arange(len(held.orders.row))
    event = book.postings.event
    row = np.where(event >= 0, book.events["row"][event] if len(event) else -1, -1)
    return _at(held.order_ids, place[row])


def _campaign_ids(book: Book) -> pa.Array:
    event = book.postings.event
    campaign = np.where(event >= 0, book.events["campaign"][event] if len(event) else -1, -1)
    return _at(pa.array([c.campaign_id for c in CAMPAIGNS]), campaign)


def _transfer_ids(book: Book, ids: pa.Array) -> pa.Array:
    """Both sides of a move bear the entry id of the side that leaves."""
    lot, delta = book.postings.lot, book.postings.delta
    leaves = np.full(lot.max(initial=-1) + 2, -1)
    gone = (lot >= 0) & (delta < 0)
    leaves[lot[gone]] = np.flatnonzero(gone)
    return _at(ids, leaves[lot])


def _at(values: pa.Array, positions: Ints) -> pa.Array:
    """Values at positions; null at −1."""
    return values.take(pa.array(positions, mask=positions < 0))
