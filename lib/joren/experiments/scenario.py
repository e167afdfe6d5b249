"""A campaign of several steps with branches: is it sound, and how many contacts and what cost?

A scenario is a YAML file: steps by name, each with its channel, cost, the share that responds (and
of how many that share was seen), and where customers go on response and otherwise; `end` ends it.
Every step must be reached from the start, lead on, and never lead back.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from joren.errors import ParameterError
from joren.params_section import Section

END = "end"
_DRAWS = 4000
Share = Annotated[float, Field(ge=0, le=1)]


class ScenarioStep(Section):
    """One contact: `response` is the share that responds, seen among `seen_on` customers."""

    channel: str
    cost: Annotated[float, Field(ge=0)] = 0.0
    wait_days: Annotated[int, Field(ge=0)] = 0
    response: Share
    seen_on: Annotated[int, Field(ge=1)]
    on_response: str
    otherwise: str


class Scenario(Section):
    """Steps by name, and the one everybody begins with."""

    start: str
    steps: dict[str, ScenarioStep]


@dataclass(frozen=True)
class Forecast:
    """What a scenario will take, each as mean, lower, upper.

    volumes : step → customers contacted; cost, responses : in all; days : the longest way through
    """

    volumes: dict[str, tuple[float, float, float]]
    cost: tuple[float, float, float]
    responses: tuple[float, float, float]
    days: int


def read_scenario(path: Path) -> Scenario:
    """The scenario of a YAML file, checked.

    Raises
    ------
    ParameterError if the file is missing or no YAML, a key is wrong, or the steps are not sound
    """
    if not path.is_file():
        raise ParameterError("there is no such scenario", str(path), "give its path")
    try:
        content = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        scenario = Scenario.model_validate(content or {})
    except YAMLError as error:
        raise ParameterError(f"this is no YAML: {error}", str(path), "correct it") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ParameterError(f"{place}: {first['msg']}", str(path), "correct it") from None
    check_scenario(scenario, str(path))
    return scenario


def check_scenario(scenario: Scenario, where: str = "scenario") -> list[str]:
    """The steps in an order in which each comes after all that lead to it.

    Raises
    ------
    ParameterError if a step leads to one that is not there (a dead end), back to itself (a loop),
    or is never reached
    """
    steps = scenario.steps
    for name, target in [
        ("start", scenario.start),
        *((name, to) for name, step in steps.items() for to in (step.on_response, step.otherwise)),
    ]:
        if target not in steps and target != END:
            raise ParameterError(
                f"{name} leads to {target!r}, which is no step: a dead end", where,
                f"name a step, or `{END}`",
            )  # fmt: skip
    order: list[str] = []
    _visit(scenario.start, steps, [], order, where)
    missed = sorted(set(steps) - set(order))
    if missed:
        raise ParameterError(
            f"no way leads to {', '.join(missed)}", where, "lead there, or leave it out"
        )
    return order[::-1]


def forecast(scenario: Scenario, customers: int, level: float, seed: int) -> Forecast:
    """Volumes, responses and cost, with the uncertainty of the shares and of chance.

    Parameters
    ----------
    customers : who begin
    level : of the intervals
    seed : of the draws

    Returns
    -------
    means and intervals over draws of each share (its Jeffreys posterior) and of who responds
    """
    order = check_scenario(scenario)
    rng = np.random.default_rng(seed)
    flow = {name: np.zeros(_DRAWS, dtype=np.int64) for name in (*order, END)}
    days = dict.fromkeys((*order, END), 0)
    flow[scenario.start] = np.full(_DRAWS, customers, dtype=np.int64)
    responses, cost = np.zeros(_DRAWS), np.zeros(_DRAWS)
    for name in order:
        step, here = scenario.steps[name], flow[name]
        hits = step.response * step.seen_on
        rate = rng.beta(hits + 0.5, step.seen_on - hits + 0.5, _DRAWS)
        responded = rng.binomial(here, rate)
        responses, cost = responses + responded, cost + step.cost * here
        flow[step.on_response] = flow[step.on_response] + responded
        flow[step.otherwise] = flow[step.otherwise] + here - responded
        for target in (step.on_response, step.otherwise):
            days[target] = max(days[target], days[name] + step.wait_days)

    def told(draws: np.ndarray) -> tuple[float, float, float]:
        lower, upper = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
        return float(draws.mean()), float(lower), float(upper)

    volumes = {name: told(flow[name]) for name in order}
    return Forecast(volumes, told(cost), told(responses), days[END])


def _visit(
    name: str, steps: dict[str, ScenarioStep], way: list[str], done: list[str], where: str
) -> None:
    """Depth first; a step is done once all it leads to are."""
    if name == END or name in done:
        return
    if name in way:
        loop = " → ".join([*way[way.index(name) :], name])
        raise ParameterError(f"the steps run in a loop: {loop}", where, "break it")
    for target in (steps[name].on_response, steps[name].otherwise):
        _visit(target, steps, [*way, name], done, where)
    done.append(name)
