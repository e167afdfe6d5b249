"""Each earlier list by its own KPI, counted in the list's days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from joren.actions.kpis import END_RATE, KPIS
from joren.campaigns.metrics import DEFAULT_KPI
from joren.campaigns.outcomes import READOUT, Window, outcomes, window_table
from joren.lists.hold_out import CONTROL, TREAT
from joren.stats.effects import mean_effect, rate_effect
from joren.stats.moments import from_record, of_counts


def kpi_of(list_id: str, kpis: Mapping[str, str]) -> str:
    """A list's KPI: its action's in the playbook, else whether somebody ordered.

    Parameters
    ----------
    kpis : action → KPI
    """
    return kpis.get(str(list_id).rpartition("-")[0], DEFAULT_KPI)


def contract_ends(subscriptions: ir.Table, identity_map: ir.Table) -> ir.Table:
    """When contracts of known customers ended, whatever the reason.

    Parameters
    ----------
    subscriptions : canonical/subscriptions, may be empty

    Returns
    -------
    customer_id, ended_at
    """
    owners = identity_map.select("source", "source_id", "customer_id")
    ended = subscriptions.filter(_.ended_at.notnull())
    return ended.inner_join(owners, ["source", "source_id"]).select("customer_id", "ended_at")


def kpi_sums(
    drawn: ir.Table, kpis: Mapping[str, str], facts: ir.Table, uses: ir.Table, ends: ir.Table
) -> pd.DataFrame:
    """The sums of each list's KPI in each arm.

    Parameters
    ----------
    drawn : from `results.drawn_before`
    kpis : action → KPI
    facts, uses : from `campaigns.outcomes`
    ends : from `contract_ends`

    Returns
    -------
    frame of list_id, arm, kpi, n, total, squares
    """
    days = drawn.group_by("list_id").agg(first=_.first_day.min(), last=_.last_day.max())
    windows = [
        Window(row["list_id"], READOUT, row["first"], row["first"], row["last"] + timedelta(days=1))
        for row in days.order_by("list_id").to_pyarrow().to_pylist()
    ]
    people = drawn.select("customer_id", "arm", campaign_id="list_id")
    found = outcomes(people, window_table(windows), facts, uses, None)
    if any(kpi_of(window.campaign_id, kpis) == END_RATE.id for window in windows):
        found = _with_ended(found, window_table(windows), ends)
    parts = []
    for kpi in sorted({kpi_of(window.campaign_id, kpis) for window in windows}):
        lists = [w.campaign_id for w in windows if kpi_of(w.campaign_id, kpis) == kpi]
        of_kpi = found.filter(found.campaign_id.isin(lists))
        value = of_kpi[KPIS[kpi].measure].cast("decimal(18, 2)")
        parts.append(
            of_kpi.group_by(list_id="campaign_id", arm="arm").agg(
                kpi=ibis.literal(kpi),
                n=_.count(),
                total=value.sum().cast("decimal(38, 2)"),
                squares=(value * value).cast("decimal(38, 4)").sum().cast("decimal(38, 4)"),
            )
        )
    together = ibis.union(*parts) if len(parts) > 1 else parts[0]
    return together.order_by("list_id", "arm").to_pandas()


def _with_ended(found: ir.Table, windows: ir.Table, ends: ir.Table) -> ir.Table:
    """ended: whether a contract of the customer ended in the list's days."""
    key = ["campaign_id", "customer_id"]
    days = windows.select("campaign_id", "begin", "until")
    inside = (_.ended_at >= _.begin) & (_.ended_at < _.until)
    ended = found.select(*key).join(ends, "customer_id").join(days, "campaign_id").filter(inside)
    marked = ended.select(*key).distinct().mutate(ended=ibis.literal(1, "int64"))
    joined = found.left_join(marked, key)
    return joined.drop("campaign_id_right", "customer_id_right").mutate(ended=_.ended.fill_null(0))


def with_kpis(results: pd.DataFrame, sums: pd.DataFrame, interval: float) -> pd.DataFrame:
    """The results with each list's KPI: the arm's own mean, and the effect where lists are read.

    Parameters
    ----------
    results : from `results.results_table`
    sums : from `kpi_sums`

    Returns
    -------
    results with kpi, kpi_value, kpi_effect, kpi_lower, kpi_upper
    """
    named = sums.assign(kpi_value=[float(row.total) / row.n for row in sums.itertuples()])
    told = results.merge(
        named[["list_id", "arm", "kpi", "kpi_value"]], on=["list_id", "arm"], how="left"
    )
    read = set(results.list_id[results.status == "read"])
    effects = pd.DataFrame(
        [
            {"list_id": list_id} | _effect(rows, interval)
            for list_id, rows in sums.groupby("list_id", sort=True)
            if list_id in read
        ],
        columns=["list_id", "kpi_effect", "kpi_lower", "kpi_upper"],
    )
    return told.merge(effects, on="list_id", how="left")


def _effect(rows: pd.DataFrame, interval: float) -> dict[str, Any]:
    arms = {row["arm"]: row for row in rows.to_dict("records")}
    kpi = KPIS[rows.kpi.iloc[0]]
    if kpi.unit == "share":
        pair = [of_counts(int(arms[a]["n"]), int(arms[a]["total"])) for a in (TREAT, CONTROL)]
        found = rate_effect(*pair, interval)
    else:
        pair = [
            from_record({name: arms[a][name] for name in ("n", "total", "squares")})
            for a in (TREAT, CONTROL)
        ]
        found = mean_effect(*pair, interval)
    told = found.absolute
    return {"kpi_effect": told.value, "kpi_lower": told.lower, "kpi_upper": told.upper}
