"""What a list is judged by: the house KPIs that are a mean a customer, and what only lists have.

A list's days take the place of a campaign's. A list of subscribers is judged by the contracts that
ended: who goes on may still have no order within the days, and who ordered last may have cancelled.
"""

from __future__ import annotations

from dataclasses import dataclass

from joren.campaigns.metrics import METRICS, Unit


@dataclass(frozen=True)
class ListKpi:
    """A KPI of lists.

    measure : one number a customer, of `campaigns.outcomes`, or `ended` (of `kpi_readout`)
    """

    id: str
    measure: str
    unit: Unit


END_RATE = ListKpi("end_rate", "ended", "share")
# known once the list's days are over, so without what is forecast
KPIS: dict[str, ListKpi] = {
    metric.id: ListKpi(metric.id, metric.numerator, metric.unit)
    for metric in METRICS.values()
    if not metric.is_ratio and metric.numerator != "ltv"
} | {END_RATE.id: END_RATE}
