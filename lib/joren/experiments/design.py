"""The design of a campaign: whom it is for, who is held out, and what effect it can show.

Base rates and spread are the audience's own, of the last days as long as the campaign. The draw is
that of every list (`lists/hold_out.py`): seeded, stratified, and the same for the same people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import sqrt
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _
from scipy.stats import norm

from joren.campaigns.plan import Plan
from joren.errors import ParameterError
from joren.lists.hold_out import CONTROL, draw_arms
from joren.stats.power import ALPHA, POWER, detectable_mean, detectable_rate, expected_chance

HOLD_OUTS = (0.05, 0.1, 0.2, 0.3, 0.5)
EVERYBODY = "all"
_QUANTILES = float(norm.isf(ALPHA / 2) + norm.isf(1 - POWER))  # a detectable effect in its errors


@dataclass(frozen=True)
class Base:
    """What an audience did in the last days, without the campaign.

    n : customers; days : looked at; rate : share that bought; revenue, revenue_sd : per customer
    """

    n: int
    days: int
    rate: float
    revenue: float
    revenue_sd: float


def audience_of(
    customers: ir.Table, segments: ir.Table, segment: str, preset: str | None = None
) -> ir.Table:
    """The audience of a campaign with its strata.

    Parameters
    ----------
    customers : table customers, or any other with customer_id
    segments : table segments; empty where the client has none
    segment : its column `segment` that is to be contacted, or `all`
    preset : whose segments these are; the first by name if not given

    Returns
    -------
    customer_id, stratum (her segment; `all` without one)

    Raises
    ------
    ParameterError if nobody is in the segment
    """
    names = segments.select("preset").distinct().order_by("preset").to_pyarrow().to_pylist()
    chosen = preset or (names[0]["preset"] if names else None)
    own = segments.filter(_.preset == chosen).select("customer_id", "segment")
    joined = customers.select("customer_id").left_join(own, "customer_id")
    found = joined.select("customer_id", stratum=joined.segment.fill_null(EVERYBODY))
    if segment != EVERYBODY:
        found = found.filter(_.stratum == segment)
    if not found.limit(1).count().to_pyarrow().as_py():
        known = own.select("segment").distinct().order_by("segment").to_pyarrow().to_pylist()
        raise ParameterError(
            f"nobody is in the segment {segment!r}", f"preset {chosen}",
            f"choose of {', '.join(row['segment'] for row in known) or EVERYBODY}",
        )  # fmt: skip
    return found


def base_of(audience: ir.Table, facts: ir.Table, days: int, as_of: date) -> Base:
    """What the audience did in the last `days` days.

    Parameters
    ----------
    audience : from `audience_of`
    facts : from `campaigns.outcomes.order_facts`
    """
    end = datetime.combine(as_of, time()) + timedelta(days=1)
    recent = facts.filter((_.ordered_at >= end - timedelta(days=days)) & (_.ordered_at < end))
    sums = recent.group_by("customer_id").agg(
        orders=_.is_purchase.sum(), revenue=_.revenue.sum().cast("decimal(18, 2)")
    )
    joined = audience.left_join(sums, "customer_id")
    (row,) = (
        joined.agg(
            n=_.count(),
            buyers=(_.orders.fill_null(0) > 0).sum(),
            total=_.revenue.sum().cast("float64"),
            squares=(_.revenue * _.revenue).sum().cast("float64"),
        )
        .to_pyarrow()
        .to_pylist()
    )
    n, total = int(row["n"]), row["total"] or 0.0
    variance = max((row["squares"] or 0.0) - total**2 / n, 0.0) / max(n - 1, 1)
    return Base(n, days, (row["buyers"] or 0) / n, total / n, sqrt(variance))


def prior_of(ledger: ir.Table) -> tuple[float, float] | None:
    """Mean and sd of the relative effect to expect of the next campaign, as past ones say together.

    Parameters
    ----------
    ledger : table pdca; empty where there is none

    Returns
    -------
    None with fewer than two randomised campaigns
    """
    rows = ledger.filter(_.prior_sd.notnull()).select("prior_mean", "prior_sd").limit(1)
    for row in rows.to_pyarrow().to_pylist():
        return row["prior_mean"], row["prior_sd"]
    return None


def power_table(
    base: Base,
    hold_outs: Sequence[float] = HOLD_OUTS,
    prior: tuple[float, float] | None = None,
) -> pd.DataFrame:
    """The smallest effects that can be shown with power .8, by share held out.

    Parameters
    ----------
    prior : from `prior_of`

    Returns
    -------
    hold_out, control, treated, response (absolute), revenue (per customer), revenue_relative;
    chance: that an effect on response will be shown if this campaign is like the past ones; None
    where no effect could be shown, or nothing is known of the past
    """
    rows = []
    for share in hold_outs:
        rate = detectable_rate(base.rate, base.n, share) if 0 < base.rate < 1 else None
        revenue = detectable_mean(base.revenue_sd, base.n, share) if base.revenue_sd > 0 else None
        rows.append({
            "hold_out": share,
            "control": round(base.n * share),
            "treated": base.n - round(base.n * share),
            "response": rate,
            "revenue": revenue,
            "revenue_relative": revenue / base.revenue if revenue and base.revenue > 0 else None,
            "chance": expected_chance(*prior, rate / base.rate / _QUANTILES)
            if prior and rate else None,
        })  # fmt: skip
    return pd.DataFrame(rows)


def draw(audience: ir.Table, campaign: str, hold_out: float, seed: int) -> ir.Table:
    """The assignment file: campaign_id, customer_id, arm, stratum, in the order of customer_id.

    Raises
    ------
    ParameterError if the hold-out is no share
    """
    if not 0 < hold_out < 1:
        raise ParameterError("a hold-out is a share between 0 and 1", "hold_out", "give another")
    people = audience.mutate(campaign_id=ibis.literal(campaign)).cache()
    arms = draw_arms(people, None, {campaign: hold_out}, seed)
    joined = people.inner_join(arms, ["campaign_id", "customer_id"])
    named = (joined.arm == CONTROL).ifelse("control", "treatment")
    return joined.select("campaign_id", "customer_id", "stratum", arm=named).order_by("customer_id")


def conflicts(
    audience: ir.Table, assigned: ir.Table, plans: Iterable[Plan], start: date, until: date
) -> pd.DataFrame:
    """Other campaigns of the same days with customers of the audience.

    Parameters
    ----------
    assigned : from `campaigns.audience.assigned_customers`
    start, until : first day of the new campaign and the day after its last

    Returns
    -------
    campaign_id, name, starts_on, last_day, customers (in both)
    """
    close = {p.campaign_id: p for p in plans if p.starts_on < until and start < p.until}
    shared = (
        assigned.filter(_.campaign_id.isin(sorted(close)) if close else ibis.literal(False))
        .semi_join(audience, "customer_id")
        .group_by("campaign_id")
        .agg(customers=_.customer_id.nunique())
        .order_by("campaign_id")
        .to_pyarrow()
        .to_pylist()
    )
    columns = ["campaign_id", "name", "starts_on", "last_day", "customers"]
    rows: list[dict[str, Any]] = [
        {
            "campaign_id": row["campaign_id"],
            "name": close[row["campaign_id"]].name,
            "starts_on": close[row["campaign_id"]].starts_on,
            "last_day": close[row["campaign_id"]].last_day,
            "customers": int(row["customers"]),
        }
        for row in shared
    ]
    return pd.DataFrame(rows, columns=columns)


def cost_table(
    treated: int, unit_costs: Mapping[str, float], fixed_cost: float = 0.0
) -> pd.DataFrame:
    """What contacting the treated arm costs on each channel: channel, unit_cost, cost (currency).

    Parameters
    ----------
    unit_costs : channel → cost of one contact
    """
    return pd.DataFrame([
        {"channel": channel, "unit_cost": cost, "cost": treated * cost + fixed_cost}
        for channel, cost in unit_costs.items()
    ])  # fmt: skip
