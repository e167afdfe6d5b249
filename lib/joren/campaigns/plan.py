"""What was meant to be done and found: the plan of one campaign, whole, as one JSON text.

A plan is what its parameters say over what the table `campaigns` says over the house defaults. Its
text is canonical, so that equal plans have equal hashes whatever the order they were written in.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from joren.campaigns.metrics import AFTER_DAYS, DEFAULT_KPI, METRICS, Metric
from joren.params_campaigns import CampaignPlan, Kpi


@dataclass(frozen=True)
class PlannedKpi:
    """One KPI as it is read out: numerator over denominator in a window, and what follows from it.

    metric : its ID in the house registry, None where it is the client's own
    window : `readout`, from the first day on, or `after`, from the day after the last
    window_days : None for the campaign's own days
    target : the effect hoped for
    roll_out_from, stop_below : thresholds of the decision, on the effect
    """

    id: str
    metric: str | None
    numerator: str
    denominator: str
    window: str
    window_days: int | None
    better: str = "more"
    target: float | None = None
    owner: str | None = None
    definition: dict[str, str] | None = None
    roll_out_from: float = 0.0
    stop_below: float = 0.0

    def as_metric(self) -> Metric:
        """What it measures, under its own ID."""
        return Metric(self.id, self.numerator, self.denominator, self.window, self.better)


@dataclass(frozen=True)
class Plan:
    """The plan of one campaign.

    starts_on, until : its readout window; `until` is the day after the last
    kpis : the first is what the campaign is judged by
    shares : arm → planned share; None means equal shares
    unit_cost : currency per customer contacted; grants : arm → points to each of its customers
    planned : whether the parameters hold a plan; else this is the house default
    """

    campaign_id: str
    name: str
    kind: str
    starts_on: date
    until: date
    kpis: tuple[PlannedKpi, ...]
    shares: dict[str, float] | None
    objective: dict[str, str] | str | None
    owner: str | None
    unit_cost: float
    fixed_cost: float
    grants: dict[str, int]
    planned: bool

    @property
    def last_day(self) -> date:
        return self.until - timedelta(days=1)

    @property
    def text(self) -> str:
        """The plan as canonical JSON: sorted keys, no spaces."""
        content = asdict(self) | {
            "starts_on": self.starts_on.isoformat(),
            "until": self.until.isoformat(),
        }
        return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    @property
    def hash(self) -> str:
        """SHA-256 of the text, in hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def read_plan(text: str) -> Plan:
    """The plan of such a text."""
    content = json.loads(text)
    return Plan(
        **content
        | {
            "starts_on": date.fromisoformat(content["starts_on"]),
            "until": date.fromisoformat(content["until"]),
            "kpis": tuple(PlannedKpi(**kpi) for kpi in content["kpis"]),
        }
    )


def plan_campaign(row: Mapping[str, Any], given: CampaignPlan | None) -> Plan:
    """The plan of one campaign.

    Parameters
    ----------
    row : its row of canonical/campaigns, as a record
    given : its section of the parameters, None without one
    """
    own = given or CampaignPlan()
    told = json.loads(row["planned_shares"]) if row.get("planned_shares") else None
    kpis = tuple(_planned(kpi) for kpi in own.kpis) or (_default_kpi(row),)
    unit_cost = own.unit_cost if own.unit_cost is not None else float(row.get("cost") or 0)
    objective = own.objective.model_dump() if own.objective else row.get("objective")
    return Plan(
        campaign_id=row["campaign_id"],
        name=row["name"],
        kind=row["kind"],
        starts_on=_day(row["starts_on"]),
        until=_day(row["ends_on"]),
        kpis=kpis,
        shares=own.shares or told,
        objective=objective,
        owner=own.owner,
        unit_cost=unit_cost,
        fixed_cost=own.fixed_cost,
        grants=dict(own.grants),
        planned=given is not None,
    )


def house_kpi(metric: str) -> PlannedKpi:
    """A metric of the registry with the window it has there, without target."""
    known = METRICS[metric]
    days = AFTER_DAYS if known.window == "after" else None
    return PlannedKpi(
        metric, metric, known.numerator, known.denominator, known.window, days, known.better
    )


def _planned(kpi: Kpi) -> PlannedKpi:
    known = METRICS.get(kpi.metric or "")
    window = known.window if known else ("after" if kpi.numerator == "lapsed" else "readout")
    fewer = known.better == "fewer" if known else kpi.numerator == "lapsed"
    return PlannedKpi(
        id=kpi.id,
        metric=kpi.metric,
        numerator=known.numerator if known else kpi.numerator,
        denominator=known.denominator if known else kpi.denominator,
        window=window,
        window_days=kpi.window_days or (AFTER_DAYS if window == "after" else None),
        better="fewer" if fewer else "more",
        target=kpi.target,
        owner=kpi.owner,
        definition=kpi.definition.model_dump() if kpi.definition else None,
        roll_out_from=kpi.decision.roll_out_from,
        stop_below=kpi.decision.stop_below,
    )


def _default_kpi(row: Mapping[str, Any]) -> PlannedKpi:
    """What the client's table names, where the registry knows it; else the house default."""
    named = row.get("kpi")
    return house_kpi(named if named in METRICS else DEFAULT_KPI)


def _day(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
