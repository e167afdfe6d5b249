"""Sentences say what is known and no more."""

from __future__ import annotations

from datetime import date

import pandas as pd
from tests.actions.handmade import play

from joren.actions.findings import (
    calls_sentence,
    drawn_sentence,
    gain_sentence,
    hours_sentence,
    results_sentences,
    send_sentence,
    stake_sentence,
)
from joren.actions.findings import (
    test_sentence as what_a_test_shows,
)
from joren.report.findings import compose

NAN = float("nan")


def lists_of(**changes):
    row = {
        "action": "lapsed", "considered": 100, "listed": 60, "held_out": 20, "no_consent": 15,
        "over_cap": 3, "other_list": 2, "below_threshold": 0, "same_household": 1,
        "at_stake": 1000.0, "at_stake_lower": 900.0, "at_stake_upper": 1100.0, "cost": 60.0,
        "gain": NAN, "gain_lower": NAN, "gain_upper": NAN, "experiments": "",
        "readout_on": date(2026, 5, 31), "base": 0.1, "detectable": 0.2,
    } | changes  # fmt: skip
    return pd.DataFrame([row])


def written(facts):
    facts = dict(facts)
    names = ("key", "value", "n", "lower", "upper", "why_no_interval", "accent")
    given = {"lower": None, "upper": None, "why_no_interval": None, "accent": False}
    given |= {name: facts.pop(name) for name in names if name in facts}
    return compose(**given, level=0.9, as_of=date(2026, 3, 31), currency="JPY", language="en",
                   facts=facts).text["en"]  # fmt: skip


def test_without_an_experiment_nothing_is_gained():
    assert gain_sentence(lists_of())["key"] == "actions.no_experiment"
    assert "not gained" in written(gain_sentence(lists_of()))
    unsure = lists_of(gain=50.0, gain_lower=-10.0, gain_upper=90.0, experiments="C1")
    assert gain_sentence(unsure)["key"] == "actions.gain_unsure"
    sure = lists_of(gain=50.0, gain_lower=10.0, gain_upper=90.0, experiments="C1")
    assert "C1" in written(gain_sentence(sure))


def test_who_is_not_on_a_list_is_counted_by_reason():
    told = written(drawn_sentence(lists_of(), 60))
    assert all(part in told for part in ("60 customers", "20 more", "15 without", "2 who are on"))
    nobody = lists_of(listed=0, held_out=0)
    assert drawn_sentence(nobody, 0)["key"] == "actions.nobody"
    assert stake_sentence(nobody) is None
    assert drawn_sentence(lists_of(considered=0), 0)["key"] == "actions.nobody_meets"


def test_a_test_says_what_it_can_show_or_that_it_is_too_small():
    assert what_a_test_shows(lists_of())["key"] == "actions.test"
    small = lists_of(listed=3, held_out=1, base=0.9, detectable=NAN)
    assert what_a_test_shows(small)["key"] == "actions.test_too_small"
    assert what_a_test_shows(lists_of(held_out=0)) is None
    assert what_a_test_shows(lists_of(base=NAN)) is None


def test_calls_are_named_where_somebody_is_called():
    call = play("lapsed", channels=("call",), calls_share=1.0)
    assert calls_sentence(lists_of(), [call], 80)["value"] == 60
    assert calls_sentence(lists_of(listed=0, held_out=0), [call], 80) is None
    assert calls_sentence(lists_of(), [play("lapsed")], 80) is None


def test_results_are_unchanged_inside_their_interval_and_open_ones_are_counted():
    def rows(name, status, low, high, kpi="response_rate"):
        return [
            {"list_id": name, "arm": arm, "status": status, "listed": 100, "ordered": n,
             "reached": 50, "effect": 0.1, "lower": low, "upper": high,
             "readout_on": date(2026, 5, 31), "kpi": kpi, "kpi_value": n / 10,
             "kpi_effect": 1.0, "kpi_lower": low, "kpi_upper": high}
            for arm, n in (("control", 10), ("treat", 20))
        ]  # fmt: skip

    found = results_sentences(pd.DataFrame(
        rows("lapsed-20260101", "read", 0.02, 0.18) + rows("at_risk-20260101", "read", -0.1, 0.3)
        + rows("restock-20260101", "read", 0.02, 0.18, "orders")
        + rows("own-20260331", "open", None, None)
    ))  # fmt: skip
    assert [f["key"] for f in found] == [
        "actions.result_unchanged", "actions.result", "actions.result",
        "actions.kpi_changed.number", "actions.results_open",
    ]  # fmt: skip
    assert "orders per customer" in written(found[3])
    assert "2.00 of those drawn and 1.00 of those held out" in written(found[3])
    assert "20.0 %" in written(found[1])


def test_hours_and_times_are_written():
    staff = pd.DataFrame([{"store": "A", "role": "x", "shadow_price": 5000.0, "lower": 4000.0,
                           "upper": 6000.0, "used": 3.0, "customers": 9.0}])  # fmt: skip
    assert "reaches most at A" in written(hours_sentence(staff, 40))
    assert send_sentence(None)["key"] == "actions.no_send_times"
