"""The sentences about evidence: effect, grade, the assumption it rests on, and what was checked."""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd

from joren.experiments.evidence import Evidence
from joren.experiments.ltv_effect import LtvEffect
from joren.experiments.qini import Qini

Sentence = tuple[str, dict[str, Any]]
Kind = Literal["money", "number", "pct"]


def effect_sentence(evidence: Evidence, kind: Kind, subject: str) -> Sentence:
    """What a design found, in causal words only where its grade allows them.

    Parameters
    ----------
    kind : how the outcome is written
    subject : the campaign, which tells findings of one design apart

    Returns
    -------
    text key and the facts of `step.finding`
    """
    weak = evidence.grade == "D" and evidence.design != "before_after"
    told = "unsupported" if weak else "effect"
    facts = {
        "value": evidence.effect, "lower": evidence.lower, "upper": evidence.upper,
        "n": evidence.n + evidence.n_control, "grade": evidence.grade, "subject": subject,
    }  # fmt: skip
    return f"quasi.{told}.{evidence.design}.{kind}", facts


def checks_table(evidence: Evidence) -> pd.DataFrame:
    """What was checked, one row a check: verdict (text key, a `label`), p_value, n."""
    rows = [
        {
            "verdict": f"quasi.check.{check.name}.{check.outcome}",
            "p_value": check.p_value,
            "n": check.n,
        }
        for check in evidence.checks
    ]
    return pd.DataFrame(rows, columns=["verdict", "p_value", "n"])


def ranking_sentence(found: Qini, subject: str) -> Sentence:
    """Whether the order of predicted uplift is that of real gains."""
    told = "ranks" if found.lower > 0 else "by_lot"
    facts = {"value": found.coefficient, "lower": found.lower, "upper": found.upper}
    return f"quasi.qini.{told}", facts | {"n": found.n, "subject": subject}


def ltv_sentences(found: LtvEffect, days: int, horizon: int, subject: str) -> list[Sentence]:
    """The effect that was seen and the one until the horizon; none where the grade is D.

    Parameters
    ----------
    days : after the assignment that were seen
    horizon : days after the assignment that the value runs to
    """
    if found.horizon.grade == "D" or found.seen.grade == "D":
        return []
    sentences = []
    for name, evidence, until in (("seen", found.seen, days), ("horizon", found.horizon, horizon)):
        facts = {
            "value": evidence.effect, "lower": evidence.lower, "upper": evidence.upper,
            "n": evidence.n + evidence.n_control, "days": until, "subject": subject,
        }  # fmt: skip
        extra = {"extrapolated": found.extrapolated} if name == "horizon" else {}
        sentences.append((f"quasi.ltv.{name}", facts | extra))
    return sentences
