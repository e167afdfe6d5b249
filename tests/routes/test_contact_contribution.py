from datetime import date, datetime, timedelta

import numpy as np
import pytest
from tests.routes.handmade import shop

from joren.routes.contact_contribution import contact_contribution

AS_OF = date(2025, 12, 30)


def _client(table, seed: int, lift: float, again: int = 1):
    """Customers who order at random; after a call each orders on the third day with a chance."""
    rng = np.random.default_rng(seed)
    sold, calls = [], []
    for c in range(600):
        rate = rng.gamma(2, 1 / 80)
        days = set(np.cumsum(rng.geometric(min(rate, 0.5), 60)).tolist())
        called = int(rng.integers(100, 700))
        if rng.random() < lift:
            days.add(called + 3)
        sold += [(f"c{c}", d, ["x"]) for d in sorted(days) if d < 730]
        calls += [
            {"source": "shop", "source_id": f"c{c}", "touchpoint": "inquiry", "channel": "call",
             "event_id": str(k), "occurred_at": datetime(2024, 1, 1, 12) + timedelta(days=called)}
            for k in range(again)
        ]  # fmt: skip
    made = shop(table, sold, AS_OF)
    return contact_contribution(
        table("canonical/events", calls), made.identity, made.days, AS_OF, 0.9
    )


def test_orders_that_follow_contacts_are_found(table):
    row = _client(table, 1, lift=0.3).iloc[0]

    assert (row.channel, row.touchpoint) == ("call", "inquiry")
    # a planted order adds to those who would not have ordered anyway
    assert row.lower < 0.3 * (1 - row.usual) < row.upper
    assert row.lower > 0.1


def test_contacts_that_mean_nothing_show_nothing_and_count_a_customer_once(table):
    row = _client(table, 2, lift=0.0, again=5).iloc[0]

    assert row.lower < 0 < row.upper
    assert row.customers < 600
    assert row.ordered == pytest.approx(row.usual, abs=0.06)


def test_a_kind_of_contact_with_few_customers_is_left_out(table):
    made = shop(table, [("a", 0, ["x"]), ("a", 40, ["x"])], AS_OF)
    calls = [{"source": "shop", "source_id": "a", "touchpoint": "t",
              "occurred_at": datetime(2024, 1, 20)}]  # fmt: skip
    found = contact_contribution(
        table("canonical/events", calls), made.identity, made.days, AS_OF, 0.9
    )
    assert found.empty
