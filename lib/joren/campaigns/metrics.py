"""The house registry of campaign KPIs: what each is made of, and in which days it counts.

A KPI is a numerator over a denominator. Both are measures: columns of one row per assigned customer
(`outcomes`), so that every KPI is read out of the same sums. What is meant in words, in both
languages, is `campaigns.definition.<id>` in the text catalogs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unit = Literal["share", "number", "money", "points"]
Window = Literal["readout", "after"]

AFTER_DAYS = 90  # of silence after a campaign that count as lapse, unless its plan says otherwise

# measure → its unit; each is one number a customer
MEASURES: dict[str, Unit] = {
    "customers": "number",
    "responded": "share",
    "repeated": "share",
    "orders": "number",
    "purchase_days": "number",
    "revenue": "money",
    "margin": "money",
    "points_used": "points",
    "used_points": "share",
    "lapsed": "share",
    "ltv": "money",
}
# what is known of a customer from before the campaign and moves with the measure
COVARIATES = {
    "revenue": "revenue_before",
    "margin": "revenue_before",
    "ltv": "revenue_before",
    "points_used": "points_before",
    "used_points": "points_before",
}


@dataclass(frozen=True)
class Metric:
    """A KPI: numerator over denominator (`customers`: of everybody assigned).

    window : `readout`, the campaign's own days; `after`, the AFTER_DAYS that follow
    better : whether a client wants more or fewer of it
    """

    id: str
    numerator: str
    denominator: str = "customers"
    window: Window = "readout"
    better: Literal["more", "fewer"] = "more"

    @property
    def unit(self) -> Unit:
        return MEASURES[self.numerator]

    @property
    def is_ratio(self) -> bool:
        """Whether the denominator is an outcome itself, so that chance moves both."""
        return self.denominator != "customers"

    @property
    def covariate(self) -> str:
        """What is known from before and moves with the numerator."""
        return COVARIATES.get(self.numerator, "orders_before")


_ALL = (
    Metric("response_rate", "responded"),
    Metric("repeat_rate", "repeated"),
    Metric("orders", "orders"),
    Metric("revenue", "revenue"),
    Metric("margin", "margin"),
    Metric("points_used", "points_used"),
    Metric("ltv", "ltv"),
    Metric("use_rate", "used_points"),
    Metric("purchase_frequency", "purchase_days"),
    Metric("average_basket", "revenue", "orders"),
    Metric("lapse_rate", "lapsed", window="after", better="fewer"),
)
METRICS: dict[str, Metric] = {metric.id: metric for metric in _ALL}
# the metrics of every readout, and what is looked at besides where points are granted
CONTRACT_METRICS = tuple(metric.id for metric in _ALL[:7])
HOUSE_KPIS = (
    "use_rate", "purchase_frequency", "average_basket", "repeat_rate", "lapse_rate", "ltv",
)  # fmt: skip
DEFAULT_KPI = "response_rate"
