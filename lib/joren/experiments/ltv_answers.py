"""What became of forecasts made after a campaign: do its arms go on as they were expected to?

The effect until the horizon rests on treated customers going on as others who bought the same so
far. Forecasts of each customer are frozen when a run is published; of those made once a campaign
was over, the earliest leaves most time to look at. What customers then brought is held against what
was expected of them, arm by arm (`checks/surrogate`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta

import ibis
import ibis.expr.types as ir
from ibis import _

from joren.campaigns.arms import Arms
from joren.campaigns.audience import CONTROL
from joren.campaigns.plan import Plan
from joren.experiments.checks.surrogate import surrogate
from joren.experiments.ltv_effect import value_moments
from joren.merged_ids import todays_ids
from joren.stats.checks import Check


def forecast_answers(
    plans: Iterable[Plan],
    arms: Mapping[str, Arms],
    assigned: ir.Table,
    facts: ir.Table,
    forecasts: ir.Table | None,
    history: ir.Table,
    identity_map: ir.Table,
    as_of: date,
) -> dict[tuple[str, str], Check]:
    """The check of each arm of the campaigns after which a forecast can be judged already.

    Parameters
    ----------
    arms : from `campaigns.arms.count_arms`
    assigned : from `campaigns.audience.one_arm_each`
    facts : from `campaigns.outcomes.order_facts`
    forecasts : state log `forecast_customers`, None while nothing was published
    history, identity_map : of today
    as_of : last day of data

    Returns
    -------
    (campaign, arm) → check; both arms' values are margins seen and amounts expected, whose ratio
    is the same factor in both
    """
    if forecasts is None:
        return {}
    spans = forecasts.select("made_as_of", days=forecasts.days.unnest()).distinct()
    due = spans.filter(ibis.literal(as_of).delta(spans.made_as_of, unit="day") >= spans.days)
    longest = due.group_by("made_as_of").agg(days=_.days.max()).order_by("made_as_of")
    passed = [(row["made_as_of"], row["days"]) for row in longest.to_pyarrow().to_pylist()]
    found = {}
    for plan in plans:
        own, after = arms.get(plan.campaign_id), [p for p in passed if p[0] >= plan.last_day]
        if own is None or not own.sound or not after:
            continue
        made, days = after[0]
        expected = _expected(forecasts.filter(_.made_as_of == made), days, history, identity_map)
        begin = datetime.combine(made + timedelta(days=1), time())
        end = begin + timedelta(days=days)
        seen = facts.filter((_.ordered_at >= begin) & (_.ordered_at < end))
        people = assigned.filter(_.campaign_id == plan.campaign_id)
        moments = value_moments(
            people, seen.select("customer_id", value=_.margin), expected, "expected"
        )
        for arm in own.treated:
            found[plan.campaign_id, arm] = surrogate(moments[arm], moments[CONTROL])
    return found


def _expected(frozen: ir.Table, days: int, history: ir.Table, identity_map: ir.Table) -> ir.Table:
    """customer_id of today, expected: the forecasts of those merged since added up."""
    ids = todays_ids(frozen, history, identity_map).filter(_.today.notnull())
    at = frozen.days.index(days)
    value = frozen.expected_value[at].cast("float64")
    return (
        frozen.select("customer_id", expected=value)
        .join(ids, "customer_id")
        .select("expected", customer_id="today")
    )
