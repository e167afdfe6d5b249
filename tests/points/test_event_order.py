"""Numbers order events as the engine orders them with their ids; ids settle only what is open."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest

from joren.engine import connect, keep
from joren.points.event_order import order_of_events

CON = connect()


def events(n: int, accounts: int, moments: int, seed: int) -> pa.Table:
    """Events with many ties, ids unlike their order, one moment before 1970."""
    chance = random.Random(seed)
    ids = chance.sample([f"{i}é" if i % 3 else f"e{i}" for i in range(10 * n)], n)
    rows = {
        "account_no": [chance.randrange(accounts) for _ in ids],
        "moment": [chance.randrange(-1, moments) * 1_000_000 for _ in ids],
        "act": [chance.randrange(7) for _ in ids],
    }
    types = {"account_no": pa.int32(), "moment": pa.int64(), "act": pa.int8()}
    columns = {name: pa.array(rows[name], types[name]) for name in rows}
    return pa.table(columns | {"entry_id": ids, "row": np.arange(n)})


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize(("n", "accounts"), [(1, 1), (400, 9), (400, 2), (900, 300)])
def test_events_are_ordered_as_the_engine_orders_them(n, accounts, together):
    rows = events(n, accounts, 5, seed=n + accounts)
    keys = ["account_no", "moment", "act", "entry_id"]
    if together:
        keys = [*keys[1:], "account_no"]
    expected = keep(CON, "event_rows", rows).order_by(keys).to_pyarrow()["row"].to_pylist()

    assert order_of_events(rows, together=together).tolist() == expected


def test_of_one_id_in_two_accounts_that_share_time_the_lower_account_comes_first():
    rows = pa.table({
        "account_no": pa.array([1, 0], pa.int32()), "moment": [5, 5],
        "act": pa.array([4, 4], pa.int8()), "entry_id": ["same", "same"],
    })  # fmt: skip
    assert order_of_events(rows, together=True).tolist() == [1, 0]


def test_no_events_have_no_order():
    rows = events(1, 1, 1, seed=1).slice(0, 0)
    assert order_of_events(rows).tolist() == []
    assert order_of_events(rows, together=True).tolist() == []
