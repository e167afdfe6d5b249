"""What is known of each customer when lists are drawn, one row each.

Everybody known is here, also who never bought or whom no model has seen; what is not known is
null, and a null meets no condition of the playbook.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

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
    told: Sequence[ir.Table],
    as_of: date,
) -> ir.Table:
    """One row a customer.

    Parameters
    ----------
    customers, identity_map, summary, ltv, segments : tables of the run
    subscribers : from `subscribers`
    told : a row a customer each; from `complaints`, `former_subscribers`, `birthdays`,
        `points_held` and `next_product.offers`

    Returns
    -------
    customer_id, household_id, known_days, channels_known, purchases, tenure_days, silent_days,
    cycle_days (her own typical gap, null before a second purchase), overdue_ratio, status,
    status_days (since when she has it), rank, past_value, ltv_365d, ltv_365d_lower,
    ltv_365d_upper, ltv_365d_sd, and the columns of subscribers and of what is told
    """
    today = ibis.literal(as_of)
    homes = identity_map.group_by("customer_id").agg(household_id=_.household_id.min())
    base = customers.select(
        "customer_id",
        known_days=today.delta(customers.first_seen_at.date(), unit="day"),
        channels_known=customers.channels.length(),
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
    own = segments.filter(_.preset == "joren")
    standing = own.select(
        "customer_id", "status", "rank", status_days=today.delta(own.since, unit="day")
    )
    found = base
    for part in (homes, bought, worth, standing, subscribers, *told):
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


def former_subscribers(subscriptions: ir.Table, identity_map: ir.Table, as_of: date) -> ir.Table:
    """Days since the end of each customer's last subscription, and why it ended.

    Who has another one running is here too; the playbook asks for `subscribed: false` beside.

    Returns
    -------
    customer_id, ended_days, ended_why (end_reason; `other` where none is given)
    """
    tomorrow = datetime.combine(as_of + timedelta(days=1), time())
    ended = subscriptions.filter(subscriptions.ended_at < tomorrow)
    owned = ended.inner_join(identity_map, ["source", "source_id"])
    order = [owned.ended_at.desc(), owned.source, owned.subscription_id]
    last = owned.group_by("customer_id").agg(
        at=owned.ended_at.max(),
        ended_why=owned.end_reason.fill_null("other").first(order_by=order),
    )
    return last.select(
        "customer_id", "ended_why",
        ended_days=ibis.literal(as_of).delta(last["at"].date(), unit="day"),
    )  # fmt: skip


def birthdays(golden: ir.Table, as_of: date) -> ir.Table:
    """Days until each customer's next birthday, 1 tomorrow; the 29th of February counts as 1 March.

    Parameters
    ----------
    golden : restricted/customers

    Returns
    -------
    customer_id, birthday_in_days
    """
    ahead: dict[tuple[int, int], int] = {}
    for days in range(1, 367):
        day = as_of + timedelta(days=days)
        ahead.setdefault((day.month, day.day), days)
    ahead.setdefault((2, 29), ahead[3, 1])
    calendar = ibis.memtable({
        "month": [month for month, _day in ahead],
        "day": [day for _month, day in ahead],
        "birthday_in_days": list(ahead.values()),
    })  # fmt: skip
    born = golden.filter(golden.birth_date.notnull())
    born = born.select(
        "customer_id",
        month=born.birth_date.month().cast("int64"),
        day=born.birth_date.day().cast("int64"),
    )
    return born.inner_join(calendar, ["month", "day"]).select("customer_id", "birthday_in_days")


def points_held(balances: ir.Table) -> ir.Table:
    """Points each customer could use today, over all her accounts.

    Parameters
    ----------
    balances : table point_balances

    Returns
    -------
    customer_id, points_balance
    """
    owned = balances.filter(balances.customer_id.notnull())
    return owned.group_by("customer_id").agg(points_balance=owned.balance.sum().cast("int64"))


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
