"""Sentences name grade and assumption, and speak of effects only where the grade allows it."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from joren import text
from joren.campaigns.grade import ASKED
from joren.experiments.evidence import from_se
from joren.experiments.ltv_effect import ltv_effect
from joren.experiments.period_moments import GroupMoments
from joren.experiments.qini import Ranked, qini
from joren.experiments.quasi import (
    checks_table,
    effect_sentence,
    ltv_sentences,
    ranking_sentence,
)
from joren.report.findings import compose
from joren.stats.checks import Check


def _said(sentence, language="en"):
    key, facts = sentence
    facts = dict(facts)
    numbers = {name: facts.pop(name) for name in ("value", "lower", "upper", "n")}
    return compose(
        key, **numbers, why_no_interval=None, accent=False, level=0.9, as_of=date(2026, 3, 31),
        currency="JPY", language=language, facts=facts,
    ).text[language]  # fmt: skip


def _evidence(design, passed=True):
    outcome = "passed" if passed else "failed"
    checks = [Check(name, outcome, 0.0, 0.5, 10) for name in ASKED[design][1]]
    made = from_se(design, 120.0, 20.0, level=0.9, n=500, n_control=400, counterfactual=None)
    return made.with_checks(*checks)


@pytest.mark.parametrize("design", ASKED)
@pytest.mark.parametrize("kind", ["money", "number", "pct"])
@pytest.mark.parametrize("passed", [True, False])
def test_every_design_has_its_sentence_in_both_languages(design, kind, passed):
    sentence = effect_sentence(_evidence(design, passed), kind, "spring")
    grade = _evidence(design, passed).grade

    for language in text.LANGUAGES:
        assert grade in _said(sentence, language)


def test_a_sound_result_names_its_assumption():
    said = _said(effect_sentence(_evidence("did"), "money", "spring"))

    assert "effect" in said
    assert "both groups would have changed alike" in said


@pytest.mark.parametrize("design", [d for d in ASKED if ASKED[d][1]])
def test_a_result_whose_checks_failed_is_not_called_an_effect(design):
    said = _said(effect_sentence(_evidence(design, passed=False), "money", "spring"))

    assert "not shown to be an effect" in said
    assert "return on cost" in said


def test_every_check_and_assumption_has_its_words():
    names = {name for _best, asked in ASKED.values() for name in asked} | {"surrogate"}

    for name in names:
        for outcome in ("passed", "failed", "undecided"):
            assert text.has(f"quasi.check.{name}.{outcome}")
    for design in ASKED:
        assert text.has(_evidence(design).assumption)
        assert text.has(f"quasi.design.{design}")


def test_checks_are_told_one_a_row():
    table = checks_table(_evidence("synthetic_control"))

    assert len(table) == 4
    assert all(text.has(key) for key in table.verdict)


def test_a_ranking_is_praised_only_where_its_interval_is_above_zero():
    half = np.full((2, 2), 2000.0)
    good = np.array([[200.0, 200], [900, 200]])
    none = np.array([[200.0, 200], [200, 200]])

    ranks, by_lot = (qini(Ranked(half, y, y), 0.9, 1) for y in (good, none))
    assert "did gain in that order" in _said(ranking_sentence(ranks, "spring"))
    assert "cannot be told yet" in _said(ranking_sentence(by_lot, "spring"))


def test_the_effect_on_lifetime_value_tells_what_nobody_has_seen():
    rng = np.random.default_rng(1)
    both = rng.gamma(2.0, 50.0, (200, 2))
    arms = [GroupMoments(200, b.sum(0), b.T @ b) for b in (both + 20, both)]
    found = ltv_effect(*arms, 0.1, 0.9)
    srm = Check("srm", "passed", 0.0, 0.5, 400)
    sound = replace(found, seen=found.seen.with_checks(srm), horizon=found.horizon.with_checks(srm))

    assert ltv_sentences(found, 90, 455, "spring") == []
    said = _said(ltv_sentences(sound, 90, 455, "spring")[1])
    assert "50 %" in said or "50%" in said
    assert "treated customers go on" in said
