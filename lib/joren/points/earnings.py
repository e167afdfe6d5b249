"""What point campaigns earned, in sentences, small tables and the table `point_economics`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import pyarrow as pa

from joren import text
from joren.campaigns.plan import Plan
from joren.campaigns.verdicts import who
from joren.points.cap import Choice, UnderCap
from joren.points.dose import FEWEST_DOSES, BestGrant, Dose, distinct_doses
from joren.points.economics import ITEMS, Economics
from joren.stats.effects import Estimate

Sentence = tuple[str, dict[str, Any]]

_COUNTED = {"why_no_interval": "common.counted"}
_SCHEMA = pa.schema({
    "campaign_id": pa.string(), "arm": pa.string(), "item": pa.string(), "value": pa.float64(),
    "lower": pa.float64(), "upper": pa.float64(), "n": pa.int64(), "n_control": pa.int64(),
    "grade": pa.string(),
})  # fmt: skip


def economics_table(
    found: Sequence[Economics], subsidies: dict[tuple[str, str], Estimate | None]
) -> pa.Table:
    """The table `point_economics`: an item a row, in currency for all customers of the arm.

    Parameters
    ----------
    subsidies : (campaign, arm) → share of points that went to who would have bought anyway
    """
    rows = []
    for one in found:
        told = {item: one.total(item) for item in ITEMS}
        told["fixed_cost"] = Estimate(-one.fixed_cost, None, None)
        told["subsidy_share"] = subsidies.get((one.campaign_id, one.arm))
        rows += [
            {
                "campaign_id": one.campaign_id, "arm": one.arm, "item": item, "value": e.value,
                "lower": e.lower, "upper": e.upper, "n": one.n, "n_control": one.n_control,
                "grade": one.grade,
            }
            for item, e in told.items() if e is not None
        ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=_SCHEMA)


def earnings_sentences(one: Economics, plan: Plan, subsidy: Estimate | None) -> list[Sentence]:
    """What an arm's points brought: how they were used, what they cost, what is left."""
    name = {"who": who(plan, one.arm), "subject": f"{plan.campaign_id}:{one.arm}"}
    graded = name | {"n": one.n + one.n_control, "grade": one.grade}
    used = one.redeemed / one.granted if one.granted else None
    points = -(one.total("redeemed").value + one.total("outstanding").value)
    told: list[Sentence] = [
        ("economics.granted", name | _COUNTED | {
            "value": used, "n": one.n, "granted": one.granted, "open": one.open_points}),
        ("economics.cost", name | _COUNTED | {
            "value": one.cost, "n": one.n, "points": points, "contact": one.cost - points}),
        _breakage(one.total("breakage"), graded),
    ]  # fmt: skip
    if subsidy is None:
        told.append(("economics.subsidy_unknown", name | _COUNTED | {"value": 0, "n": one.n}))
    else:
        told.append(("economics.subsidy", graded | _interval(subsidy)))
    return [*told, _net(one.total("net"), graded)]


def dose_sentences(doses: Sequence[Dose], best: BestGrant | None, customers: int) -> list[Sentence]:
    """The grant that pays best, or why it cannot be told.

    Parameters
    ----------
    best : None where too few sizes were tried
    customers : treated, of all arms
    """
    if best is None:
        tried = distinct_doses(doses)
        facts = {"value": tried, "n": customers, "least": FEWEST_DOSES}
        return [("economics.dose.refused", facts | {"missing": FEWEST_DOSES - tried} | _COUNTED)]
    if best.points.value == 0:
        return [("economics.dose.none", _interval(best.points) | {"n": customers})]
    return [
        ("economics.dose.best", _interval(best.points) | {"n": customers, "accent": True}),
        ("economics.dose.profit", _interval(best.profit) | {"n": customers}),
    ]


def cap_sentence(best: UnderCap, owed: float) -> Sentence:
    """The best grant under the client's cap."""
    facts = {"cap": best.cap, "owed": owed, "n": best.customers} | _interval(best.profit)
    if not best.customers:
        return "economics.cap.nothing", facts
    return "economics.cap.stated", facts | {"points": best.points}


def no_choice_sentence(choices: Sequence[Choice], customers: int) -> Sentence:
    """That no grant which was tried is expected to pay."""
    best = max(choices, key=lambda choice: choice.profit.value)
    return "economics.cap.no_choice", _interval(best.profit) | {"n": customers}


def economics_overview(one: Economics) -> pd.DataFrame:
    """An arm's items: per customer and in total, with intervals where there are any."""
    return pd.DataFrame([
        {
            "item": f"economics.item.{item}", "each": one.each[item].value,
            "total": one.total(item).value, "lower": one.total(item).lower,
            "upper": one.total(item).upper,
        }
        for item in ITEMS
    ])  # fmt: skip


def caps_overview(choices: Sequence[UnderCap]) -> pd.DataFrame:
    """The best grant under each of several caps."""
    return pd.DataFrame([
        {
            "cap": one.cap, "points": one.points, "customers": one.customers, "owed": one.owed,
            "profit": one.profit.value, "lower": one.profit.lower, "upper": one.profit.upper,
        }
        for one in choices
    ])  # fmt: skip


def _breakage(total: Estimate, facts: dict[str, Any]) -> Sentence:
    more = total.value >= 0
    lower, upper = (total.lower, total.upper) if more else (total.upper, total.lower)
    flip = 1 if more else -1
    bounds = {"lower": None if lower is None else flip * lower,
              "upper": None if upper is None else flip * upper}  # fmt: skip
    facts = facts | bounds | {"value": abs(total.value)}
    if lower is None:
        facts["why_no_interval"] = "common.no_interval"
    return "economics.breakage", facts | {
        "direction": text.note("economics.more" if more else "economics.fewer")
    }


def _net(total: Estimate, facts: dict[str, Any]) -> Sentence:
    facts = facts | _interval(total) | {"accent": True}
    if total.lower is not None and total.lower > 0:
        return "economics.net.gained", facts
    if total.upper is not None and total.upper < 0:
        flipped = {"value": -total.value, "lower": -total.upper, "upper": -total.lower}
        return "economics.net.lost", facts | flipped
    return "economics.net.open", facts


def _interval(estimate: Estimate) -> dict[str, Any]:
    told = {"value": estimate.value, "lower": estimate.lower, "upper": estimate.upper}
    if estimate.lower is None or estimate.upper is None:
        told["why_no_interval"] = "common.no_interval"
    return told
