"""Which points a campaign granted: by the campaign's ID on the entry, or by what its plan says.

Tills often grant a campaign's points without naming the campaign. Where a plan states how many
points each customer of an arm is given, a grant of exactly that many, without an order, to a
customer of that arm, in the campaign's days, is taken for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis import _

from joren.campaigns.plan import Plan


def grants_points(entries: ir.Table) -> Callable[[Plan], bool]:
    """Whether a campaign grants points: its kind or plan says so, or an entry bears its ID.

    Parameters
    ----------
    entries : canonical/point_entries
    """
    named = entries.filter((_.kind == "grant") & _.campaign_id.notnull())
    known = set(named.select("campaign_id").distinct().to_pyarrow()["campaign_id"].to_pylist())
    return lambda plan: plan.kind == "points" or bool(plan.grants) or plan.campaign_id in known


def campaign_grants(
    entries: ir.Table, identity_map: ir.Table, customers: ir.Table, plans: Iterable[Plan]
) -> ir.Table:
    """The grants of campaigns to customers assigned to them.

    Parameters
    ----------
    entries : canonical/point_entries
    customers : campaign_id, customer_id, arm; one row per campaign and customer
    plans : of the campaigns

    Returns
    -------
    campaign_id, arm, customer_id, source, entry_id, points
    """
    known = identity_map.select("source", "source_id", "customer_id")
    grants = (
        entries.filter(_.kind == "grant")
        .distinct(on=["source", "entry_id"])
        .join(known, ["source", "source_id"])
    )
    people = customers.select("campaign_id", "customer_id", "arm")
    columns = ("campaign_id", "arm", "customer_id", "source", "entry_id", "points")
    named = grants.join(people, ["campaign_id", "customer_id"]).select(*columns)
    stated = ibis.memtable(_stated(plans))
    unnamed = grants.filter(_.campaign_id.isnull() & _.order_id.isnull()).drop("campaign_id")
    told = (
        unnamed.join(people, "customer_id")
        .join(stated, ["campaign_id", "arm", "points"])
        .filter(lambda t: (t.occurred_at >= t.begin) & (t.occurred_at < t.until))
        .select(*columns)
    )
    return named.union(told)


def _stated(plans: Iterable[Plan]) -> pa.Table:
    rows = [
        {"campaign_id": plan.campaign_id, "arm": arm, "points": points,
         "begin": plan.starts_on, "until": plan.until}
        for plan in plans for arm, points in plan.grants.items() if points
    ]  # fmt: skip
    schema = pa.schema({
        "campaign_id": pa.string(), "arm": pa.string(), "points": pa.int64(),
        "begin": pa.date32(), "until": pa.date32(),
    })  # fmt: skip
    return pa.Table.from_pylist(rows, schema=schema)
