"""The sentences about campaigns judged without their hold-out, and how right that would be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from joren import text
from joren.campaigns.plan import Plan
from joren.campaigns.verdicts import MOST_TOLD, who
from joren.experiments.evidence import Evidence
from joren.experiments.quasi_readout import DESIGNS, QuasiRow, Refused

Sentence = tuple[str, dict[str, Any]]
Randomised = Mapping[tuple[str, str], tuple[float, float, float]]
COUNTED = {"why_no_interval": "common.counted"}


def result_sentence(row: QuasiRow, plan: Plan) -> Sentence:
    """What a design found, with the assumption that carries it, or why it is not an effect."""
    found = row.evidence
    facts = {
        "value": found.effect, "lower": found.lower, "upper": found.upper,
        "n": found.n + found.n_control, "who": who(plan, row.arm),
        "design": text.note(f"quasi.design.{row.design}"), "grade": found.grade,
        "assumption": text.note(found.assumption),
        "subject": f"{row.campaign_id}:{row.arm}:{row.design}",
    }  # fmt: skip
    if row.design == "before_after":
        return "experiments.quasi.before_after", facts
    if found.grade == "D":
        lacking = [check for check in found.checks if not check.passed]
        named = [text.note(f"quasi.check.{check.name}.{check.outcome}") for check in lacking]
        facts["lacking"] = text.named({
            lang: ("、" if lang == "ja" else "; ").join(one.texts[lang] for one in named)
            for lang in text.LANGUAGES
        })  # fmt: skip
        return "experiments.quasi.not_held", facts
    return "experiments.quasi.held", facts


def told_rows(rows: Sequence[QuasiRow]) -> tuple[list[QuasiRow], list[Sentence]]:
    """The rows that get a sentence of their own, and a sentence about the others.

    Where arms are many, results of grade D are left to the table.
    """
    if len({(row.campaign_id, row.arm) for row in rows}) <= MOST_TOLD:
        return list(rows), []
    told = [row for row in rows if row.evidence.grade != "D"]
    facts = {"value": len(rows) - len(told), "n": len(rows)} | COUNTED
    return told, [("experiments.quasi.table_only", facts)]


def validation_sentences(rows: Sequence[QuasiRow], randomised: Randomised) -> list[Sentence]:
    """How often each design's interval met that of the hold-out it did not look at.

    Parameters
    ----------
    rows : of one metric
    randomised : (campaign, arm) → effect, lower, upper of the randomised comparison
    """
    sentences = []
    for design in DESIGNS:
        own = [row for row in rows if row.design == design]
        both = [row for row in own if (row.campaign_id, row.arm) in randomised]
        if not both:
            continue
        held = sum(_meets(row.evidence, randomised[row.campaign_id, row.arm]) for row in both)
        passed = sum(row.evidence.grade != "D" for row in both)
        told = "naive" if design == "before_after" else "design"
        facts = {"value": held, "n": len(both), "passed": passed, "subject": design}
        facts["design"] = text.note(f"quasi.design.{design}")
        sentences.append((f"experiments.quasi.validation.{told}", facts | COUNTED))
    return sentences


def refused_table(refused: Sequence[Refused], plans: Mapping[str, Plan]) -> pd.DataFrame:
    """Which designs could not be used, one row each: name, arm, design."""
    rows = {(r.campaign_id, r.arm, r.design): r for r in refused}
    return pd.DataFrame(
        [
            {"name": plans[r.campaign_id].name, "arm": r.arm, "design": f"quasi.design.{r.design}"}
            for r in rows.values()
        ],
        columns=["name", "arm", "design"],
    )


def quasi_overview(rows: Sequence[QuasiRow], plans: Mapping[str, Plan]) -> pd.DataFrame:
    """One row a result: campaign, arm, design, n, effect, lower, upper, grade, assumption."""
    return pd.DataFrame([
        {
            "campaign": plans[row.campaign_id].name,
            "arm": row.arm,
            "design": f"quasi.design.{row.design}",
            "n": row.evidence.n + row.evidence.n_control,
            "effect": row.evidence.effect,
            "lower": row.evidence.lower,
            "upper": row.evidence.upper,
            "grade": row.evidence.grade,
            "assumption": row.evidence.assumption,
        }
        for row in rows
    ])  # fmt: skip


def _meets(found: Evidence, other: tuple[float, float, float]) -> bool:
    """Whether two intervals overlap."""
    return found.lower <= other[2] and other[1] <= found.upper
