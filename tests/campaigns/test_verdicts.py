from dataclasses import replace
from datetime import date, datetime

from tests.campaigns.handmade import plan

from joren import text
from joren.campaigns.arms import Arms
from joren.campaigns.metrics import METRICS, Metric
from joren.campaigns.outcomes import window_of
from joren.campaigns.plan import house_kpi
from joren.campaigns.plans import judge_plans
from joren.campaigns.readings import Reading
from joren.campaigns.readout import Row
from joren.campaigns.verdicts import (
    MOST_TOLD,
    all_arm_sentences,
    arm_sentences,
    cuped_sentence,
    decision_of,
    decision_sentence,
    direction_of,
    drawn_sentence,
    effect_sentence,
    label_of,
    plan_sentences,
    segments_sentence,
    told_rows,
)
from joren.stats.effects import Effect, Estimate
from joren.stats.srm import sample_ratio


def row(value, lower, upper, metric="response_rate", grade="A", segment="all", **rule) -> Row:
    kpi = replace(house_kpi(metric), **rule)
    reading = Reading("C1", METRICS[metric], window_of(plan(), kpi), kpi.id, kpi, True)
    effect = Effect(80, 20, 0.3, 0.25, Estimate(value, lower, upper), None, 0.9, "unpooled")
    return Row(reading, "treatment", segment, 80, 20, effect, grade, 1.0)


def said(sentence, language="en") -> str:
    key, facts = sentence
    facts = dict(facts)
    certainty = text.Certainty(
        facts.pop("lower", None), facts.pop("upper", None), 0.9, facts["n"], date(2026, 3, 31),
        facts.pop("why_no_interval", None),
    )  # fmt: skip
    return text.render(language, key, certainty=certainty, **facts)


def test_a_causal_verb_only_where_the_interval_excludes_zero():
    assert direction_of(row(0.05, 0.01, 0.09)) == "raised"
    assert "raised the response rate by 5.0 % points" in said(
        effect_sentence(row(0.05, 0.01, 0.09), plan(), "frozen")
    )
    assert "unchanged" in said(effect_sentence(row(0.05, -0.01, 0.09), plan(), "frozen"))
    lowered = said(effect_sentence(row(-0.05, -0.09, -0.01), plan(), "none"))
    assert "lowered the response rate by 5.0 % points" in lowered
    assert "1.0–9.0" in lowered
    assert "No plan was frozen before." in lowered


def test_japanese_says_the_same_with_the_grade():
    told = said(effect_sentence(row(0.05, 0.01, 0.09), plan(), "edited"), "ja")
    assert "春のDM(treatment): 反応率を 5.0 %ポイント押し上げました" in told
    assert "グレード A" in told
    assert "計画は結果の公開後に変更されました" in told


def test_before_and_after_claims_nothing():
    told = said(effect_sentence(row(0.2, 0.1, 0.3, "orders", grade="D"), plan(), "none"))
    assert "Grade D, before and after only" in told
    assert "raised" not in told


def test_no_effect_no_sentence():
    assert effect_sentence(replace(row(0, 0, 0), effect=None), plan(), "none") is None


def test_decisions_follow_the_rule_of_the_plan():
    rule = {"roll_out_from": 0.02, "stop_below": 0.01}
    assert decision_of(row(0.05, 0.02, 0.08, **rule)) == "roll_out"
    assert decision_of(row(0.05, 0.01, 0.08, **rule)) == "test_again"
    assert decision_of(row(0.0, -0.02, 0.005, **rule)) == "stop"
    assert decision_of(row(0.05, 0.0, 0.08)) == "test_again"
    assert decision_of(row(0.05, 0.02, 0.08, grade="D")) is None


def test_where_fewer_is_better_a_decrease_is_rolled_out():
    rule = {"roll_out_from": 0.02}
    found = row(-0.05, -0.08, -0.03, "lapse_rate", **rule)
    assert decision_of(found) == "roll_out"
    assert "meets the plan's rule to roll out, 2.0 %" in said(decision_sentence(found, plan()))


