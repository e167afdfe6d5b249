"""From a client's tables to all that a readout of campaigns rests on, in one call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir

from joren.campaigns.arms import Arms, count_arms
from joren.campaigns.audience import assigned_customers, contacted_customers, one_arm_each
from joren.campaigns.outcomes import order_facts, outcomes, point_uses, window_table
from joren.campaigns.plan import Plan, read_plan
from joren.campaigns.readings import Reading, readings_of, windows_of
from joren.campaigns.segments import with_segments
from joren.campaigns.statistics import Cells, by_cell

READS = (
    "campaign_plans", "canonical/assignments", "canonical/contacts", "canonical/orders",
    "canonical/point_entries", "identity_map", "ltv",
)  # fmt: skip


@dataclass(frozen=True)
class Gathered:
    """What a readout rests on.

    plans : campaign → its plan; statuses : campaign → the status of the plan
    arms : campaign → its arms, of the campaigns that reached anybody
    readings : what is read out of them, and cells : the sums it is read from
    outcomes : the rows behind the sums, one per customer and window, in the engine
    facts : the orders that count, in the engine
    """

    plans: dict[str, Plan]
    statuses: dict[str, str]
    arms: dict[str, Arms]
    readings: list[Reading]
    cells: Cells
    outcomes: ir.Table
    facts: ir.Table

    def not_over(self, as_of: date) -> list[Plan]:
        """The campaigns whose own days are not all in the data yet."""
        return [plan for plan in self.plans.values() if plan.last_day > as_of]


def gather(
    table: Callable[[str], ir.Table],
    metrics: Sequence[str],
    margin_rate: float,
    as_of: date,
    only: Callable[[Plan], bool] = lambda plan: True,
) -> Gathered:
    """Everything a readout needs.

    Parameters
    ----------
    table : gives the tables in READS; empty where the client has none
    metrics : the house metrics to read beside each plan's own KPIs
    margin_rate : margin per value, where orders do not carry theirs
    only : which campaigns to look at
    """
    held = table("campaign_plans").order_by("campaign_id").to_pyarrow().to_pylist()
    rows = [(read_plan(row["plan"]), row["status"]) for row in held]
    plans = {plan.campaign_id: plan for plan, _status in rows if only(plan)}
    statuses = {plan.campaign_id: status for plan, status in rows if only(plan)}
    identity = table("identity_map")
    assigned = _reached(table, identity, list(plans)).cache()
    arms = count_arms(assigned, plans.values())
    facts = order_facts(table("canonical/orders"), identity, margin_rate, as_of).cache()
    entries, ltv = table("canonical/point_entries"), table("ltv")
    told = _told(metrics, entries, ltv)
    readings = [r for name in arms for r in readings_of(plans[name], told)]
    windows = window_table(windows_of(readings))
    starts = windows.select("campaign_id", "starts_on").distinct()
    customers = with_segments(one_arm_each(assigned), starts, facts).cache()
    uses = point_uses(entries, identity)
    found = outcomes(customers, windows, facts, uses, ltv if "ltv" in told else None).cache()
    return Gathered(plans, statuses, arms, readings, by_cell(found), found, facts)


def _reached(table: Callable, identity: ir.Table, campaigns: list[str]) -> ir.Table:
    """Assigned customers; those contacted by a campaign that assigned nobody."""
    assigned = assigned_customers(table("canonical/assignments"), identity)
    contacted = contacted_customers(table("canonical/contacts"), identity)
    contacted = contacted.anti_join(assigned, "campaign_id")
    wanted = ibis.memtable({"campaign_id": campaigns}, schema={"campaign_id": "string"})
    return assigned.union(contacted).semi_join(wanted, "campaign_id")


def _told(metrics: Sequence[str], entries: ir.Table, ltv: ir.Table) -> list[str]:
    """The metrics that the client's tables can tell."""
    lacking = set()
    if entries.limit(1).count().to_pyarrow().as_py() == 0:
        lacking |= {"points_used", "use_rate"}
    if ltv.limit(1).count().to_pyarrow().as_py() == 0:
        lacking.add("ltv")
    return [name for name in metrics if name not in lacking]
