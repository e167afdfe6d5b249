"""What each arm of a campaign is worth by 90 days and until the horizon: the rows of the effect.

The first days are seen. Until the horizon, what was brought in so far is added to what is expected
from as_of on, by a model of each arm where there is enough of a campaign to fit one, and by the one
model of stage 04 besides; the share of the effect that nobody has seen is told with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol

import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
from ibis import _
from scipy.stats import norm

from joren.campaigns.arms import Arms
from joren.campaigns.audience import CONTROL
from joren.campaigns.outcomes import BEFORE_DAYS
from joren.campaigns.plan import Plan
from joren.experiments.evidence import Evidence
from joren.experiments.ltv_effect import LtvEffect, ltv_effect, value_moments
from joren.stats.checks import Check

SEEN_DAYS, AHEAD_DAYS = 90, 365
EXPECTED = f"ltv_{AHEAD_DAYS}d"
_SCHEMA = pa.schema({
    "campaign_id": pa.string(), "arm": pa.string(), "days": pa.int64(), "n": pa.int64(),
    "n_control": pa.int64(), "effect": pa.float64(), "lower": pa.float64(),
    "upper": pa.float64(), "extrapolated": pa.float64(), "grade": pa.string(),
    "assumption": pa.string(), "narrowed": pa.bool_(), "checks": pa.list_(pa.string()),
    "model": pa.string(), "shared": pa.float64(), "shared_lower": pa.float64(),
    "shared_upper": pa.float64(),
})  # fmt: skip


class ArmForecast(Protocol):
    """What an arm and its control are still to bring, each by a model of its own.

    customers : customer_id, expected; prior_sd : as of `ltv_effect`
    """

    @property
    def customers(self) -> ir.Table: ...

    @property
    def prior_sd(self) -> float: ...


@dataclass(frozen=True)
class LtvRow:
    """The effect of an arm on margin per customer, up to `days` after the campaign began.

    extrapolated : share of it, by size, that nobody has seen yet; 0 where all was seen
    narrowed : whether what customers brought before the campaign took noise off
    shared : the same effect by one model for all arms, where `evidence` is by a model of each
    """

    campaign_id: str
    arm: str
    days: int
    evidence: Evidence
    extrapolated: float
    narrowed: bool = False
    shared: Evidence | None = None

    @property
    def model(self) -> str:
        """`none` where all was seen; `by_arm`, or `shared` by all arms."""
        if self.extrapolated == 0:
            return "none"
        return "shared" if self.shared is None else "by_arm"


def read_out_ltv(
    plans: Iterable[Plan],
    arms: Mapping[str, Arms],
    assigned: ir.Table,
    facts: ir.Table,
    ltv: ir.Table,
    as_of: date,
    factor_sd: float,
    level: float,
    answers: Mapping[tuple[str, str], Check] | None = None,
    by_arm: Mapping[str, Mapping[str, ArmForecast]] | None = None,
) -> list[LtvRow]:
    """Two rows an arm of every finished campaign whose arms can be compared.

    Parameters
    ----------
    arms : from `campaigns.arms.count_arms`
    assigned : from `campaigns.audience.one_arm_each`
    facts : from `campaigns.outcomes.order_facts`
    ltv : table ltv of a run as of `as_of`
    factor_sd : relative standard deviation of the model's total, from `total_sd`
    level : of the intervals
    answers : (campaign, arm) → what became of forecasts made after it, from `ltv_answers`
    by_arm : campaign → arm → what the arm and its control are still to bring, where there is enough
        to fit a model to each
    """
    rows = []
    for plan in plans:
        found = arms.get(plan.campaign_id)
        if found is None or not found.sound or plan.last_day > as_of:
            continue
        own = assigned.filter(_.campaign_id == plan.campaign_id).select("customer_id", "arm")
        own = own.cache()
        begin = datetime.combine(plan.starts_on, time())
        days = min((as_of - plan.starts_on).days + 1, SEEN_DAYS)
        since = facts.filter(_.ordered_at >= begin).select(
            "customer_id", "ordered_at", value=_.margin
        )
        first = since.filter(_.ordered_at < begin + timedelta(days=days))
        past = facts.filter(
            (_.ordered_at < begin) & (_.ordered_at >= begin - timedelta(days=BEFORE_DAYS))
        ).select("customer_id", value=_.margin)
        early, late = (value_moments(own, part, ltv, EXPECTED, past) for part in (first, since))
        check = found.check()
        horizon = (as_of - plan.starts_on).days + 1 + AHEAD_DAYS
        forecasts = (by_arm or {}).get(plan.campaign_id, {})
        for arm in found.treated:
            seen = ltv_effect(early[arm], early[CONTROL], factor_sd, level)
            rows.append(LtvRow(
                plan.campaign_id, arm, days, seen.seen.with_checks(check), 0.0, seen.narrowed[0]
            ))  # fmt: skip
            answer = (answers or {}).get((plan.campaign_id, arm))
            checks = (check,) if answer is None else (check, answer)
            whole = ltv_effect(late[arm], late[CONTROL], factor_sd, level)
            shared = None
            if arm in forecasts:
                shared = whole.horizon.with_checks(*checks)
                pair = own.filter(_.arm.isin([arm, CONTROL]))
                whole = _by_arm(pair, arm, since, past, forecasts[arm], factor_sd, level)
            rows.append(LtvRow(
                plan.campaign_id, arm, horizon, whole.horizon.with_checks(*checks),
                whole.extrapolated, whole.narrowed[1], shared,
            ))  # fmt: skip
    return rows


def _by_arm(
    pair: ir.Table,
    arm: str,
    since: ir.Table,
    past: ir.Table,
    forecast: ArmForecast,
    factor_sd: float,
    level: float,
) -> LtvEffect:
    moments = value_moments(pair, since, forecast.customers, "expected", past)
    return ltv_effect(moments[arm], moments[CONTROL], factor_sd, level, forecast.prior_sd)


def total_sd(totals: pd.DataFrame, backtest: pd.DataFrame, level: float) -> float:
    """Relative standard deviation of the model's total: its own, or its last miss where larger.

    Parameters
    ----------
    totals : table forecast_totals; backtest : table backtest; either may be empty
    level : of the intervals in `totals`
    """
    own = totals[(totals.measure == "value") & (totals.group_name == "all")]
    own = own[own.days == AHEAD_DAYS]
    found = [0.0]
    if len(own) and own["mean"].iloc[0] > 0:
        reach = float((own.upper - own.lower).iloc[0]) / 2
        found.append(reach / float(norm.ppf((1 + level) / 2)) / float(own["mean"].iloc[0]))
    missed = backtest[(backtest.measure == "total_value") & (backtest.group_name == "all")]
    values = dict(zip(missed.predictor, missed.value, strict=True))
    if values.get("model") and values.get("actual"):
        found.append(abs(float(values["model"]) / float(values["actual"]) - 1))
    return max(found)


def ltv_table(rows: Iterable[LtvRow]) -> pa.Table:
    """The rows as the table `experiment_ltv`."""
    return pa.Table.from_pylist(
        [
            {
                "campaign_id": row.campaign_id,
                "arm": row.arm,
                "days": row.days,
                "n": row.evidence.n,
                "n_control": row.evidence.n_control,
                "effect": row.evidence.effect,
                "lower": row.evidence.lower,
                "upper": row.evidence.upper,
                "extrapolated": row.extrapolated,
                "grade": row.evidence.grade,
                "assumption": row.evidence.assumption,
                "narrowed": row.narrowed,
                "checks": [f"{one.name}:{one.outcome}" for one in row.evidence.checks],
                "model": row.model,
                "shared": row.shared.effect if row.shared else None,
                "shared_lower": row.shared.lower if row.shared else None,
                "shared_upper": row.shared.upper if row.shared else None,
            }
            for row in rows
        ],
        schema=_SCHEMA,
    )
