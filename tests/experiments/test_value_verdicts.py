"""Sentences of value name the share nobody has seen, and say when no order holds."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pandas as pd
import pytest
from tests.campaigns.handmade import plan

from joren.experiments.evidence import Evidence
from joren.experiments.ltv_readout import LtvRow
from joren.experiments.qini import Qini
from joren.experiments.value_verdicts import (
    ltv_notes,
    ltv_overview,
    ltv_sentence,
    targets_sentence,
    uplift_sentences,
)
from joren.report.findings import compose
from joren.stats.checks import Check

LEAST = {"days": 90, "customers": 50, "buyers": 20}


def ltv_row(days: int, extrapolated: float, shared: Evidence | None = None) -> LtvRow:
    name = "surrogate" if extrapolated else "randomised"
    found = Evidence("randomised", 50.0, -10.0, 110.0, 36.0, 0.9, 80, 20, 100.0,
                     f"quasi.assumption.{name}")  # fmt: skip
    return LtvRow("C1", "treatment", days, found, extrapolated, False, shared)


def uplift_row(lower: float):
    curve = pd.DataFrame({"share": [0, 1], "gain": [0, 1]})
    found = Qini(2.0, lower, 4.0, curve, 2000)
    return SimpleNamespace(
        campaign_id="C1", arm="treatment", ranking={"t": found, "dr": found},
        top=(80.0, 10.0, 150.0, 400), ranks=lower > 0, cost=100.0,
    )  # fmt: skip


def said(sentence, language="ja"):
    key, facts = sentence[0], dict(sentence[1])
    numbers = {name: facts.pop(name, None) for name in ("value", "lower", "upper", "n")}
    why, accent = facts.pop("why_no_interval", None), facts.pop("accent", False)
    return compose(
        key, **numbers, why_no_interval=why, accent=accent, level=0.9, as_of=date(2026, 3, 31),
        currency="JPY", language=language, facts=facts,
    ).text[language]  # fmt: skip


def test_the_horizon_says_what_share_is_a_forecast_and_on_what_it_rests():
    told = said(ltv_sentence(ltv_row(515, 0.37), plan()))
    assert "37 % はまだ観測されていません" in told
    assert "前提にしています" in told
    assert "観測されていません" not in said(ltv_sentence(ltv_row(90, 0.0), plan()))


def test_an_arm_with_a_model_of_its_own_says_what_one_model_for_all_would_say():
    shared = Evidence("randomised", 20.0, -5.0, 45.0, 15.0, 0.9, 80, 20, 100.0,
                      "quasi.assumption.surrogate")  # fmt: skip
    row = ltv_row(515, 0.37, shared)
    assert row.model == "by_arm"
    told = said(ltv_sentence(row, plan()), "en")
    assert "by one model for all arms it would be ¥20 (-¥5 to ¥45)" in told.replace("−", "-")
    (_cuped, note) = ltv_notes([row], {}, LEAST)
    assert "For 1 of 1 arms" in said(note, "en")
    assert "互いに学び合います" in said(note)


@pytest.mark.parametrize(("lower", "key"), [(0.5, "ranks"), (-0.5, "by_lot")])
def test_an_order_holds_only_where_its_interval_is_above_zero(lower, key):
    sentences = uplift_sentences(uplift_row(lower), plan())
    assert [s[0].rpartition(".")[2] for s in sentences] == [key, key, "top"]
    assert all(said(s, language) for s in sentences for language in ("ja", "en"))


def test_no_list_is_cut_by_an_order_that_does_not_hold():
    assert "絞り込みません" in said(targets_sentence(uplift_row(-0.5), plan(), 0, 900))
    assert "350" in said(targets_sentence(uplift_row(0.5), plan(), 350, 900), "en")


def test_the_overview_has_a_row_an_effect():
    frame = ltv_overview([ltv_row(90, 0.0), ltv_row(515, 0.4)], {"C1": plan()})
    assert list(frame.days) == [90, 515]


def test_later_forecasts_are_told_only_where_they_can_be_judged():
    rows = [ltv_row(90, 0.0), ltv_row(515, 0.37)]
    nothing = ltv_notes(rows, {("C1", "a"): Check("surrogate", "undecided", None, None, 9)}, LEAST)
    assert [key.rpartition(".")[2] for key, _facts in nothing] == ["cuped", "one_model"]
    failed = Check("surrogate", "failed", -0.3, 0.01, 400)
    told = said(ltv_notes(rows, {("C1", "a"): failed}, LEAST)[-1], "en")
    assert "in 1 the treated went on otherwise than expected" in told
