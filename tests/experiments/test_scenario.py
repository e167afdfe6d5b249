"""A scenario must lead on from every step and never back; its volumes follow from its shares."""

from __future__ import annotations

from pathlib import Path

import pytest

from joren.errors import ParameterError
from joren.experiments.scenario import Scenario, check_scenario, forecast, read_scenario
from joren.params import project_root

EXAMPLE = project_root() / "params" / "scenarios" / "three_step_dm.yaml"


def scenario(**ways: tuple[str, str]) -> Scenario:
    """Steps that lead to (on response, otherwise); each costs 100 and a tenth responds."""
    steps = {
        name: {"channel": "dm", "cost": 100, "wait_days": 7, "response": 0.1,
               "seen_on": 10_000_000, "on_response": yes, "otherwise": no}
        for name, (yes, no) in ways.items()
    }  # fmt: skip
    return Scenario.model_validate({"start": next(iter(ways)), "steps": steps})


def test_a_loop_is_named_step_by_step():
    looped = scenario(a=("end", "b"), b=("c", "end"), c=("a", "end"))
    with pytest.raises(ParameterError, match="a → b → c → a"):
        check_scenario(looped)


def test_a_step_that_leads_nowhere_is_a_dead_end():
    with pytest.raises(ParameterError, match="dead end"):
        check_scenario(scenario(a=("end", "thanks")))


def test_a_step_nobody_reaches_is_refused():
    with pytest.raises(ParameterError, match="no way leads to b"):
        check_scenario(scenario(a=("end", "end"), b=("end", "end")))


def test_steps_come_after_all_that_lead_to_them():
    joined = scenario(a=("c", "b"), b=("c", "end"), c=("end", "end"))
    assert check_scenario(joined) == ["a", "b", "c"]


def test_volumes_and_cost_are_those_of_the_shares():
    chain = scenario(a=("end", "b"), b=("end", "c"), c=("end", "end"))
    found = forecast(chain, 100_000, 0.9, 1)
    means = [found.volumes[name][0] for name in "abc"]
    assert means == pytest.approx([100_000, 90_000, 81_000], rel=0.003)
    assert found.cost[0] == pytest.approx(100 * 271_000, rel=0.003)
    assert found.responses[0] == pytest.approx(27_100, rel=0.01)
    assert found.days == 21


def test_a_share_seen_on_few_makes_the_interval_wide():
    known = scenario(a=("end", "b"), b=("end", "end"))
    steps = {name: step.model_copy(update={"seen_on": 20}) for name, step in known.steps.items()}
    vague = known.model_copy(update={"steps": steps})
    spread = [f.cost[2] - f.cost[1] for f in (forecast(s, 10_000, 0.9, 1) for s in (known, vague))]
    assert spread[1] > 5 * spread[0]
    assert forecast(known, 500, 0.9, 3) == forecast(known, 500, 0.9, 3)


def test_the_example_is_sound_and_a_wrong_key_says_where(tmp_path: Path):
    assert check_scenario(read_scenario(EXAMPLE))[0] == "first_dm"
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("start: a\nsteps: {a: {channel: dm}}\n", encoding="utf-8")
    with pytest.raises(ParameterError, match=r"steps\.a\.response"):
        read_scenario(wrong)
    with pytest.raises(ParameterError, match="no such scenario"):
        read_scenario(tmp_path / "none.yaml")
