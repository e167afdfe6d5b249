"""Plans are frozen before results are read: what each plan was, since when, and what was changed.

The state log `plans` has one row per plan that a published run saw first (`results_opened` false),
and one more the first time results of the campaign were shown (`results_opened` true). A plan that
was first seen by a run whose data reach into the campaign's own days is `after_fact`: whoever wrote
it could have looked. A plan that changed once results were shown is `edited`, for good.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import pyarrow as pa

from joren.campaigns.plan import Plan

PLANS = "plans"
_MOMENT, _TEXT = pa.timestamp("us"), pa.string()
LOG_SCHEMA = pa.schema({
    "campaign_id": _TEXT, "hash": _TEXT, "plan": _TEXT, "frozen_at": _MOMENT, "as_of": pa.date32(),
    "results_opened": pa.bool_(), "results_opened_at": _MOMENT,
})  # fmt: skip
_TABLE_SCHEMA = pa.schema({
    "campaign_id": _TEXT, "name": _TEXT, "kind": _TEXT, "starts_on": pa.date32(),
    "last_day": pa.date32(), "status": _TEXT, "hash": _TEXT, "earlier_hash": _TEXT,
    "changed": pa.list_(_TEXT), "frozen_at": _MOMENT, "frozen_as_of": pa.date32(),
    "opened_at": _MOMENT, "opens": pa.bool_(), "plan": _TEXT,
})  # fmt: skip
Status = Literal["none", "frozen", "after_fact", "edited", "withdrawn"]


@dataclass(frozen=True)
class PlanStatus:
    """How a campaign's plan stands in this run.

    frozen_at, frozen_as_of : when, and with data up to which day, the plan in force was first seen
    opened_at : when results were first shown, None before
    earlier_hash, changed : for an edited or withdrawn plan, the hash that held when results were
        opened, and the places that differ from it
    opens : whether results are shown: the campaign is over and its last day is in the data
    """

    plan: Plan
    status: Status
    frozen_at: datetime | None = None
    frozen_as_of: date | None = None
    opened_at: datetime | None = None
    earlier_hash: str | None = None
    changed: tuple[str, ...] = ()
    opens: bool = False


def judge_plans(
    plans: Iterable[Plan], log: Sequence[dict[str, Any]], as_of: date, now: datetime
) -> tuple[list[PlanStatus], list[dict[str, Any]]]:
    """Hold today's plans against those frozen before.

    Parameters
    ----------
    plans : of all campaigns, planned or not
    log : rows of the state log, as in LOG_SCHEMA
    as_of : last day of data of this run
    now : when this run began

    Returns
    -------
    one status a campaign, by campaign_id, and the rows to append to the log
    """
    found, rows = [], []
    for plan in sorted(plans, key=lambda plan: plan.campaign_id):
        own = sorted(
            (row for row in log if row["campaign_id"] == plan.campaign_id),
            key=lambda row: (row["frozen_at"], row["results_opened_at"] or datetime.min),
        )
        frozen = [row for row in own if not row["results_opened"]]
        opened_at = min((r["results_opened_at"] for r in own if r["results_opened"]), default=None)
        if plan.planned and (not frozen or frozen[-1]["hash"] != plan.hash):
            fresh = _row(plan, now, as_of)
            rows.append(fresh)
            frozen = [*frozen, fresh]
        opens = plan.until <= as_of_end(as_of)
        found.append(_status(plan, frozen, opened_at, opens))
        if opens and opened_at is None:
            held = frozen[-1] if frozen else _row(plan, now, as_of)
            rows.append(held | {"results_opened": True, "results_opened_at": now})
    return found, rows


def as_of_end(as_of: date) -> date:
    """The day after the last day of data: a window is over if it ends there or before."""
    return date.fromordinal(as_of.toordinal() + 1)


def log_table(rows: list[dict[str, Any]]) -> pa.Table:
    """Rows of the state log as a table."""
    return pa.Table.from_pylist(rows, schema=LOG_SCHEMA)


def plans_table(found: Sequence[PlanStatus]) -> pa.Table:
    """The statuses as the table `campaign_plans`."""
    rows = [
        {
            "campaign_id": one.plan.campaign_id,
            "name": one.plan.name,
            "kind": one.plan.kind,
            "starts_on": one.plan.starts_on,
            "last_day": one.plan.last_day,
            "status": one.status,
            "hash": one.plan.hash if one.plan.planned else None,
            "earlier_hash": one.earlier_hash,
            "changed": list(one.changed),
            "frozen_at": one.frozen_at,
            "frozen_as_of": one.frozen_as_of,
            "opened_at": one.opened_at,
            "opens": one.opens,
            "plan": one.plan.text,
        }
        for one in found
    ]
    return pa.Table.from_pylist(rows, schema=_TABLE_SCHEMA)


def changes(before: str, after: str) -> list[str]:
    """The places at which two plans differ, as dotted paths in order."""
    return sorted(_differences(json.loads(before), json.loads(after), ""))


def _status(
    plan: Plan, frozen: list[dict[str, Any]], opened_at: datetime | None, opens: bool
) -> PlanStatus:
    if not frozen:
        return PlanStatus(plan, "none", opened_at=opened_at, opens=opens)
    last = frozen[-1]
    facts = {"frozen_at": last["frozen_at"], "frozen_as_of": last["as_of"]}
    facts |= {"opened_at": opened_at, "opens": opens}
    seen = [row for row in frozen if opened_at is not None and row["frozen_at"] <= opened_at]
    held = seen[-1] if seen else None
    if held and (not plan.planned or held["hash"] != plan.hash):
        status = "edited" if plan.planned else "withdrawn"
        changed = tuple(changes(held["plan"], plan.text))
        return PlanStatus(plan, status, earlier_hash=held["hash"], changed=changed, **facts)
    if not plan.planned:
        return PlanStatus(plan, "withdrawn", earlier_hash=last["hash"], **facts)
    edited = held and any(row["hash"] != held["hash"] for row in frozen[len(seen) :])
    if edited:  # changed once results were known, and changed back
        return PlanStatus(plan, "edited", earlier_hash=held["hash"], **facts)
    late = last["as_of"] >= plan.starts_on
    return PlanStatus(plan, "after_fact" if late else "frozen", **facts)


def _row(plan: Plan, now: datetime, as_of: date) -> dict[str, Any]:
    return {
        "campaign_id": plan.campaign_id,
        "hash": plan.hash,
        "plan": plan.text,
        "frozen_at": now,
        "as_of": as_of,
        "results_opened": False,
        "results_opened_at": None,
    }


def _differences(before: Any, after: Any, place: str) -> list[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        keys = before.keys() | after.keys()
        return [
            path
            for key in keys
            for path in _differences(before.get(key), after.get(key), f"{place}.{key}".lstrip("."))
        ]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = enumerate(zip(before, after, strict=True))
        return [path for i, (a, b) in pairs for path in _differences(a, b, f"{place}.{i}")]
    return [] if before == after else [place]
