"""What a campaign's coupons cost: those redeemed by whom it gave them to, as far as data tell.

1. A coupon is redeemed by an order that bears the campaign's ID and a discount, or by an event
   `coupon` that bears it; where a customer's orders tell of the campaign's coupons, her events are
   the same coupons and are not counted again. What a mall pays for is not the client's cost.
2. It counts in the campaign's own days, for customers assigned to a treated arm.
3. What customers paid is after discounts, so that margin worked out by a rate of it bears that rate
   of each coupon already, and an order's own margin all of it (`borne`). The cost is the whole
   coupon, and what is borne is given back to the margin it is held against, once.

An event without a value says that a coupon was redeemed and not what it was worth: it is counted
(`untold`), and the cost is too small by it. Sums are of decimals, exact.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis import _

from joren.campaigns.audience import CONTROL
from joren.campaigns.plan import Plan
from joren.contract import MONEY

TOUCHPOINT = "coupon"


@dataclass(frozen=True)
class Coupons:
    """The coupons of one arm.

    redeemed : how many, with their value; untold : how many more whose value nobody tells
    cost : their value, in currency; borne : the part of it that margins bear already
    """

    redeemed: int
    untold: int
    cost: Decimal
    borne: Decimal


NONE = Coupons(0, 0, Decimal(0), Decimal(0))


def redeemed_coupons(
    orders: ir.Table,
    events: ir.Table,
    identity_map: ir.Table,
    customers: ir.Table,
    plans: Iterable[Plan],
    margin_rate: float,
) -> dict[tuple[str, str], Coupons]:
    """The coupons redeemed in each treated arm; arms without any are left out.

    Parameters
    ----------
    orders : canonical/orders; events : canonical/events
    customers : campaign_id, customer_id, arm; from `audience.one_arm_each`
    plans : of the campaigns
    margin_rate : margin per value, where an order does not carry its own
    """
    people = customers.filter(_.arm != CONTROL).select("campaign_id", "customer_id", "arm")
    known = identity_map.select("source", "source_id", "customer_id")
    days = ibis.memtable(_days(plans))

    def given(rows: ir.Table) -> ir.Table:
        own = rows.join(known, ["source", "source_id"]).join(people, ["campaign_id", "customer_id"])
        own = own.join(days, "campaign_id")
        return own.filter((own.at >= own.begin) & (own.at < own.until)).select(
            "campaign_id", "arm", "customer_id", "value", "own_margin"
        )

    paid = given(
        orders.filter((_.status == "valid") & (_.discount > 0)).select(
            "campaign_id", "source", "source_id", at=_.ordered_at, value=_.discount,
            own_margin=_.margin.notnull(),
        )
    )  # fmt: skip
    told = given(
        events.filter(_.touchpoint == TOUCHPOINT).select(
            "campaign_id", "source", "source_id", at=_.occurred_at, value=_.value,
            own_margin=ibis.literal(False),
        )
    ).anti_join(paid, ["campaign_id", "customer_id"])  # fmt: skip
    rows = paid.union(told)
    rate = ibis.literal(Decimal(str(round(margin_rate, 4))), MONEY)
    borne = rows.own_margin.ifelse(rows.value, (rows.value * rate).round(4).cast(MONEY))
    sums = (
        rows.mutate(borne=borne)
        .group_by("campaign_id", "arm")
        .agg(
            redeemed=_.value.count(),
            untold=_.value.isnull().sum(),
            cost=ibis.coalesce(_.value.sum(), 0).cast(MONEY),
            borne=ibis.coalesce(_.borne.sum(), 0).cast(MONEY),
        )
    )
    return {
        (row["campaign_id"], row["arm"]): Coupons(
            int(row["redeemed"]), int(row["untold"]), row["cost"], row["borne"]
        )
        for row in sums.to_pyarrow().to_pylist()
    }


def _days(plans: Iterable[Plan]) -> pa.Table:
    rows = [{"campaign_id": p.campaign_id, "begin": p.starts_on, "until": p.until} for p in plans]
    schema = pa.schema({
        "campaign_id": pa.string(), "begin": pa.date32(), "until": pa.date32(),
    })  # fmt: skip
    return pa.Table.from_pylist(rows, schema=schema)
