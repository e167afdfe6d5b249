"""The sentences about subscriptions: how the fit went, what it cannot tell, what stands out."""

from __future__ import annotations

from typing import Any

import pandas as pd

from joren.churn.fit import Fit
from joren.churn.hazard import shapes
from joren.churn.tenure import CAUSES

Sentence = tuple[str, dict[str, Any]]

AS_WIDE_AS_THE_PRIOR = 0.9  # posterior sd over prior sd
FEW_ENDS = 30
_SYMBOLS = {"k_hat": "k̂", "r_hat": "R-hat", "ess": "ESS", "divergences": "NUTS divergences"}


def fit_sentences(fit: Fit) -> list[Sentence]:
    """How the hazards were fitted, and every threshold they miss.

    Returns
    -------
    text key and the facts of `step.finding`
    """
    posteriors = [fit.hazards[cause] for cause in CAUSES]
    facts = {
        "value": min(float(p.ess_bulk.min()) for p in posteriors),
        "n": int(fit.cells.at_risk.sum()),
        "why_no_interval": "common.single_value",
    }
    missed = sorted({name for p in posteriors for name in p.problems()})
    if missed:
        problems = ", ".join(_SYMBOLS[name] for name in missed)
        return [("churn.fit_doubtful", facts | {"problems": problems, "accent": True})]
    return [(f"churn.fit_sound.{'nuts' if _sampled(fit) else 'laplace'}", facts)]


def _sampled(fit: Fit) -> bool:
    return any(posterior.method == "nuts" for posterior in fit.hazards.values())


def untold(fit: Fit) -> list[str]:
    """The client-wide shapes whose posterior is as wide as their prior: the data do not tell them.

    Returns
    -------
    `<cause>.<shape>`, see `hazard.shapes`
    """
    found = []
    for cause, posterior in fit.hazards.items():
        sd = dict(zip(posterior.parameters, posterior.sd(), strict=True))
        found += [f"{cause}.{s}" for s in shapes(cause) if sd[s] >= AS_WIDE_AS_THE_PRIOR]
    return found


def untold_sentences(fit: Fit, labels: dict[str, str]) -> list[Sentence]:
    """What the data cannot tell: shapes as wide as their prior, and courses with few ends.

    Parameters
    ----------
    labels : course → its label
    """
    cells = fit.cells
    voluntary = cells.ends["voluntary"]
    counted = {"why_no_interval": "common.counted"}
    ended = int(voluntary.sum())
    sentences: list[Sentence] = [
        (f"churn.untold.{name}", {"value": ended, "n": ended, "accent": True} | counted)
        for name in untold(fit)
        if name.startswith("voluntary.")
    ]
    if len(cells.categories.courses) == 1:
        return sentences
    for code, course in enumerate(cells.categories.courses):
        ends = int(voluntary[cells.places.course == code].sum())
        if ends < FEW_ENDS and not labels[course].startswith("churn."):
            facts = {"value": ends, "n": ends, "subject": course, "course": labels[course]}
            sentences.append(("churn.few_ends", facts | counted))
    return sentences


def reached_sentence(curves: pd.DataFrame, course: str, label: str, order: int) -> Sentence:
    """How many of a course's new subscribers come to an order.

    Parameters
    ----------
    curves : from `curves.continuation`
    """
    of = curves[curves.course == course].set_index("order")
    row = of.loc[order]
    facts = {"value": row["mean"], "lower": row.lower, "upper": row.upper, "n": int(of.n[1])}
    return "churn.reached", facts | {"subject": course, "course": label, "order": order}


def riskiest_order(classes: pd.DataFrame) -> Sentence:
    """After which order most of those still there leave; classes of single orders only."""
    single = classes[classes["first"] == classes["last"]]
    row = single.loc[single.leaves.idxmax()]
    facts = {"value": row.leaves, "lower": row.leaves_lower, "upper": row.leaves_upper}
    return "churn.riskiest_order", facts | {"n": int(row.n), "order": int(row["first"])}


def most_valuable(courses: pd.DataFrame, labels: dict[str, str]) -> Sentence:
    """What one running subscription of the most valuable course is worth.

    Parameters
    ----------
    courses : from `overview.courses_ahead`
    labels : course → its label
    """
    row = courses.loc[courses.each.idxmax()]
    facts = {"value": row.each, "lower": row.each_lower, "upper": row.each_upper}
    return "churn.value_each", facts | {
        "n": int(row.active), "course": labels[row.course], "orders": row.orders,
    }  # fmt: skip
