"""The sentences about the liability: how it was valued, by what, and what it comes to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from joren.points.backtest import FEWEST_MONTHS, best_method, best_recent, name_of
from joren.points.breakage import units
from joren.points.liability import Valuation, as_date
from joren.points.liability_charts import text_name
from joren.points.redemption import Breakage
from joren.points.revenue import PROVISION, Line
from joren.points.triangle import Triangle

Sentence = tuple[str, dict[str, Any]]
_SYMBOLS = {"k_hat": "k̂", "r_hat": "R-hat", "ess": "ESS", "divergences": "NUTS divergences"}
_NO_MINOR_UNIT = ("JPY", "KRW")


def smallest_unit(currency: str) -> Decimal:
    """The smallest unit in which amounts of a currency are booked."""
    return Decimal(1) if currency in _NO_MINOR_UNIT else Decimal("0.01")


def fit_sentences(fitted: Breakage) -> list[Sentence]:
    """How the hazards were fitted, what they miss, and for how much their points count."""
    posterior, cells = fitted.hazards, fitted.cells
    facts = {
        "value": float(posterior.ess_bulk.min()), "n": len(cells.at_risk),
        "why_no_interval": "common.single_value",
    }  # fmt: skip
    missed = posterior.problems()
    if missed:
        problems = ", ".join(_SYMBOLS[name] for name in missed)
        sentences = [("liability.fit_doubtful", facts | {"problems": problems, "accent": True})]
    else:
        sentences = [(f"liability.fit_sound.{posterior.method}", facts)]
    used = int(cells.used.sum())
    counts = {"value": float(units(cells)[0].sum()), "points": used, "n": used}
    return [*sentences, ("liability.together", counts | {"why_no_interval": "common.single_value"})]


def extraordinary_sentences(found: dict[str, Triangle]) -> list[Sentence]:
    """The grant months that nothing is learned from, as they granted far more than others."""
    sentences = []
    for name, triangle in found.items():
        for cohort, granted in zip(
            triangle.cohorts[~triangle.ordinary], triangle.granted[~triangle.ordinary], strict=True
        ):
            facts = {"value": int(granted), "n": int(granted), "month": as_date(cohort)}
            facts |= {"subject": f"{name} {cohort}", "why_no_interval": "common.counted"}
            sentences.append(("liability.extraordinary", facts))
    return sentences


def class_sentences(curves: pd.DataFrame) -> list[Sentence]:
    """What share of newly granted points is never used, by class, that of most points first.

    Parameters
    ----------
    curves : from `redemption.unused_curve`
    """
    sentences = []
    groups = dict(list(curves.groupby("validity", sort=False)))
    for name in sorted(groups, key=lambda name: -groups[name].points.iloc[0]):
        first, last = groups[name].iloc[0], groups[name].iloc[-1]
        sentences.append((f"liability.breakage_class.{text_name(name)}", {
            "value": last["mean"], "lower": last.lower, "upper": last.upper, "n": int(first.points),
            "subject": name,
        }))  # fmt: skip
    return sentences


def choice_sentences(
    scored: pd.DataFrame, tested: pd.DataFrame, at: dict[np.datetime64, Breakage]
) -> list[Sentence]:
    """By which method the liability is valued, and why.

    Parameters
    ----------
    scored, tested : from `backtest.scores` and `backtest.backtest`
    at : the month-ends from which something could be forecast
    """
    if scored.empty:
        months = len(at) + FEWEST_MONTHS - 1
        return [("liability.chosen.untested", {
            "value": months, "n": months, "why_no_interval": "common.counted",
        })]  # fmt: skip
    of = scored.set_index("predictor")
    method, recent = best_method(scored), best_recent(scored)
    ladder = name_of(recent)
    own, rival = ("survival", ladder) if method == "survival" else (ladder, "survival")
    n = int(of.origins[own])
    overlapping = {"n": n, "why_no_interval": "liability.why.origins"}
    sentences: list[Sentence] = [(f"liability.chosen.{method}", {
        "value": of.error[own], "rival": of.error[rival], "origins": n, "accent": True,
    } | overlapping)]  # fmt: skip
    key = "all" if recent is None else "some"
    sentences += [(
        f"liability.recent.{key}", {"value": of.error[ladder], "months": recent} | overlapping
    )]  # fmt: skip
    if "naive" in of.index and of.error["naive"] < of.error[own]:
        beaten = {"value": of.error["naive"], "accent": True} | overlapping
        sentences.append(("liability.beaten", beaten))
    bias = of.bias[own]
    sentences.append((f"liability.answer.{'high' if bias > 0 else 'low'}", {
        "value": of.held[own], "n": n, "why_no_interval": "liability.why.overlap", "origins": n,
        "months": int(tested.months.iloc[0]), "share": abs(bias),
    }))  # fmt: skip
    return sentences


def value_sentences(now: Valuation, other: Valuation, each: Decimal) -> list[Sentence]:
    """What the points outstanding will cost, how many lapse, and what the other method says.

    Parameters
    ----------
    each : value of a point
    """
    points, expected, lower, upper = now.total
    n = int(points)
    value = float(each)
    sentences: list[Sentence] = [
        ("liability.amount", {
            "value": expected * value, "lower": lower * value, "upper": upper * value, "n": n,
            "month": as_date(now.month), "share": expected / points, "points": n,
            "each": f"{each.normalize():f}", "accent": True,
        }),
        ("liability.breakage", {
            "value": 1 - expected / points, "lower": 1 - upper / points,
            "upper": 1 - lower / points, "n": n,
        }),
        (f"liability.rival.{other.method}", {
            "value": other.total[1] * value, "lower": other.total[2] * value,
            "upper": other.total[3] * value, "n": n,
        }),
    ]  # fmt: skip
    if now.late and now.late > 0.005 * expected:
        facts = {"value": now.late / expected, "n": n}
        sentences.append(
            ("liability.late", facts | {"why_no_interval": "liability.why.expected_value"})
        )
    return sentences


def journal_sentence(books: pd.DataFrame, lines: Iterable[Line], month: date) -> Sentence:
    """What the journal of a month holds, and what stands in the books at its end."""
    at = books[books.month == month]
    contracts, provision = at[at.cohort != PROVISION], at[at.cohort == PROVISION]
    owed = sum((row.allocated - row.recognised for row in contracts.itertuples()), Decimal(0))
    return "liability.journal", {
        "value": owed, "provision": sum(provision.recognised, Decimal(0)), "month": month,
        "n": sum(line.date.replace(day=1) == month for line in lines),
        "why_no_interval": "liability.why.expected_value",
    }  # fmt: skip
