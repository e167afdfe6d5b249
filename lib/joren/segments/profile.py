"""What is known of each customer, in one row: what segments, lists and pages are cut from."""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from joren.contract import MONEY


def standing_on(visits: ir.Table, as_of: date) -> ir.Table:
    """Each customer's measures on the last day.

    Parameters
    ----------
    visits : of `standing.visits`

    Returns
    -------
    customer_id, purchases, total (exact), tenure_days, silent_days, first_on, last_on
    """
    last = visits.filter(_.next_day.isnull())
    return last.select(
        "customer_id",
        purchases=_.visit,
        total=_.total.cast(MONEY),
        tenure_days=_.tenure,
        silent_days=ibis.literal(as_of).delta(last.day, unit="day"),
        first_on=(last.day - last.tenure.cast("int32").as_interval("D")).cast("date"),
        last_on=_.day,
    )


def standing_from_segments(segments: ir.Table, summary: ir.Table) -> ir.Table:
    """The same measures from a published run, whose visits are not at hand.

    Parameters
    ----------
    segments : table `segments`; r, f and m are the same in every preset
    summary : table `purchase_summary`
    """
    measured = segments.distinct(on="customer_id", keep="first").select(
        "customer_id", purchases=_.f.cast("int64"), silent_days=_.r.cast("int64")
    )
    joined = summary.join(measured, "customer_id")
    return joined.select(
        "customer_id",
        "purchases",
        "silent_days",
        total=_.past_value.cast(MONEY),
        tenure_days=_.recency,
        first_on=_.first_ordered_at.date(),
        last_on=_.last_ordered_at.date(),
    )


def profile(
    standing: ir.Table,
    summary: ir.Table,
    *,
    ltv: ir.Table | None = None,
    ranks: ir.Table | None = None,
    customers: ir.Table | None = None,
    points: ir.Table | None = None,
    subscriptions: ir.Table | None = None,
    segments: dict[str, ir.Table] | None = None,
) -> ir.Table:
    """One row per customer who ever bought, with every measure the client's data carry.

    Parameters
    ----------
    standing : of `standing_on`
    summary : table `purchase_summary`
    ltv, customers : tables of those names
    ranks : of `ranks.ranked`
    points : table `point_balances`, several accounts a customer
    subscriptions : table `subscription_churn`, active ones
    segments : preset → customer_id, segment; each becomes a measure of the preset's name
    """
    firsts = summary.select("customer_id", "first_channel", "first_category", "cohort")
    parts = [firsts]
    if ltv is not None:
        parts.append(
            ltv.select(
                "customer_id", "p_order_90d", "ltv_365d", "expected_value_365d", "overdue_ratio"
            )
        )
    if ranks is not None:
        parts.append(ranks.select("customer_id", "rank", "p_high", "score"))
    if customers is not None:
        parts.append(
            customers.select("customer_id", "gender", "birth_year", "channels", "consents")
        )
    if points is not None:
        parts.append(
            points.group_by("customer_id").agg(
                points_balance=_.balance.sum(), points_expiring_next=_.expiring_next.sum()
            )
        )
    if subscriptions is not None:
        parts.append(
            subscriptions.group_by("customer_id").agg(
                subscriptions=_.count(), p_cancel_90d=_.p_end_90d.max()
            )
        )
    for name, members in (segments or {}).items():
        parts.append(members.select("customer_id", **{name: "segment"}))
    joined = standing
    for part in parts:
        joined = joined.left_join(part, "customer_id").drop("customer_id_right")
    counted = {
        name: joined[name].fill_null(0)
        for name in ("points_balance", "points_expiring_next", "subscriptions")
        if name in joined.columns
    }
    return joined.mutate(**counted) if counted else joined
