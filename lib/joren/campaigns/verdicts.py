"""The sentences about campaigns: how plans stand, what cannot be compared, what each arm did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from joren import text
from joren.campaigns.arms import Arms
from joren.campaigns.audience import CONTACTED
from joren.campaigns.metrics import METRICS, Metric
from joren.campaigns.plan import Plan, PlannedKpi
from joren.campaigns.plans import PlanStatus
from joren.campaigns.readout import Row
from joren.campaigns.segments import ALL, kind_of

Sentence = tuple[str, dict[str, Any]]

COUNTED = {"why_no_interval": "common.counted"}
SHORT_HASH = 12
MOST_TOLD = 12  # arms or campaigns with a sentence each; of more, the table tells
# a share or a KPI as a percentage, a count, money; as `text.formats` writes it
SPECS = {"share": "pct", "number": "decimal2", "money": "money", "points": "decimal1"}


def plan_sentences(found: Sequence[PlanStatus], missing: Sequence[str]) -> list[Sentence]:
    """How the plans of all campaigns stand.

    Parameters
    ----------
    missing : campaigns that are planned but not in the data
    """
    n = len(found)
    of = {s: [one for one in found if one.status == s] for s in
          ("frozen", "none", "after_fact", "edited", "withdrawn")}  # fmt: skip
    sentences: list[Sentence] = [
        ("campaigns.plans.frozen", {"value": len(of["frozen"]), "n": n} | COUNTED)
    ]
    for status in ("none", "after_fact"):
        if of[status]:
            names = ", ".join(one.plan.campaign_id for one in of[status])
            facts = {"value": len(of[status]), "n": n, "names": names} | COUNTED
            sentences.append((f"campaigns.plans.{status}", facts))
    for status in ("edited", "withdrawn"):
        for one in of[status]:
            facts = {
                "value": 1, "n": 1, "accent": True, "subject": one.plan.campaign_id,
                "name": one.plan.name, "earlier": (one.earlier_hash or "")[:SHORT_HASH],
            }  # fmt: skip
            if status == "edited":
                facts["changed"] = ", ".join(one.changed) or "–"
                facts["current"] = one.plan.hash[:SHORT_HASH]
            sentences.append((f"campaigns.plans.{status}", facts | COUNTED))
    if missing:
        facts = {"value": len(missing), "n": len(missing), "names": ", ".join(missing)} | COUNTED
        sentences.append(("campaigns.plans.not_in_data", facts))
    return sentences


def arm_sentences(plan: Plan, arms: Arms) -> list[Sentence]:
    """Who is left out, and why a campaign cannot be compared, where either is so."""
    facts = {"subject": plan.campaign_id, "campaign": plan.name} | COUNTED
    sentences: list[Sentence] = []
    if arms.mixed:
        told = {"value": arms.mixed, "n": arms.n + arms.mixed}
        sentences.append(("campaigns.mixed", facts | told))
    told = {"value": arms.n, "n": arms.n, "accent": True}
    if not arms.has_hold_out:
        sentences.append(("campaigns.no_hold_out", facts | told))
    elif arms.unplanned:
        named = {"arms": ", ".join(arms.unplanned)}
        sentences.append(("campaigns.unplanned", facts | told | named))
    elif not arms.sound:
        p = f"{arms.srm.p:.1e}" if arms.srm else "–"
        sentences.append(("campaigns.not_as_planned", facts | told | {"p": p}))
    return sentences


def all_arm_sentences(plans: Mapping[str, Plan], arms: Mapping[str, Arms]) -> list[Sentence]:
    """`arm_sentences` of all campaigns, those without a hold-out in one where they are many."""
    bare = [name for name, found in arms.items() if not found.has_hold_out]
    many = len(bare) > MOST_TOLD
    sentences: list[Sentence] = []
    if many:
        facts = {"value": len(bare), "n": len(arms), "accent": True} | COUNTED
        sentences.append(("campaigns.no_hold_out_many", facts))
    for name, found in arms.items():
        told = arm_sentences(plans[name], found)
        sentences += [one for one in told if not (many and one[0] == "campaigns.no_hold_out")]
    return sentences


def told_rows(rows: Sequence[Row]) -> tuple[list[Row], list[Sentence]]:
    """The rows that get a sentence of their own, and a sentence about the others.

    Where arms are many, those that moved nothing or show before and after only are left to the
    table: their sentences would differ in their numbers alone.
    """
    if len(rows) <= MOST_TOLD:
        return list(rows), []
    told = [r for r in rows if r.grade != "D" and direction_of(r) in ("raised", "lowered")]
    facts = {"value": len(rows) - len(told), "n": len(rows)} | COUNTED
    return told, [("campaigns.table_only", facts)]


def effect_sentence(row: Row, plan: Plan, status: str) -> Sentence | None:
    """What an arm did to a metric; None where no effect is shown."""
    effect = row.effect
    if effect is None:
        return None
    unit = row.reading.metric.unit
    facts = {
        "value": effect.absolute.value,
        "lower": effect.absolute.lower,
        "upper": effect.absolute.upper,
        "n": row.n + row.n_control,
        "subject": f"{plan.campaign_id}:{row.arm}:{row.reading.metric.id}",
        "who": who(plan, row.arm),
        "what": label_of(row.reading.metric, row.reading.planned),
        "spec": SPECS[unit],
        "unit": text.note(f"campaigns.unit.{unit}"),
    }
    if row.grade == "D":
        return "campaigns.before_after", facts
    direction = direction_of(row)
    if direction == "unknown":
        facts |= {"why_no_interval": "common.no_interval"}
    facts |= {
        "base": effect.mean_control,
        "grade": row.grade,
        "plan": text.note(f"campaigns.label.{status}"),
        "accent": direction in ("raised", "lowered"),
    }
    if direction == "lowered":  # the verb carries the sign
        facts |= {"value": -facts["value"], "lower": -effect.absolute.upper,
                  "upper": -effect.absolute.lower}  # fmt: skip
    return f"campaigns.effect.{direction}", facts


def decision_of(row: Row) -> str | None:
    """`roll_out`, `stop` or `test_again` by the plan's rule; None without rule or randomisation."""
    kpi, effect = row.reading.planned, row.effect
    if kpi is None or effect is None or row.grade == "D" or effect.absolute.lower is None:
        return None
    low, high = gained(kpi, effect.absolute.lower, effect.absolute.upper)
    if low >= kpi.roll_out_from and low > 0:
        return "roll_out"
    return "stop" if high < kpi.stop_below else "test_again"


