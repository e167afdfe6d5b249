"""The sentences about effects on value: LTV with its unseen share, and whom a campaign moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from joren import text
from joren.campaigns.plan import Plan
from joren.campaigns.verdicts import who
from joren.experiments.ltv_readout import LtvRow
from joren.experiments.uplift_readout import TOP, UpliftRow
from joren.stats.checks import Check

Sentence = tuple[str, dict[str, Any]]
COUNTED = {"why_no_interval": "common.counted"}


def ltv_sentence(row: LtvRow, plan: Plan) -> Sentence:
    """The effect on margin up to a day, with what carries it and, ahead, the share unseen."""
    found = row.evidence
    facts = {
        "value": found.effect, "lower": found.lower, "upper": found.upper,
        "n": found.n + found.n_control, "days": row.days, "who": who(plan, row.arm),
        "grade": found.grade, "assumption": text.note(found.assumption),
        "subject": f"{row.campaign_id}:{row.arm}",
        "accent": not found.lower <= 0 <= found.upper,
    }  # fmt: skip
    if row.extrapolated == 0:
        return "experiments.ltv.seen", facts
    facts |= {"extrapolated": row.extrapolated}
    if row.shared is None:
        return "experiments.ltv.horizon", facts
    shared = row.shared
    return "experiments.ltv.horizon_by_arm", facts | {
        "shared": shared.effect, "shared_lower": shared.lower, "shared_upper": shared.upper,
    }  # fmt: skip


def ltv_notes(
    rows: Sequence[LtvRow], answers: Mapping[tuple[str, str], Check], least: Mapping[str, int]
) -> list[Sentence]:
    """In how many effects past margin took off noise, by which model, and how answered later.

    Parameters
    ----------
    answers : from `ltv_answers.forecast_answers`; nothing is said of none
    least : days, customers and buyers that a model of each arm takes
    """
    narrowed = sum(row.narrowed for row in rows)
    sentences = [("experiments.ltv.cuped", {"value": narrowed, "n": len(rows)} | COUNTED)]
    ahead = [row.model for row in rows if row.model != "none"]
    for model, told in (("by_arm", "by_arm"), ("shared", "one_model")):
        if model in ahead:
            facts = {"value": ahead.count(model), "n": len(ahead)} | COUNTED
            sentences.append((f"experiments.ltv.{told}", facts | dict(least)))
    judged = [check for check in answers.values() if check.outcome != "undecided"]
    if judged:
        failed = sum(not check.passed for check in judged)
        facts = {"value": failed, "n": len(judged), "customers": sum(c.n for c in judged)}
        sentences.append(("experiments.ltv.answered", facts | COUNTED))
    return sentences


def ltv_overview(rows: Sequence[LtvRow], plans: Mapping[str, Plan]) -> pd.DataFrame:
    """One row an effect: campaign, arm, days, n, effect, lower, upper, extrapolated, model, grade.

    `shared` is the effect by one model for all arms, where each has its own.
    """
    return pd.DataFrame([
        {
            "campaign": plans[row.campaign_id].name,
            "arm": row.arm,
            "days": row.days,
            "n": row.evidence.n + row.evidence.n_control,
            "effect": row.evidence.effect,
            "lower": row.evidence.lower,
            "upper": row.evidence.upper,
            "extrapolated": row.extrapolated,
            "model": f"experiments.ltv.model.{row.model}",
            "shared": row.shared.effect if row.shared else None,
            "grade": row.evidence.grade,
        }
        for row in rows
    ])  # fmt: skip


def uplift_sentences(row: UpliftRow, plan: Plan) -> list[Sentence]:
    """Whether the order of scores holds, by either learner, and what the top of it gains."""
    subject = f"{row.campaign_id}:{row.arm}"
    named = {"who": who(plan, row.arm)}
    sentences: list[Sentence] = []
    for learner, found in row.ranking.items():
        told = "ranks" if found.lower > 0 else "by_lot"
        facts = {"value": found.coefficient, "lower": found.lower, "upper": found.upper}
        facts |= {"n": found.n, "learner": learner.upper(), "subject": f"{subject}:{learner}"}
        sentences.append((f"experiments.uplift.{told}", facts | named))
    effect, lower, upper, n = row.top
    facts = {"value": effect, "lower": lower, "upper": upper, "n": n, "share": TOP}
    sentences.append(("experiments.uplift.top", facts | named | {"subject": subject}))
    return sentences


def targets_sentence(row: UpliftRow, plan: Plan, listed: int, customers: int) -> Sentence:
    """How many customers are worth contacting with an offer, or that no list is cut."""
    told = "targets" if row.ranks else "no_list"
    return f"experiments.uplift.{told}", {
        "value": listed, "n": customers, "who": who(plan, row.arm), "cost": row.cost,
        "subject": f"{row.campaign_id}:{row.arm}",
    } | COUNTED  # fmt: skip
