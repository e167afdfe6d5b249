from datetime import date

import pytest
from tests.campaigns.handmade import plan

from joren import text
from joren.points.cap import Choice, under_cap
from joren.points.dose import BestGrant, Dose
from joren.points.earnings import (
    cap_sentence,
    caps_overview,
    dose_sentences,
    earnings_sentences,
    economics_overview,
    economics_table,
    no_choice_sentence,
)
from joren.points.economics import ITEMS, Economics
from joren.stats.effects import Estimate


def earned(net: tuple[float, float, float], breakage=(28.0, 20.0, 36.0)) -> Economics:
    each = {
        "margin": Estimate(36.0, -184.0, 256.0, 133.0), "redeemed": Estimate(-104.0, None, None),
        "outstanding": Estimate(-6.0, None, None), "contact": Estimate(-85.0, None, None),
        "breakage": Estimate(*breakage, 5.0), "net": Estimate(*net, 133.0),
    }  # fmt: skip
    return Economics("C1", "treatment", 100, 50, each, 0.0, 50_000, 10_400, 2_000, "A")


def said(sentence) -> str:
    key, facts = sentence
    facts = dict(facts)
    sure = text.Certainty(facts.pop("lower", None), facts.pop("upper", None), 0.9, facts["n"],
                          date(2026, 3, 31), facts.pop("why_no_interval", None))  # fmt: skip
    return text.render("en", key, certainty=sure, **facts)


@pytest.mark.parametrize(
    ("net", "verb"),
    [
        ((100.0, 20.0, 180.0), "raised profit by ¥10.0K"),
        ((-100.0, -180.0, -20.0), "lost ¥10.0K"),
        ((-131.0, -350.0, 88.0), "not decided"),
    ],
)
def test_gain_or_loss_only_where_the_interval_says_so(net, verb):
    told = [said(s) for s in earnings_sentences(earned(net), plan(), Estimate(0.8, 0.6, 1.0))]
    assert verb in told[-1]
    assert "of 50,000 points granted, 20.8 % were redeemed; 2,000 are still there" in told[0]
    assert "80.0 % of the points redeemed went to customers who would have bought" in told[-2]


def test_fewer_lapses_are_said_as_fewer():
    one = earned((0.0, -1.0, 1.0), breakage=(-28.0, -36.0, -20.0))
    told = said(earnings_sentences(one, plan(), None)[2])
    assert "worth ¥2,800 less lapsed" in told
    assert "¥2,000–¥3,600" in told


def test_a_subsidy_that_cannot_be_told_is_said_to_be_so():
    told = said(earnings_sentences(earned((0.0, -1.0, 1.0)), plan(), None)[3])
    assert "cannot be told" in told


def test_why_the_best_grant_is_not_known_and_what_is_missing():
    (sentence,) = dose_sentences([Dose("C1", 500, 1.0, 1.0, 1.0)], None, 100)
    assert "2 sizes were tried" in said(sentence)
    assert "With 1 more arms" in said(sentence)


def test_the_best_grant_and_its_profit():
    best = BestGrant(Estimate(300.0, 200.0, 400.0), Estimate(40.0, 10.0, 70.0))
    told = [said(s) for s in dose_sentences([], best, 100)]
    assert "is 300 points" in told[0]
    assert "¥40 per customer" in told[1]
    none = BestGrant(Estimate(0.0, 0.0, 50.0), Estimate(0.0, 0.0, 0.0))
    assert "to grant nothing is best" in said(dose_sentences([], none, 100)[0])


def test_what_to_do_under_a_cap():
    pays = [Choice(500, Estimate(40.0, 10.0, 70.0))]
    told = said(cap_sentence(under_cap(pays, 50_000, 10_000, 1000, 1, 0.5), 10_000))
    assert "grant 500 points to 160 customers" in told
    loses = [Choice(500, Estimate(-40.0, -70.0, -10.0))]
    assert "to grant nothing" in said(cap_sentence(under_cap(loses, 5e4, 0, 1000, 1, 0.5), 0))
    assert "whatever the cap" in said(no_choice_sentence(loses, 100))
    assert list(caps_overview([under_cap(pays, 50_000, 0, 10, 1, 0.5)]).customers) == [10]


def test_the_table_holds_every_item_once_with_the_subsidy_share():
    rows = economics_table(
        [earned((0.0, -1.0, 1.0))], {("C1", "treatment"): Estimate(0.8, 0.6, 1.0)}
    ).to_pylist()
    assert [r["item"] for r in rows] == [*ITEMS, "fixed_cost", "subsidy_share"]
    assert {r["grade"] for r in rows} == {"A"}
    assert rows[0]["value"] == 3600.0
    assert list(economics_overview(earned((0.0, -1.0, 1.0))).item)[-1] == "economics.item.net"
