"""The playbook: complete, changed by a client within bounds, and in one order."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.actions.handmade import AS_OF, facts_of

from joren import text
from joren.actions.conditions import holds
from joren.actions.playbook import KPIS, check_play, entries, list_plans, playbook
from joren.errors import JorenError, ParameterError
from joren.lists.plan import check_plans
from joren.params_actions import PLAYS, Actions


def test_the_parameters_know_every_entry_and_no_other():
    assert tuple(entries()) == PLAYS


# who meets each entry, and what of her is changed so that she does not
VALUABLE = {"status": "loyal", "rank": "high", "ltv_365d": 100.0, "past_value": Decimal(100)}
ONCE = {"purchases": 1, "status": "new", "rank": "standard"}
MEETS = {
    "cancel_watch": ({"subscribed": True, "p_end_90d": 0.3}, {"p_end_90d": 0.1}),
    "complaint_care": (VALUABLE | {"complained_days": 29}, {"complained_days": 30}),
    "high_value_at_risk": (VALUABLE | {"status": "at_risk"}, {"rank": "standard"}),
    "payment_ended": ({"ended_days": 59, "ended_why": "payment"}, {"ended_why": "voluntary"}),
    "new_subscriber": ({"subscribed": True, "subscribed_days": 29}, {"subscribed_days": 30}),
    "subscriber_care": (
        VALUABLE | {"subscribed": True, "subscribed_days": 180}, {"subscribed_days": 179}
    ),
    "high_value_care": (VALUABLE, {"ltv_365d": 1.0}),
    "new_high_value": (VALUABLE | {"status": "new"}, {"ltv_365d": 1.0}),
    "win_back_letter": (VALUABLE | {"status": "dormant"}, {"past_value": Decimal(1)}),
    "win_back_subscriber": ({"ended_days": 30, "ended_why": "voluntary"}, {"subscribed": True}),
    "yearly_buyer": ({"cycle_days": 365.0, "overdue_ratio": 0.75}, {"cycle_days": 200.0}),
    "one_time_return": (ONCE | {"tenure_days": 180}, {"tenure_days": 730}),
    "win_back_message": ({"status": "dormant"}, {"status": "at_risk"}),
    "payment_watch": ({"subscribed": True, "payment_risk": True}, {"payment_risk": False}),
    "second_purchase": (ONCE | {"tenure_days": 30}, {"purchases": 2}),
    "new_customer": (ONCE | {"tenure_days": 29}, {"tenure_days": 30}),
    "newly_loyal": (VALUABLE | {"status_days": 30}, {"status_days": 31}),
    "use_points": (
        VALUABLE | {"points_balance": 1000, "silent_days": 30}, {"points_balance": 999}
    ),
    "third_purchase": (
        {"purchases": 2, "status": "promising", "overdue_ratio": 1.0}, {"overdue_ratio": 0.9}
    ),
    "restock": (VALUABLE | {"purchases": 3, "overdue_ratio": 0.8}, {"overdue_ratio": 1.0}),
    "at_risk": ({"status": "at_risk"}, {"status": "loyal"}),
    "lapsed": (VALUABLE | {"silent_days": 60}, {"silent_days": 59}),
    "birthday": (VALUABLE | {"birthday_in_days": 30}, {"birthday_in_days": 31}),
    "subscribe_offer": (VALUABLE | {"purchases": 3}, {"subscribed": True}),
    "subscriber_add_on": (
        {"subscribed": True, "subscribed_days": 90, "next_value": 1.0}, {"next_value": None}
    ),
    "cross_sell": (VALUABLE | {"next_value": 1.0}, {"next_value": 0.5}),
    "second_channel": (VALUABLE | {"purchases": 3, "channels_known": 1}, {"channels_known": 2}),
    "potential_growth": ({"status": "promising", "rank": "potential"}, {"rank": "high"}),
    "first_purchase": ({"purchases": 0, "known_days": 179}, {"known_days": 180}),
    "never_bought": ({"purchases": 0, "known_days": 180}, {"purchases": 1}),
}  # fmt: skip


@pytest.mark.parametrize("name", PLAYS)
def test_who_an_entry_is_for_and_who_just_not(con, name):
    meets, change = MEETS[name]
    others = ({"customer_id": f"o{n}", "ltv_365d": 2.0, "past_value": Decimal(2)} for n in range(9))
    facts = facts_of(
        con, {"customer_id": "yes"} | meets, {"customer_id": "no"} | meets | change, *others
    )
    found = facts.filter(holds(facts, entries()[name]["when"], {"lapsed_days": 60}))
    assert found.customer_id.to_pyarrow().to_pylist() == ["yes"]


def test_the_thirty_entries_cover_every_state_rank_and_kind_of_subscriber():
    assert len(PLAYS) == 30
    asked = {
        fact: {
            state for entry in entries().values()
            for state in (entry["when"].get(fact, []) if fact in entry["when"] else [])
        }
        for fact in ("status", "rank")
    }  # fmt: skip
    assert asked["status"] == {"new", "promising", "loyal", "at_risk", "dormant"}
    assert asked["rank"] == {"high", "potential"}
    of_subscribers = [n for n, entry in entries().items() if entry["when"].get("subscribed")]
    assert len(of_subscribers) >= 4


def test_every_entry_designs_a_test_that_reads_its_kpi_in_its_own_days():
    for play in playbook(Actions(), 0.1):
        assert 0 < play.hold_out <= 0.3
        assert 30 <= play.readout_days <= 90
        # a subscription ends slowly: its orders of one cycle say nothing
        assert play.kpi != "lapse_rate" or play.readout_days >= 45


def test_a_ratio_of_two_outcomes_is_no_kpi_of_a_list():
    entry = entries()["lapsed"]
    play = next(p for p in playbook(Actions(), 0.1) if p.id == "lapsed")
    with pytest.raises(JorenError, match="average_basket"):
        check_play(replace(play, kpi="average_basket"), entry)


def test_every_list_has_a_name_a_reason_and_a_kpi_in_both_languages():
    plays = playbook(Actions(), 0.1)
    check_plans(list_plans(plays, AS_OF))
    for play in plays:
        assert play.kpi in KPIS
        assert text.has(f"campaigns.metric.{play.kpi}")
        assert text.has(f"actions.name.{play.id}")
        assert text.has(f"actions.reason.{play.id}")


def test_a_client_switches_off_and_changes_entries():
    rules = Actions(
        owner="Sato",
        plays={
            "lapsed": {"enabled": False},
            "at_risk": {"owner": "Abe", "hold_out": 0.3, "channels": ["line"], "readout_days": 30},
        },
    )
    plays = {play.id: play for play in playbook(rules, 0.1)}
    assert "lapsed" not in plays
    at_risk = plays["at_risk"]
    assert (at_risk.owner, at_risk.channels, at_risk.readout_days) == ("Abe", ("line",), 30)
    assert plays["third_purchase"].owner == "Sato"
    assert str(at_risk.readout_on(AS_OF)) == "2026-05-01"
    # both lists of the campaign hold out what one of them asks for
    assert at_risk.hold_out == plays["high_value_at_risk"].hold_out == 0.3


@pytest.mark.parametrize(
    "change", [{"channels": ["dm", "email"]}, {"channels": ["call"]}], ids=["letter", "call"]
)
def test_a_channel_that_cannot_be_played_is_refused(change):
    with pytest.raises(ParameterError):
        playbook(Actions(plays={"at_risk": change}), 0.1)


def test_lists_that_only_call_are_not_written_to():
    with pytest.raises(ParameterError):
        playbook(Actions(plays={"cancel_watch": {"channels": ["email"]}}), 0.1)
