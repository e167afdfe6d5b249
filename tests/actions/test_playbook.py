"""The playbook: complete, changed by a client within bounds, and in one order."""

from __future__ import annotations

import pytest
from tests.actions.handmade import AS_OF

from joren import text
from joren.actions.playbook import entries, list_plans, playbook
from joren.campaigns.metrics import METRICS
from joren.errors import ParameterError
from joren.lists.plan import check_plans
from joren.params_actions import PLAYS, Actions


def test_the_parameters_know_every_entry_and_no_other():
    assert tuple(entries()) == PLAYS


def test_every_list_has_a_name_a_reason_and_a_kpi_in_both_languages():
    plays = playbook(Actions(), 0.1)
    check_plans(list_plans(plays, AS_OF))
    for play in plays:
        assert play.kpi in METRICS
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
