"""What the ledger says in sentences: pooled effects with intervals, late plans, weak evidence."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.experiments.ledgers import held, plan, result

from joren import text
from joren.campaigns.coupons import Coupons
from joren.experiments.drift import LEAST_CAMPAIGNS, Drift
from joren.experiments.ledger import make_ledger
from joren.experiments.ledger_verdicts import (
    drift_sentences,
    entry_sentence,
    ledger_overview,
    ledger_sentences,
)
from joren.report.findings import compose


def said(sentence) -> dict[str, str]:
    key, facts = sentence[0], dict(sentence[1])
    numbers = {name: facts.pop(name, None) for name in ("value", "lower", "upper", "n")}
    why, accent = facts.pop("why_no_interval", None), facts.pop("accent", False)
    return compose(
        key, **numbers, why_no_interval=why, accent=accent, level=0.9, as_of=date(2026, 3, 31),
        currency="JPY", language="ja", facts=facts,
    ).text  # fmt: skip


def ledger(*statuses, grade="A"):
    plans = [plan(n) for n in range(len(statuses))]
    rows = [result(p, 0.03, 0.01, grade=grade) for p in plans]
    return make_ledger([held(*p) for p in zip(plans, statuses, strict=True)], rows, [], 0.9, 1.0)


def test_pooled_effects_carry_interval_and_assumption():
    sentences = dict(ledger_sentences(ledger("frozen", "frozen")))
    assert "前提" in said(("pdca.pooled", sentences["pdca.pooled"]))["ja"]
    assert sentences["pdca.prior"]["lower"] < sentences["pdca.prior"]["upper"]


def test_late_plans_and_weak_evidence_are_named():
    late = dict(ledger_sentences(ledger("edited", "frozen")))
    assert "施策0" in said(("pdca.edited", late["pdca.edited"]))["ja"]

    weak = dict(ledger_sentences(ledger("frozen", "frozen", grade="D")))
    assert weak["pdca.weak"]["value"] == 2
    assert "pdca.pooled" not in weak
    assert "pdca.roi" not in weak


def test_coupons_are_told_with_those_whose_value_is_not():
    only = plan(1)
    given = {("C1", "treatment"): Coupons(90, 3, Decimal(27000), Decimal(8000))}
    found = make_ledger([held(only)], [result(only, 0.03, 0.01)], [], 0.9, 1.0, given)
    told = said(("pdca.coupons_untold", dict(ledger_sentences(found))["pdca.coupons_untold"]))
    assert "¥27.0K" in told["en"]
    assert "Of 3 more the value is not told" in told["en"]
    assert "3 枚" in told["ja"]
    assert not [key for key, _f in ledger_sentences(ledger("frozen")) if "coupons" in key]


def test_every_campaign_is_one_sentence_in_both_languages():
    for entry in (*ledger("frozen", "edited").entries, *ledger("none", grade="D").entries):
        told = said(entry_sentence(entry, "JPY"))
        assert all(entry.plan.name in told[language] for language in text.LANGUAGES)


def test_a_segment_that_wears_out_raises_an_alarm():
    worn = Drift("recency:0-30d", -0.2, -0.3, -0.1, 0.001, 0.002, 6)
    calm = Drift("all", 0.0, -0.1, 0.1, 0.5, 0.5, 6)
    sentences = drift_sentences([worn, calm], 6)
    assert [key for key, _facts in sentences] == ["pdca.drift.none", "pdca.drift.alarm"]
    assert sentences[0][1]["value"] == 1
    assert "0-30" in said(sentences[1])["ja"]


def test_too_few_campaigns_say_how_many_are_needed():
    (sentence,) = drift_sentences([], 2)
    assert str(LEAST_CAMPAIGNS) in said(sentence)["ja"]


def test_the_overview_has_a_row_a_campaign_newest_first():
    assert list(ledger_overview(ledger("frozen", "none"), "JPY").name) == ["施策1", "施策0"]


def test_the_ledger_is_summed_up_whatever_was_decided():
    for told in (ledger("frozen", "edited", "frozen"), ledger("frozen", grade="D")):
        facts = dict(ledger_sentences(told))["pdca.summary"]
        assert facts["value"] == len(told.entries)
        kinds = {entry.decided for entry in told.entries}
        assert sum(facts[kind] for kind in kinds) == len(told.entries)
        assert str(len(told.entries)) in said(("pdca.summary", facts))["en"]
