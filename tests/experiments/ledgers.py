"""Tables of a small ledger: campaigns with plans and the readout of their KPI."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from joren.campaigns.plan import Plan, house_kpi

START = date(2025, 1, 6)


def plan(number: int, **changes: Any) -> Plan:
    """The plan of campaign C<number>, 60 days after the one before; its KPI is the response."""
    begin = START + timedelta(days=60 * number)
    facts = {
        "campaign_id": f"C{number}", "name": f"施策{number}", "kind": "dm", "starts_on": begin,
        "until": begin + timedelta(days=28), "kpis": (house_kpi("response_rate"),),
        "shares": {"control": 0.2, "treatment": 0.8}, "objective": {"ja": "来店", "en": "Visits"},
        "owner": None, "unit_cost": 100.0, "fixed_cost": 0.0, "grants": {}, "planned": True,
    }  # fmt: skip
    return Plan(**facts | changes)


def held(made: Plan, status: str = "frozen", opens: bool = True) -> dict[str, Any]:
    """Its row of campaign_plans."""
    return {
        "campaign_id": made.campaign_id, "name": made.name, "kind": made.kind,
        "starts_on": made.starts_on, "last_day": made.last_day, "status": status,
        "opens": opens, "plan": made.text,
    }  # fmt: skip


def result(made: Plan, effect: float, se: float, **changes: Any) -> dict[str, Any]:
    """A row of experiment_readout of its first KPI: base 0.2, 800 treated beside 200."""
    low, high, base = effect - 1.645 * se, effect + 1.645 * se, 0.2
    kpi = made.kpis[0]
    row = {
        "campaign_id": made.campaign_id, "arm": "treatment", "metric": "response_rate",
        "segment": "all", "kpi": kpi.id, "n": 800, "n_control": 200, "mean": base + effect,
        "mean_control": base, "effect": effect, "lower": low, "upper": high, "se": se,
        "relative": effect / base, "relative_lower": low / base, "relative_upper": high / base,
        "p_better": 0.5, "grade": "A", "method": "rate", "srm_p": 0.8,
    }  # fmt: skip
    return row | changes


def margin(made: Plan, effect: float, se: float, **changes: Any) -> dict[str, Any]:
    """A row of its margin per customer."""
    row = result(made, effect, se, metric="margin", kpi=None, mean_control=1000.0)
    return row | changes


def with_kpi(made: Plan, **changes: Any) -> Plan:
    """The plan with another target or rule."""
    return replace(made, kpis=(replace(made.kpis[0], **changes),))
