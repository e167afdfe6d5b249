"""How much a result is worth as evidence: A to D, by rule, and what may enter a return on cost.

A  randomised, and the arms have the sizes that were planned (SRM passed)
B  natural hold-out: left out by a rule that knows nothing of the outcome, and balance passed
C  quasi-experiment with every check its method asks for passed
D  before and after, or any of the above with a check failed, undecided or not made
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from joren.errors import JorenError
from joren.stats.checks import Check

Grade = Literal["A", "B", "C", "D"]

# what each design asks for; a result to which one of these lacks is not better than before/after
ASKED: dict[str, tuple[Grade, tuple[str, ...]]] = {
    "randomised": ("A", ("srm",)),
    "natural_hold_out": ("B", ("balance",)),
    "did": ("C", ("pre_trend", "placebo_dates")),
    "synthetic_control": ("C", ("pre_fit", "backdated", "placebo_space", "leave_one_out")),
    "regression_discontinuity": ("C", ("density", "continuity")),
    "interrupted_time_series": ("C", ("placebo_in_time",)),
    "before_after": ("D", ()),
}


def grade(design: str, checks: Iterable[Check]) -> Grade:
    """The grade of a result.

    Parameters
    ----------
    design : a key of ASKED
    checks : all that were made; one that failed lowers the grade even if it was not asked for

    Raises
    ------
    JorenError if the design has no rule
    """
    if design not in ASKED:
        raise JorenError(f"there is no grade for {design!r}", "", f"use one of {', '.join(ASKED)}")
    best, asked = ASKED[design]
    made = list(checks)
    passed = {check.name for check in made if check.passed}
    failed = any(check.outcome == "failed" for check in made)
    return best if not failed and passed.issuperset(asked) else "D"


def missing(design: str, checks: Iterable[Check]) -> list[str]:
    """The checks that a design asks for and that were not passed, in the order they are asked."""
    passed = {check.name for check in checks if check.passed}
    return [name for name in ASKED[design][1] if name not in passed]


def require_for_roi(given: Grade, subject: str) -> None:
    """Refuse to let weak evidence into a return on cost.

    Parameters
    ----------
    given : the result's grade
    subject : the campaign, for the message

    Raises
    ------
    JorenError if the grade is D
    """
    if given == "D":
        raise JorenError(
            "a result of grade D does not enter a return on cost",
            subject,
            "hold out a random share of the audience next time",
        )