def test_plans_are_counted_and_named():
    statuses, _ = judge_plans(
        [plan(), plan(campaign_id="C2", planned=False)], [], date(2026, 1, 1), datetime(2026, 1, 1)
    )
    told = [said(s) for s in plan_sentences(statuses, ["C9"])]
    assert "Of 2 campaigns, 1 had a plan frozen before" in told[0]
    assert "No plan: 1 (C2)" in told[1]
    assert "C9" in told[2]


def test_why_arms_cannot_be_compared_is_said_and_the_left_out_are_counted():
    uneven = Arms("C1", {"control": 50, "t": 950}, 3, sample_ratio({"control": 50, "t": 950}))
    told = [said(s) for s in arm_sentences(plan(), uneven)]
    assert "3 customers whose records fell into several arms" in told[0]
    assert "not as large as planned" in told[1]
    assert "no hold-out" in said(arm_sentences(plan(), Arms("C1", {"t": 9}, 0, None))[0])
    strange = Arms("C1", {"control": 5, "t": 5}, 0, None, ("t",))
    assert "arms the plan does not know (t)" in said(arm_sentences(plan(), strange)[0])


def test_counts_of_what_a_figure_shows():
    rows = [row(0.05, 0.01, 0.09), row(0, -0.1, 0.1, segment="new")]
    told = said(drawn_sentence("campaigns.headlines_drawn", rows, 0.9))
    assert "Of 2 arms of finished campaigns, 1 moved its KPI" in told.replace(
        "their KPI", "its KPI"
    )
    assert "chance alone would put 0.2 there" in told
    _key, facts = segments_sentence(rows, plan())
    assert (facts["value"], facts["n"], facts["kinds"]) == (0, 1, 1)
    assert cuped_sentence(rows)[1]["n"] == 1


def test_a_segment_beyond_zero_that_may_not_be_claimed_counts_as_not_moved():
    own = [row(0.05, 0.01, 0.09, segment=name) for name in ("new", "repeat")]
    assert direction_of(replace(own[0], claimed=False)) == "unchanged"
    claimed = [replace(own[0], claimed=False), replace(own[1], claimed=True)]
    assert segments_sentence(claimed, plan())[1]["value"] == 1


def test_a_clients_own_kpi_is_called_as_it_is_defined():
    own = replace(house_kpi("orders"), id="x", metric=None, definition={"ja": "甲", "en": "first"})
    assert label_of(Metric("x", "orders"), own).texts == {"ja": "甲", "en": "first"}
    soon = replace(house_kpi("use_rate"), window_days=60)
    assert label_of(Metric("use_60", "used_points"), soon).texts["ja"] == "ポイント利用率(60 日)"
    whole = replace(soon, window_days=None)
    assert label_of(Metric("use", "used_points"), whole).texts["ja"] == "ポイント利用率"
    assert label_of(Metric("x", "orders")) == "x"


def test_many_arms_have_a_sentence_each_only_where_they_moved_something():
    still, moved = row(0.05, -0.01, 0.09), row(0.05, 0.01, 0.09)
    few = [still] * MOST_TOLD
    assert told_rows(few) == (few, [])
    before = replace(moved, grade="D")
    told, others = told_rows([*few, moved, before])
    assert told == [moved]
    assert "Of 14 arms, 13 moved nothing" in said(others[0])


def test_many_campaigns_without_hold_out_are_told_in_one_sentence():
    names = [f"C{i}" for i in range(MOST_TOLD + 1)]
    plans = {name: plan(campaign_id=name) for name in names}
    arms = {name: Arms(name, {"contacted": 9}, 1, None) for name in names}
    keys = [key for key, _facts in all_arm_sentences(plans, arms)]
    assert keys == ["campaigns.no_hold_out_many", *["campaigns.mixed"] * len(names)]
    few = {name: arms[name] for name in names[:2]}
    assert [key for key, _ in all_arm_sentences(plans, few)].count("campaigns.no_hold_out") == 2
