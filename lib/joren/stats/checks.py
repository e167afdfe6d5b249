"""What a check says: passed, failed, or that it cannot tell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["passed", "failed", "undecided"]

ALARM = 0.05  # a check raises a false alarm in at most this share of sound studies


@dataclass(frozen=True)
class Check:
    """One check of one result.

    Parameters
    ----------
    name : of the check; `quasi.check.<name>.<outcome>` is its sentence
    outcome : `undecided` where there is too little to check with; it counts as not passed
    statistic : what was looked at, in the unit the check's module states; None if undecided
    p_value : where the check is a test
    n : how many units, periods or placebos it rests on
    facts : further numbers that its sentence may name
    """

    name: str
    outcome: Outcome
    statistic: float | None
    p_value: float | None
    n: int
    facts: dict[str, float] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        return self.outcome == "passed"


def by_p_value(
    name: str, statistic: float, p_value: float, n: int, alarm: float = ALARM, **facts: float
) -> Check:
    """A check that fails where its p-value is below `alarm`."""
    outcome: Outcome = "failed" if p_value < alarm else "passed"
    return Check(name, outcome, float(statistic), float(p_value), int(n), facts)


def undecided(name: str, n: int, **facts: float) -> Check:
    """A check for which there is too little to check with."""
    return Check(name, "undecided", None, None, int(n), facts)
