"""Parameters of campaigns: what each is for, how it is judged, and what it costs.

A plan that stands here is frozen, with its hash, by the first published run that reads it.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from joren.campaigns.metrics import MEASURES, METRICS
from joren.params_section import Days, LocalizedText, Section

Amount = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]


class Decision(Section):
    """What follows from the interval of the KPI's effect.

    Rolled out if it lies at or above `roll_out_from`, stopped if it lies below `stop_below`, tested
    again otherwise. Where fewer is better, both are of the decrease.
    """

    roll_out_from: float = 0.0
    stop_below: float = 0.0

    @model_validator(mode="after")
    def _thresholds_do_not_cross(self):
        if self.stop_below > self.roll_out_from:
            raise ValueError("`stop_below` may not be above `roll_out_from`")
        return self


class Kpi(Section):
    """One KPI: a metric of the house registry, or a numerator over a denominator of its measures.

    `window_days` counts from the campaign's first day; for lapse, from the day after its last.
    `target` is the effect hoped for, in the KPI's unit.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    metric: str | None = None
    numerator: str | None = None
    denominator: str | None = None
    definition: LocalizedText | None = None
    window_days: Days | None = None
    target: float | None = None
    owner: str | None = None
    decision: Decision = Decision()

    @field_validator("metric")
    @classmethod
    def _metric_is_known(cls, value: str | None) -> str | None:
        return _known(value, METRICS, "metric")

    @field_validator("numerator", "denominator")
    @classmethod
    def _measure_is_known(cls, value: str | None) -> str | None:
        return _known(value, MEASURES, "measure")

    @model_validator(mode="after")
    def _says_what_is_measured(self):
        if (self.metric is None) == (self.numerator is None):
            raise ValueError("give either `metric`, or `numerator` and `denominator`")
        if (self.numerator is None) != (self.denominator is None):
            raise ValueError("`numerator` and `denominator` belong together")
        return self


class Threshold(Section):
    """From where on a campaign was granted: revenue or orders of the 180 days before it."""

    by: Literal["revenue_before", "orders_before"]
    at: Positive


class CampaignPlan(Section):
    """The plan of one campaign.

    `shares` by arm override those of the table `campaigns`; `unit_cost` is per customer contacted;
    `grants` are the points given to each customer of an arm, where point entries do not name their
    campaign. `threshold` says how it was granted; it is no part of what is frozen.
    """

    objective: LocalizedText | None = None
    kpis: list[Kpi] = []
    shares: dict[str, Positive] | None = None
    owner: str | None = None
    unit_cost: Amount | None = None
    fixed_cost: Amount = 0
    grants: dict[str, Annotated[int, Field(ge=0)]] = {}
    threshold: Threshold | None = None

    @field_validator("kpis")
    @classmethod
    def _ids_differ(cls, value: list[Kpi]) -> list[Kpi]:
        ids = [kpi.id for kpi in value]
        for name in ids:
            if ids.count(name) > 1:
                raise ValueError(f"two KPIs are called {name!r}")
        return value


def keys_at(location: Sequence[int | str]) -> list[str]:
    """The keys that may stand at a place within a campaign, for the nearest to a misspelt one."""
    if location[:1] == ["threshold"]:
        return list(Threshold.model_fields)
    if location[:1] != ["kpis"]:
        return list(CampaignPlan.model_fields)
    return list((Decision if "decision" in location else Kpi).model_fields)


def _known(value: str | None, registry: dict, what: str) -> str | None:
    if value is None or value in registry:
        return value
    near = difflib.get_close_matches(value, registry, n=1)
    hint = f"did you mean {near[0]}?" if near else f"choose of {', '.join(registry)}"
    raise ValueError(f"there is no such {what}; {hint}")
