"""The rules of the two point programmes, event by event."""

from __future__ import annotations

import numpy as np

from joren.simulate.lot_kernel import Act
from joren.simulate.point_events import (
    SPEND_SHARE,
    Cause,
    Grants,
    Orders,
    after_months,
    card_events,
    last_day_over,
    points_for,
    web_events,
)
from joren.simulate.world import DAY

END = 800 * DAY
NOBODY = Grants(*(np.empty(0, np.int64) for _ in Grants._fields))


def orders(amount: list[int], status: str = "valid", refund_of: list[int] | None = None) -> Orders:
    """Orders of one account, a day apart."""
    n = len(amount)
    return Orders(
        row=np.arange(n),
        account=np.zeros(n, np.int64),
        at=DAY * np.arange(1, n + 1),
        amount=np.array(amount),
        status=np.full(n, status),
        refund_of=np.full(n, -1) if refund_of is None else np.array(refund_of),
    )


def of(columns: dict, cause: Cause) -> dict:
    return {name: values[columns["cause"] == cause] for name, values in columns.items()}


def seconds(moment: str) -> np.ndarray:
    return np.array([np.datetime64(moment, "s")]).astype(np.int64)


def test_points_are_for_full_hundreds_and_never_negative():
    assert points_for(np.array([99, 100, 1_999, -500])).tolist() == [0, 1, 19, 0]


def test_a_year_later_is_the_last_of_february_where_there_is_no_29th():
    assert after_months(seconds("2024-02-29T12:30:00"), 12) == seconds("2025-02-28T12:30:00")
    assert after_months(seconds("2024-12-31T23:59:59"), 12) == seconds("2025-12-31T23:59:59")


def test_the_last_valid_day_counts_whole():
    assert last_day_over(seconds("2024-05-01T23:00:00"), 180) == seconds("2024-10-29T00:00:00")


def test_the_stated_share_of_members_want_to_spend_and_half_of_them_all_they_can():
    sales = orders([5_000] * 20_000)
    spends = of(card_events(sales, NOBODY, np.random.default_rng(1), END).columns(), Cause.USED)

    share, all_in = len(spends["at"]) / 20_000, (spends["points"] == 5_000).mean()
    assert abs(share - SPEND_SHARE) < 4 * np.sqrt(SPEND_SHARE * (1 - SPEND_SHARE) / 20_000)
    assert abs(all_in - 0.5) < 4 * np.sqrt(0.25 / len(spends["at"]))
    assert spends["points"].max() <= 5_000


def test_a_return_of_a_part_takes_points_in_proportion_and_gives_none_back():
    rng = np.random.default_rng(1)
    events = card_events(orders([5_000, -2_050], refund_of=[-1, 0]), NOBODY, rng, END).columns()

    assert of(events, Cause.RETURN_TAKES)["points"].tolist() == [20]
    assert len(of(events, Cause.RETURN_GIVES)["at"]) == 0


def test_a_return_of_the_whole_gives_back_what_the_sale_used():
    sales = orders([5_000] * 40 + [-5_000] * 40, refund_of=[-1] * 40 + list(range(40)))
    events = card_events(sales, NOBODY, np.random.default_rng(1), END).columns()

    gives, uses = of(events, Cause.RETURN_GIVES), of(events, Cause.USED)
    assert len(gives["at"]) == len(uses["at"]) > 5
    assert (events["cause"][gives["ref"]] == Cause.USED).all()


def test_a_sale_on_another_card_is_not_taken_back():
    sales = orders([5_000, -5_000], refund_of=[-1, 0])._replace(account=np.array([0, 1]))
    events = card_events(sales, NOBODY, np.random.default_rng(1), END).columns()

    assert len(of(events, Cause.RETURN_TAKES)["at"]) == 0
    assert events["act"][events["row"] == 1].tolist() == [Act.LOOK]


def test_of_a_returned_web_orders_grant_the_whole_or_a_part_is_cancelled():
    sales = orders([10_000] * 300, "returned")
    none, one = np.empty((0, 2), np.int64), np.zeros(1, np.int64)
    events = web_events(sales, NOBODY, one, none, np.random.default_rng(1), END).columns()

    cancelled = of(events, Cause.CANCELLED)
    assert len(cancelled["at"]) == 300
    assert 0 < (cancelled["points"] == 100).mean() < 1
    assert cancelled["points"].min() >= 30
    assert (cancelled["at"] > sales.at).all()


def test_nothing_happens_after_the_end():
    sales = orders([10_000] * 300, "cancelled")
    none, one = np.empty((0, 2), np.int64), np.zeros(1, np.int64)
    end = int(sales.at[-1]) + 1
    events = web_events(sales, NOBODY, one, none, np.random.default_rng(1), end).columns()

    assert events["at"].max() < end


def test_an_account_is_joined_to_the_newer_one_after_all_that_happens_on_it():
    accounts = 200
    sales = orders([10_000] * accounts)._replace(account=np.arange(accounts))
    pairs = np.column_stack([np.arange(accounts), np.arange(accounts) + accounts])
    opened = np.repeat([0, 50 * DAY], accounts)
    events = web_events(sales, NOBODY, opened, pairs, np.random.default_rng(1), END).columns()

    joined = of(events, Cause.JOINED)
    out, into = joined["act"] == Act.MOVE_OUT, joined["act"] == Act.MOVE_IN
    assert 60 < out.sum() < 140  # half of the pairs
    assert (joined["account"][into] == joined["account"][out] + accounts).all()
    assert (joined["at"][into] == joined["at"][out]).all()
    for account, at in zip(joined["account"][out], joined["at"][out], strict=True):
        others = (events["account"] == account) & (events["cause"] != Cause.JOINED)
        assert events["at"][others].max() < at
