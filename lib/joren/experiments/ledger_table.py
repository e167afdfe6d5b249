"""The ledger as the table `pdca`, in the words of the client's language, and as rows of its log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.duckdb import Backend

from joren import text
from joren.campaigns.metrics import MEASURES
from joren.campaigns.verdicts import SPECS, label_of
from joren.experiments.ledger import Entry, Ledger

_TEXT, _NUMBER = pa.string(), pa.float64()
_COLUMNS = {
    "campaign_id": _TEXT, "objective": _TEXT, "kpi": _TEXT, "target": _TEXT, "result": _TEXT,
    "decision": _TEXT, "next_step": _TEXT, "name": _TEXT, "kind": _TEXT,
    "starts_on": pa.date32(), "last_day": pa.date32(), "arm": _TEXT, "metric": _TEXT,
    "plan_status": _TEXT, "plan_hash": _TEXT, "decided": _TEXT, "effect": _NUMBER,
    "lower": _NUMBER, "upper": _NUMBER, "relative": _NUMBER, "relative_lower": _NUMBER,
    "relative_upper": _NUMBER, "grade": _TEXT, "method": _TEXT, "shrunken": _NUMBER,
    "shrunken_lower": _NUMBER, "shrunken_upper": _NUMBER, "prior_mean": _NUMBER,
    "prior_sd": _NUMBER, "cost": _NUMBER, "roi": _NUMBER, "roi_lower": _NUMBER,
    "roi_upper": _NUMBER, "next_customers": pa.int64(), "next_hold_out": _NUMBER,
}  # fmt: skip
# what the log does not keep: rows written before these were known have no such columns
_BESIDE = {"coupon_cost": _NUMBER, "coupons": pa.int64(), "coupons_untold": pa.int64()}
SCHEMA = pa.schema({**_COLUMNS, **_BESIDE})
LOG_SCHEMA = pa.schema({**_COLUMNS, "logged_at": pa.timestamp("us")})
_SIZED = ("roll_out", "test_again", "stop", "unproven", "edited")
# the columns of the file a consultant hands over, and their headers
EXPORT = {
    name: f"pdca.column.{name}"
    for name in (
        "campaign_id", "name", "starts_on", "last_day", "objective", "kpi", "target", "result",
        "grade", "plan_status_text", "decision", "next_step", "effect", "lower", "upper",
        "shrunken", "shrunken_lower", "shrunken_upper", "prior_mean", "prior_sd", "cost",
        "coupon_cost", "coupons_untold", "roi", "next_customers", "next_hold_out", "plan_hash",
    )
}  # fmt: skip


def ledger_table(ledger: Ledger, language: str, currency: str) -> pa.Table:
    """The rows of `pdca`.

    Parameters
    ----------
    language : of the sentences in it
    """
    rows = [_record(entry, ledger, language, currency) for entry in ledger.entries]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def log_rows(table: pa.Table, logged: Sequence[Mapping[str, Any]], moment: datetime) -> pa.Table:
    """Rows to append to the state log `pdca`: campaigns that say something else than last time.

    Parameters
    ----------
    table : from `ledger_table`
    logged : rows of the log
    moment : when this run began
    """
    last: dict[str, Mapping[str, Any]] = {}
    for row in sorted(logged, key=lambda row: row["logged_at"]):
        last[row["campaign_id"]] = row
    fresh = [
        {name: row[name] for name in _COLUMNS} | {"logged_at": moment}
        for row in table.to_pylist()
        if any(row[name] != last.get(row["campaign_id"], {}).get(name) for name in _COLUMNS)
    ]
    return pa.Table.from_pylist(fresh, schema=LOG_SCHEMA)


def said_of(entry: Entry, language: str, currency: str) -> dict[str, str | None]:
    """What the ledger says of a campaign: objective, kpi, target, result, decision, next_step."""
    kpi, row = entry.kpi, entry.row
    spec = SPECS[MEASURES[kpi.numerator]] if kpi.denominator == "customers" else "number"
    if row is not None and row.get("metric") == "revenue" and "design" in row:
        spec = "money"  # a quasi-experiment's result is in money, whatever the KPI

    def told(key: str, **facts: Any) -> str:
        return text.render(language, f"pdca.{key}", currency=currency, **facts)

    def written(value: float | None) -> str:
        return text.format_value(value, spec, language, currency)

    result = told("result.none")
    if entry.decided == "running":
        result = told("result.running")
    elif row is not None and row["lower"] is not None:
        told_as = "design" if "design" in row else "before_after" if row["grade"] == "D" else "arm"
        result = told(
            f"result.{told_as}", arm=row["arm"], effect=written(row["effect"]),
            lower=written(row["lower"]), upper=written(row["upper"]), grade=row["grade"],
            design=text.note(f"quasi.design.{row['design']}") if "design" in row else "",
        )  # fmt: skip
    next_step = f"next.{entry.decided}"
    if entry.decided in _SIZED:
        next_step += "_sized" if entry.next_customers else ""
    objective = entry.plan.objective
    if isinstance(objective, dict):
        objective = objective.get(language)
    decision = told(f"decision.{entry.decided}")
    if not entry.plan.planned and entry.decided in ("roll_out", "test_again", "stop"):
        decision = told("by_house_rule", decision=decision)
    return {
        "objective": objective,
        "kpi": label_of(kpi.as_metric(), kpi).texts[language],
        "target": None if kpi.target is None else written(kpi.target),
        "result": result,
        "decision": decision,
        "next_step": told(
            next_step, customers=entry.next_customers or 0, share=entry.next_hold_out or 0.0
        ),
    }


def _record(entry: Entry, ledger: Ledger, language: str, currency: str) -> dict[str, Any]:
    row = entry.row or {}
    own, prior, roi = entry.shrunken, ledger.pooled, entry.roi or (None, None, None)
    return said_of(entry, language, currency) | {
        "campaign_id": entry.plan.campaign_id,
        "name": entry.plan.name,
        "kind": entry.plan.kind,
        "starts_on": entry.plan.starts_on,
        "last_day": entry.plan.last_day,
        "arm": row.get("arm"),
        "metric": row.get("metric"),
        "plan_status": entry.status,
        "plan_hash": entry.plan.hash if entry.plan.planned else None,
        "decided": entry.decided,
        **{
            name: row.get(name)
            for name in (
                "effect", "lower", "upper", "relative", "relative_lower", "relative_upper",
                "grade", "method",
            )
        },
        "shrunken": own.value if own else None,
        "shrunken_lower": own.lower if own else None,
        "shrunken_upper": own.upper if own else None,
        "prior_mean": prior.next.value if prior else None,
        "prior_sd": prior.next.se if prior else None,
        "cost": None if entry.cost is None else float(entry.cost),
        "coupon_cost": float(entry.coupons.cost),
        "coupons": entry.coupons.redeemed,
        "coupons_untold": entry.coupons.untold,
        "roi": roi[0],
        "roi_lower": roi[1],
        "roi_upper": roi[2],
        "next_customers": entry.next_customers,
        "next_hold_out": entry.next_hold_out,
    }  # fmt: skip


def export_table(con: Backend, table: pa.Table, language: str) -> ir.Table:
    """The ledger as it leaves the run: the state of each plan in words, oldest campaign first."""
    states = [
        text.render(language, f"campaigns.status.{s}") for s in table["plan_status"].to_pylist()
    ]
    told = table.append_column("plan_status_text", pa.array(states, pa.string()))
    made = con.create_table("pdca_export", told, temp=True, overwrite=True)
    return made.order_by("starts_on", "campaign_id")