def decision_sentence(row: Row, plan: Plan) -> Sentence | None:
    """What follows from an arm's KPI by the rule of its plan."""
    decision, kpi = decision_of(row), row.reading.planned
    if decision is None:
        return None
    low, high = gained(kpi, row.effect.absolute.lower, row.effect.absolute.upper)
    value = row.effect.absolute.value * (-1 if kpi.better == "fewer" else 1)
    return f"campaigns.decision.{decision}", {
        "value": value, "lower": low, "upper": high, "n": row.n + row.n_control,
        "who": who(plan, row.arm), "subject": f"{plan.campaign_id}:{row.arm}",
        "threshold": kpi.stop_below if decision == "stop" else kpi.roll_out_from,
        "spec": SPECS[row.reading.metric.unit],
    }  # fmt: skip


def direction_of(row: Row) -> str:
    """`raised`, `lowered`, `unchanged` (not told from zero) or `unknown` (no interval).

    Zero lies outside the interval of what was moved; a segment's effect must be claimed, besides.
    """
    if row.effect is None or row.effect.absolute.lower is None:
        return "unknown"
    if row.claimed is False:
        return "unchanged"
    if row.effect.absolute.lower > 0:
        return "raised"
    return "lowered" if row.effect.absolute.upper < 0 else "unchanged"


def gained(kpi: PlannedKpi, lower: float, upper: float) -> tuple[float, float]:
    """An interval in the direction that is better for the KPI."""
    return (-upper, -lower) if kpi.better == "fewer" else (lower, upper)


def who(plan: Plan, arm: str) -> text.Note:
    """A campaign and its arm, as a sentence begins."""
    named = text.note("campaigns.arm.contacted") if arm == CONTACTED else arm
    return text.note("campaigns.arm.of", campaign=plan.name, arm=named)


def label_of(metric: Metric, kpi: PlannedKpi | None = None) -> text.Note:
    """What a metric is called: by the registry, or by the client's own definition."""
    if metric.id in METRICS:
        return text.note(f"campaigns.metric.{metric.id}")
    if kpi is not None and kpi.definition:
        return text.named(kpi.definition)
    if kpi is not None and kpi.metric:
        what = text.note(f"campaigns.metric.{kpi.metric}")
        if kpi.window_days is None:  # in the campaign's own days, as the registry has it
            return what
        return text.note("campaigns.within", what=what, days=kpi.window_days)
    return text.named({"ja": metric.id, "en": metric.id})


def drawn_sentence(
    key: str, rows: Sequence[Row], level: float, plan: Plan | None = None
) -> Sentence:
    """How many of the effects in a figure are beyond their interval, and how many chance would put.

    Parameters
    ----------
    level : of the intervals
    plan : of the campaign, where they are all of one
    """
    moved = [row for row in rows if direction_of(row) in ("raised", "lowered")]
    facts = {"value": len(moved), "n": len(rows), "chance": (1 - level) * len(rows)} | COUNTED
    if plan is not None:
        facts |= {"campaign": plan.name, "subject": plan.campaign_id}
    return key, facts


def cuped_sentence(rows: Sequence[Row]) -> Sentence:
    """In how many comparisons of everybody past purchases took off noise."""
    compared = [row for row in rows if row.segment == ALL and row.grade == "A"]
    narrowed = sum(row.method == "cuped" for row in compared)
    return "campaigns.cuped", {"value": narrowed, "n": len(compared)} | COUNTED


def segments_sentence(rows: Sequence[Row], plan: Plan) -> Sentence:
    """In how many segments an arm moved a metric.

    Parameters
    ----------
    rows : of one arm and one metric, everybody's among them
    """
    own = [row for row in rows if row.segment != ALL]
    moved = sum(direction_of(row) in ("raised", "lowered") for row in own)
    reading = rows[0].reading
    return "campaigns.segments_drawn", {
        "value": moved, "n": len(own), "kinds": len({kind_of(row.segment) for row in own}),
        "campaign": who(plan, rows[0].arm), "what": label_of(reading.metric, reading.planned),
        "subject": f"{plan.campaign_id}:{rows[0].arm}:{reading.metric.id}",
    } | COUNTED  # fmt: skip
