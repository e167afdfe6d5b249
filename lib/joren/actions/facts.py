"""What is known of each customer when lists are drawn, one row each.

Everybody known is here, also who never bought or whom no model has seen; what is not known is
null, and a null meets no condition of the playbook.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _
from ibis.backends.duckdb import Backend

from joren.engine import keep
from joren.purchases import LOG_GAP_UNITS


def facts(
    con: Backend,
    customers: ir.Table,
    identity_map: ir.Table,
    summary: ir.Table,
    ltv: ir.Table,
    segments: ir.Table,
    subscribers: ir.Table,
    complaints: ir.Table,
    offers: ir.Table,
    as_of: date,
) -> ir.Table:
    """One row a customer.

    Parameters
    ----------
    customers, identity_map, summary, ltv, segments : tables of the run
    subscribers : from `subscribers`
    complaints : from `complaints`
    offers : from `next_product.offers`

    Returns
    -------
    customer_id, household_id, known_days, purchases, tenure_days, silent_days, cycle_days (her own
    typical gap, null before a second purchase), overdue_ratio, status, rank, past_value, ltv_365d,
    ltv_365d_lower, ltv_365d_upper, ltv_365d_sd, and the columns of subscribers, complaints and
    offers
    """
    today = ibis.literal(as_of)
    homes = identity_map.group_by("customer_id").agg(household_id=_.household_id.min())
    base = customers.select(
        "customer_id", known_days=today.delta(customers.first_seen_at.date(), unit="day")
    )
    gap = summary.log_gaps / (LOG_GAP_UNITS * summary.frequency.nullif(0))
    bought = summary.select(
        "customer_id",
        purchases=summary.frequency + 1,
        tenure_days=summary["T"],
        silent_days=summary["T"] - summary.recency,
        cycle_days=gap.exp(),
    )
    worth = ltv.select(
        "customer_id", "overdue_ratio", "past_value", "ltv_365d", "ltv_365d_lower",
        "ltv_365d_upper", "ltv_365d_sd",
    )  # fmt: skip
    standing = segments.filter(_.preset == "joren").select("customer_id", "status", "rank")
    found = base
    for part in (homes, bought, worth, standing, subscribers, complaints, offers):
        found = found.left_join(part, "customer_id").drop("customer_id_right")
    found = found.mutate(
        purchases=found.purchases.fill_null(0),
        subscribed=found.subscribed.fill_null(False),
        payment_risk=found.payment_risk.fill_null(False),
    )
    return keep(con, "action_facts", found)


def subscribers(churn: ir.Table, subscriptions: ir.Table, as_of: date) -> ir.Table:
    """Customers with a running subscription; of several, the one with most to lose speaks.

    Parameters
    ----------
    churn : table subscription_churn, of running subscriptions
    subscriptions : canonical/subscriptions

    Returns
    -------
    customer_id, subscribed, subscribed_days (since the newest began), p_end_90d, why (reasons),
    payment_risk, subscription_value (chance of an end within 90 days x margin still to come) with
    its lower and upper, the chance's interval
    """
    if "residual_value" not in churn.columns:  # the client's run has no such table
        churn = churn.mutate(residual_value=ibis.null("float64"))
    lost = (churn.p_end_90d * churn.residual_value).fill_null(-1.0)
    started = subscriptions.select("source", "subscription_id", "started_at")
    known = churn.mutate(lost=lost).inner_join(started, ["source", "subscription_id"])
    order = [known.lost.desc(), known.p_end_90d.desc(), known.subscription_id]
    top = {
        name: known[name].first(order_by=order)
        for name in ("p_end_90d", "lower", "upper", "residual_value", "reasons")
    }
    of_customer = known.group_by("customer_id").agg(
        began=known.started_at.max(),
        payment_risk=known.reasons.contains("payment").any(),
        **top,
    )
    return of_customer.select(
        "customer_id",
        "p_end_90d",
        "payment_risk",
        subscribed=ibis.literal(True),
        subscribed_days=ibis.literal(as_of).delta(of_customer.began.date(), unit="day"),
        why="reasons",
        subscription_value=_.p_end_90d * _.residual_value,
        subscription_value_lower=_.lower * _.residual_value,
        subscription_value_upper=_.upper * _.residual_value,
    )


def complaints(
    events: ir.Table, identity_map: ir.Table, touchpoints: Sequence[str], as_of: date
) -> ir.Table:
    """Days since each customer's latest complaint.

    Returns
    -------
    customer_id, complained_days
    """
    told = events.filter(events.touchpoint.isin(list(touchpoints)))
    owned = told.inner_join(identity_map, ["source", "source_id"])
    latest = owned.group_by("customer_id").agg(at=owned.occurred_at.max())
    return latest.select(
        "customer_id", complained_days=ibis.literal(as_of).delta(latest["at"].date(), unit="day")
    )
