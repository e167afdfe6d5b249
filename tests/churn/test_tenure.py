from datetime import date, datetime

import pandas as pd
import pytest

from joren.churn.tenure import subscription_tenure

AS_OF = date(2026, 3, 31)


@pytest.fixture
def tenure(table):
    """The tenure of subscriptions given as changes to one that runs since 1 January, monthly."""

    def make(*changes: dict, orders: list[dict] = (), as_of: date = AS_OF) -> pd.DataFrame:
        rows = [
            {
                "source": "shop", "subscription_id": f"S{i}", "source_id": f"c{i}",
                "product_id": "tea", "started_at": datetime(2026, 1, 1, 9), "cycle_days": 30,
                "commitment_orders": 1, "renewals": 2,
            } | change
            for i, change in enumerate(changes)
        ]  # fmt: skip
        members = [
            {
                "source": "shop", "source_id": f"c{i}", "customer_id": f"C{i}",
                "household_id": f"H{i}", "match_rule": "self",
            }
            for i in range(10)
        ]  # fmt: skip
        bought = [
            {"source": "shop", "status": "valid", "amount": 1000, "source_id": "c0"} | order
            for order in orders
        ]
        found = subscription_tenure(
            table("canonical/subscriptions", rows),
            table("canonical/orders", bought),
            table("identity_map", members),
            as_of,
        )
        return found.order_by("subscription_id").to_pandas().set_index("subscription_id")

    return make


def test_an_active_subscription_stands_somewhere_in_its_cycle(tenure):
    row = tenure({}).loc["S0"]

    assert row.active
    assert (row.made, row.waived, row.settled) == (3, 0, False)
    assert row.phase == pytest.approx(29 / 30)  # the third order came on 2 March
    assert pd.isna(row.cause)


def test_an_end_settles_on_the_day_its_next_order_was_due(tenure):
    early = {"ended_at": datetime(2026, 3, 20, 9), "end_reason": "voluntary"}
    found = tenure(early | {"renewals": 1}, early, early | {"cycle_days": 29})

    assert found.settled.tolist() == [True, False, True]  # the third order was due on 1 April
    assert not found.active.any()


@pytest.mark.parametrize(
    ("reason", "commitment", "cause"),
    [
        ("voluntary", 1, "voluntary"),
        ("commitment_end", 3, "voluntary"),
        (None, 1, "voluntary"),
        ("payment", 6, "payment"),
        ("other", 1, "other"),
        ("voluntary", 4, "other"),  # three orders of four: the commitment did not let her
    ],
)
def test_the_cause_of_an_end(tenure, reason, commitment, cause):
    row = tenure(
        {
            "ended_at": datetime(2026, 3, 5, 9),
            "end_reason": reason,
            "commitment_orders": commitment,
        }
    ).loc["S0"]
    assert row.cause == cause
    assert row.waived == commitment - 1


def test_an_earlier_day_knows_no_later_end_nor_order(tenure):
    row = tenure({"ended_at": datetime(2026, 3, 5, 9)}, as_of=date(2026, 2, 10)).loc["S0"]

    assert row.active
    assert row.made == 2  # the third was due on 2 March
    assert row.phase == pytest.approx(10 / 30)
    assert tenure({}, as_of=date(2025, 12, 31)).empty


def test_orders_tell_of_a_shorter_cycle_a_value_and_the_last_day(tenure):
    orders = [
        {"order_id": "1", "ordered_at": datetime(2026, 1, 1, 9), "amount": 500},
        {"order_id": "2", "ordered_at": datetime(2026, 1, 21, 9), "amount_excluding_tax": 900},
        {"order_id": "3", "ordered_at": datetime(2026, 2, 10, 9), "amount": 1100},
        {"order_id": "4", "ordered_at": datetime(2026, 3, 2, 9), "status": "returned"},
        {"order_id": "5", "ordered_at": datetime(2026, 3, 22, 9), "status": "cancelled"},
    ]
    orders = [order | {"subscription_id": "S0"} for order in orders]
    row = tenure({"renewals": None}, orders=orders).loc["S0"]

    assert row.made == 4
    assert row.order_value == 1000  # of the valid ones after the first
    assert row.phase == pytest.approx(29 / 30)


def test_a_missing_cycle_is_the_usual_one_of_the_product(tenure):
    found = tenure({"cycle_days": None}, {}, {"cycle_days": None, "product_id": "unheard-of"})

    assert found.index.tolist() == ["S0", "S1"]
    assert found.cycle_days.tolist() == [30, 30]


def test_subscriptions_of_unknown_members_have_no_row(tenure):
    assert tenure({"source_id": "stranger"}).empty


def test_the_first_channel_is_that_of_the_first_order_of_any_kind(tenure):
    orders = [
        {"order_id": "1", "ordered_at": datetime(2025, 5, 1, 9), "channel": "pos"},
        {"order_id": "2", "ordered_at": datetime(2026, 1, 1, 9), "channel": "ec"},
    ]
    found = tenure({}, {}, orders=orders)

    assert found.first_channel["S0"] == "pos"
    assert pd.isna(found.first_channel["S1"])
