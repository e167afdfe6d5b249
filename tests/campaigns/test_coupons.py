"""Coupons redeemed enter a campaign's cost, exactly, and once."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from tests.campaigns.handmade import Tables, assigned, known, order, plan

from joren.campaigns.audience import assigned_customers, one_arm_each
from joren.campaigns.coupons import Coupons, redeemed_coupons

DAY = datetime(2026, 2, 10)


def event(customer: str, value: str | None, at: datetime = DAY, **more) -> dict:
    return {
        "source": "shop", "source_id": customer, "occurred_at": at, "touchpoint": "coupon",
        "event_id": f"{customer}-{at:%d}", "campaign_id": "C1",
        "value": None if value is None else Decimal(value),
    } | more  # fmt: skip


def coupon_order(customer: str, discount: str, at: datetime = DAY, **more) -> dict:
    told = {"discount": Decimal(discount), "campaign_id": "C1"} | more
    return order(customer, at, **told)


def found(orders=(), events=()) -> dict[tuple[str, str], Coupons]:
    people = ["t0", "t1", "t2", "c0"]
    tables = Tables(
        orders=list(orders), events=list(events), identity_map=known(*people),
        assignments=assigned("treatment", *people[:3]) + assigned("control", "c0"),
    )  # fmt: skip
    identity = tables("identity_map")
    customers = one_arm_each(assigned_customers(tables("canonical/assignments"), identity))
    return redeemed_coupons(
        tables("canonical/orders"), tables("canonical/events"), identity, customers, [plan()], 0.4
    )


def test_discounts_of_the_campaigns_orders_are_its_coupons_to_the_last_digit():
    rows = [coupon_order("t0", "0.1"), coupon_order("t1", "0.2"), coupon_order("t2", "300")]
    own = found(rows)["C1", "treatment"]
    assert own == Coupons(3, 0, Decimal("300.3"), Decimal("120.12"))


@pytest.mark.parametrize(
    "other",
    [
        coupon_order("t0", "300", campaign_id="C2"),
        coupon_order("t0", "300", campaign_id=None),
        coupon_order("t0", "300", at=datetime(2026, 3, 1)),
        coupon_order("t0", "300", status="cancelled"),
        coupon_order("c0", "300"),
        order("t0", DAY, campaign_id="C1", mall_discount=Decimal(300)),
    ],
    ids=["another campaign", "no campaign", "after its days", "cancelled", "hold-out", "mall"],
)  # fmt: skip
def test_what_is_not_the_campaigns_coupon_costs_it_nothing(other):
    assert found([other]) == {}


def test_an_order_with_its_own_margin_bears_the_whole_coupon():
    own = found([coupon_order("t0", "300", margin=Decimal(200))])["C1", "treatment"]
    assert (own.cost, own.borne) == (300, 300)


def test_events_tell_of_coupons_where_orders_do_not_and_none_is_counted_twice():
    own = found(
        [coupon_order("t0", "300")],
        [
            event("t0", "300"), event("t1", "500"), event("t2", None),
            event("t2", None, DAY.replace(day=11)),
        ],
    )["C1", "treatment"]  # fmt: skip
    assert own == Coupons(2, 2, Decimal(800), Decimal(320))
