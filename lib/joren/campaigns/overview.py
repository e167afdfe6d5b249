"""Small tables of campaigns that a reader can take in: plans, arms, effects."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from joren import text
from joren.campaigns.audience import CONTACTED
from joren.campaigns.gather import Gathered
from joren.campaigns.plan import Plan
from joren.campaigns.plans import PlanStatus
from joren.campaigns.readout import Row
from joren.campaigns.verdicts import SHORT_HASH, SPECS


def plans_overview(found: Sequence[PlanStatus]) -> pd.DataFrame:
    """One row a campaign: days, the KPI it is judged by, the state of its plan."""
    return pd.DataFrame([
        {
            "name": one.plan.name,
            "starts_on": one.plan.starts_on,
            "last_day": one.plan.last_day,
            "kpi": _kpi_key(one.plan.kpis[0].metric, one.plan.kpis[0].id),
            "status": f"campaigns.status.{one.status}",
            "frozen_at": one.frozen_at,
            "hash": one.plan.hash[:SHORT_HASH] if one.plan.planned else "–",
        }
        for one in found
    ])  # fmt: skip


def arms_overview(gathered: Gathered) -> pd.DataFrame:
    """One row an arm: its customers, planned and found share, and how well they fit together."""
    rows = []
    for name, arms in gathered.arms.items():
        planned = gathered.plans[name].shares or dict.fromkeys(arms.sizes, 1.0)
        whole = sum(planned.values())
        for arm, n in arms.sizes.items():
            rows.append({
                "name": gathered.plans[name].name,
                "arm": arm_key(arm),
                "n": n,
                "planned": planned[arm] / whole if arm in planned else None,
                "found": n / arms.n,
                "srm_p": arms.srm.p if arms.srm else None,
                "mixed": arms.mixed,
            })  # fmt: skip
    return pd.DataFrame(rows)


def effects_overview(rows: Sequence[Row], plans: dict[str, Plan]) -> pd.DataFrame:
    """One row an effect, values written in the unit of their metric; the newest campaign first.

    Returns
    -------
    campaign, arm, kpi, n, n_control; mean, mean_control, effect, lower, upper as texts of numbers;
    relative, relative_lower, relative_upper, p_better, method, grade
    """
    told = [(row, plans[row.reading.campaign_id]) for row in rows]
    told.sort(key=lambda pair: pair[1].starts_on, reverse=True)
    return pd.DataFrame([_effect(row, plan) for row, plan in told])


def arm_key(arm: str) -> str:
    """An arm as a report's table names it: a text key, or the client's own word."""
    return "campaigns.arm.contacted" if arm == CONTACTED else arm


def _effect(row: Row, plan: Plan) -> dict:
    effect, spec = row.effect, SPECS[row.reading.metric.unit]
    told = dict.fromkeys(("mean", "mean_control", "effect", "lower", "upper"))
    relative = None
    if effect is not None:
        relative = effect.relative
        told = {
            "mean": effect.mean,
            "mean_control": effect.mean_control,
            "effect": effect.absolute.value,
            "lower": effect.absolute.lower,
            "upper": effect.absolute.upper,
        }
    planned = row.reading.planned
    return {
        "campaign": plan.name,
        "arm": arm_key(row.arm),
        "kpi": _kpi_key(planned.metric if planned else None, row.reading.metric.id),
        "n": row.n,
        "n_control": row.n_control,
        **{name: text.format_value(value, spec, "en", "JPY") for name, value in told.items()},
        "relative": relative.value if relative else None,
        "relative_lower": relative.lower if relative else None,
        "relative_upper": relative.upper if relative else None,
        "p_better": effect.p_better if effect else None,
        "method": f"campaigns.method.{row.method}",
        "grade": f"campaigns.grade.{row.grade}",
    }


def _kpi_key(metric: str | None, name: str) -> str:
    key = f"campaigns.metric.{metric or name}"
    return key if text.has(key) else name
