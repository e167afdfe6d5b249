"""What is read out of a campaign: its own KPIs beside the metrics every campaign is read by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from joren.campaigns.metrics import METRICS, Metric
from joren.campaigns.outcomes import Window, window_of
from joren.campaigns.plan import Plan, PlannedKpi, house_kpi


@dataclass(frozen=True)
class Reading:
    """One metric of one campaign, in its window.

    metric : under the name it has in the table
    kpi : the ID of the plan's KPI it stands for, None for a metric that every campaign is read by
    planned : that KPI with target and thresholds, None likewise
    main : whether the campaign is judged by it
    """

    campaign_id: str
    metric: Metric
    window: Window
    kpi: str | None = None
    planned: PlannedKpi | None = None
    main: bool = False


def readings_of(plan: Plan, metrics: Sequence[str]) -> list[Reading]:
    """All readings of a campaign, the plan's KPIs marked.

    A KPI that measures what a house metric does, in the same days, is that metric's reading; any
    other has a reading of its own.

    Parameters
    ----------
    metrics : the house metrics to read
    """
    found = {}
    for name in metrics:
        reading = Reading(plan.campaign_id, METRICS[name], window_of(plan, house_kpi(name)))
        found[_what(reading)] = reading
    for kpi in plan.kpis:
        window = window_of(plan, kpi)
        name = kpi.id
        if name in METRICS:  # the client's variant of a house metric may not pass for it
            name = f"{name}_{kpi.window_days or 'own'}"
        own = Reading(plan.campaign_id, _named(kpi, name), window, kpi.id, kpi)
        same = found.get(_what(own))
        metric = same.metric if same else _house_twin(own) or own.metric
        main = kpi is plan.kpis[0]
        found[_what(own)] = Reading(plan.campaign_id, metric, window, kpi.id, kpi, main)
    return list(found.values())


def windows_of(readings: Iterable[Reading]) -> list[Window]:
    """The windows that readings need, each once."""
    return sorted({r.window for r in readings}, key=lambda w: (w.campaign_id, w.name))


def _what(reading: Reading) -> tuple[str, str, str]:
    metric = reading.metric
    return metric.numerator, metric.denominator, reading.window.name


def _house_twin(reading: Reading) -> Metric | None:
    for metric in METRICS.values():
        same = (metric.numerator, metric.denominator) == _what(reading)[:2]
        if same and reading.planned.window_days == house_kpi(metric.id).window_days:
            return metric
    return None


def _named(kpi: PlannedKpi, name: str) -> Metric:
    return Metric(name, kpi.numerator, kpi.denominator, kpi.window, kpi.better)
