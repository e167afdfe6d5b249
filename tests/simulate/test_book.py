"""Postings of a book: their order, balances and what they refer to."""

from __future__ import annotations

import numpy as np

from joren.simulate.book import Book, keep_book
from joren.simulate.lot_kernel import Act
from joren.simulate.point_events import Cause, Events

ALONE = np.array([-1, -1, -1])


def events(*rows: tuple) -> Events:
    """(cause, act, account, at, points, expires, ref, seq) rows."""
    made = Events()
    for cause, act, account, at, points, expires, ref, seq in rows:
        made.add(cause, act, np.array([account]), np.array([at]), points,
                 expires=expires, ref=ref, seq=seq)  # fmt: skip
    return made


def postings(book: Book) -> list[tuple[int, int, Cause, int, int]]:
    p = book.postings
    columns = (column.tolist() for column in (p.account, p.at, p.cause, p.delta, p.after))
    return [(a, at, Cause(c), d, after) for a, at, c, d, after in zip(*columns, strict=True)]


def test_what_expires_at_a_moment_is_posted_before_what_happens_then():
    book = keep_book(
        events(
            (Cause.USED, Act.SPEND, 1, 50, 900, 0, -1, 0),
            (Cause.EARNED, Act.GRANT, 1, 10, 300, 50, -1, 1),
            (Cause.EARNED, Act.GRANT, 1, 20, 150, 99, -1, 1),
        ),
        ALONE, 60,
    )  # fmt: skip

    assert postings(book) == [
        (1, 10, Cause.EARNED, 300, 300), (1, 20, Cause.EARNED, 150, 450),
        (1, 50, Cause.EXPIRED, -300, 150), (1, 50, Cause.USED, -100, 50),
    ]  # fmt: skip


def test_a_lot_that_ends_with_the_book_has_not_expired_in_it():
    book = keep_book(events((Cause.EARNED, Act.GRANT, 0, 10, 300, 60, -1, 1)), ALONE, 60)

    assert postings(book) == [(0, 10, Cause.EARNED, 300, 300)]


def test_an_event_that_moves_nothing_is_not_posted():
    book = keep_book(
        events((Cause.USED, Act.SPEND, 0, 10, 900, 0, -1, 0),
               (Cause.SHOWN, Act.LOOK, 0, 11, 0, 0, -1, 0)),
        ALONE, 60,
    )  # fmt: skip

    assert postings(book) == []
    assert book.kept.after.tolist() == [0, 0]


def test_each_lot_moves_by_a_pair_of_postings_and_the_older_account_ends_empty():
    book = keep_book(
        events(
            (Cause.EARNED, Act.GRANT, 2, 10, 300, 50, -1, 1),
            (Cause.EARNED, Act.GRANT, 2, 11, 150, 40, -1, 1),
            (Cause.EARNED, Act.GRANT, 0, 12, 7, 90, -1, 1),
            (Cause.JOINED, Act.MOVE_OUT, 2, 20, 0, 0, -1, 5),
            (Cause.JOINED, Act.MOVE_IN, 0, 20, 0, 0, -1, 5),
        ),
        np.array([-1, -1, 0]), 45,
    )  # fmt: skip

    assert postings(book) == [
        (0, 12, Cause.EARNED, 7, 7), (0, 20, Cause.JOINED, 150, 157),
        (0, 20, Cause.JOINED, 300, 457), (0, 40, Cause.EXPIRED, -150, 307),
        (2, 10, Cause.EARNED, 300, 300), (2, 11, Cause.EARNED, 150, 450),
        (2, 20, Cause.JOINED, -150, 300), (2, 20, Cause.JOINED, -300, 0),
    ]  # fmt: skip
    assert book.postings.expires.tolist() == [90, 40, 50, -1, 50, 40, -1, -1]


def test_a_cancellation_refers_to_the_posting_of_its_grant():
    book = keep_book(
        events(
            (Cause.EARNED, Act.GRANT, 0, 5, 30, 99, -1, 1),
            (Cause.EARNED, Act.GRANT, 0, 6, 40, 99, -1, 1),
            (Cause.CANCELLED, Act.CANCEL, 0, 9, 40, 0, 1, 2),
        ),
        ALONE, 60,
    )  # fmt: skip

    assert book.posting_of_ref().tolist() == [-1, -1, 1]
    assert book.posting_of_lot().tolist() == [0, 1]
