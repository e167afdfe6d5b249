"""Sentences name the assumption that carries a result, or the check that it lacks."""

from __future__ import annotations

from datetime import date

import pytest
from tests.campaigns.handmade import plan

from joren.campaigns.grade import ASKED
from joren.experiments.evidence import from_se
from joren.experiments.quasi_readout import QuasiRow, Refused
from joren.experiments.quasi_verdicts import (
    quasi_overview,
    refused_table,
    result_sentence,
    validation_sentences,
)
from joren.report.findings import compose
from joren.stats.checks import Check


def row(design: str, outcome: str = "passed", effect: float = 100.0) -> QuasiRow:
    checks = [Check(name, outcome, 0.0, 0.5, 10) for name in ASKED[design][1]]
    made = from_se(design, effect, 10.0, level=0.9, n=50, n_control=40, counterfactual=None)
    return QuasiRow("C1", "treatment", "revenue", made.with_checks(*checks))


def said(sentence, language):
    key, facts = sentence[0], dict(sentence[1])
    numbers = {name: facts.pop(name, None) for name in ("value", "lower", "upper", "n")}
    why = facts.pop("why_no_interval", None)
    return compose(
        key, **numbers, why_no_interval=why, accent=False, level=0.9, as_of=date(2026, 3, 31),
        currency="JPY", language=language, facts=facts,
    ).text[language]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "assumption", "cause"),
    [("ja", "両群が同じだけ変化した", "差が動いていました"), ("en", "changed alike", "groups")],
)
def test_what_holds_names_its_assumption_and_what_does_not_its_lack(language, assumption, cause):
    held = said(result_sentence(row("did"), plan()), language)
    lacking = said(result_sentence(row("did", "failed"), plan()), language)
    assert assumption in held
    assert cause in lacking


def test_before_and_after_is_never_called_an_effect():
    told = said(result_sentence(row("before_after"), plan()), "ja")
    assert "施策の効果とは言えません" in told


def test_designs_are_held_against_the_hold_out():
    rows = [row("did"), row("before_after", effect=-500.0)]
    told = {s[1]["subject"]: s[1] for s in validation_sentences(
        rows, {("C1", "treatment"): (90.0, 60.0, 120.0)})}  # fmt: skip
    assert (told["did"]["value"], told["did"]["passed"]) == (1, 1)
    assert (told["before_after"]["value"], told["before_after"]["passed"]) == (0, 0)
    assert validation_sentences(rows, {}) == []


def test_tables_have_a_row_a_result_and_one_a_refusal():
    plans = {"C1": plan()}
    assert list(quasi_overview([row("did"), row("before_after")], plans).grade) == ["C", "D"]
    twice = [Refused("C1", "treatment", "did", "few")] * 2
    assert list(refused_table(twice, plans).design) == ["quasi.design.did"]
