"""What every readout of a campaign carries: effect, interval, assumption, checks and grade."""

from __future__ import annotations

from dataclasses import dataclass, replace

from scipy.stats import norm
from scipy.stats import t as student

from joren.campaigns.grade import ASKED, Grade, grade, require_for_roi
from joren.errors import JorenError
from joren.stats.checks import Check


@dataclass(frozen=True)
class Evidence:
    """One estimated effect and what it stands on.

    Parameters
    ----------
    design : a key of `grade.ASKED`
    effect, lower, upper : mean effect per unit (customer, store) and period, in the outcome's unit
    se : standard error; None where the interval comes from a permutation
    level : the interval's probability
    n, n_control : units with and without the campaign that it rests on
    counterfactual : what the mean outcome would have been; None if nothing is known of it
    assumption : text key of the assumption that carries the result
    checks : what was checked, with verdicts
    """

    design: str
    effect: float
    lower: float
    upper: float
    se: float | None
    level: float
    n: int
    n_control: int
    counterfactual: float | None
    assumption: str
    checks: tuple[Check, ...] = ()

    @property
    def grade(self) -> Grade:
        return grade(self.design, self.checks)

    @property
    def relative(self) -> tuple[float, float, float] | None:
        """Effect, lower and upper as shares of the counterfactual, itself taken as known."""
        base = self.counterfactual
        if base is None or base <= 0:
            return None
        return self.effect / base, self.lower / base, self.upper / base

    def times(self, factor: float) -> Evidence:
        """The same result in another unit: per customer and campaign instead of per period."""
        base = None if self.counterfactual is None else self.counterfactual * factor
        se = None if self.se is None else self.se * abs(factor)
        low, high = sorted((self.lower * factor, self.upper * factor))
        return replace(
            self, effect=self.effect * factor, lower=low, upper=high, se=se, counterfactual=base
        )

    def with_checks(self, *checks: Check) -> Evidence:
        """The same result with further checks; one of the same name is replaced."""
        new = {check.name for check in checks}
        kept = [check for check in self.checks if check.name not in new]
        return replace(self, checks=(*kept, *checks))


def from_se(
    design: str,
    effect: float,
    se: float,
    *,
    level: float,
    n: int,
    n_control: int,
    counterfactual: float | None,
    df: float | None = None,
) -> Evidence:
    """Evidence with a symmetric interval: effect ± quantile · se.

    Parameters
    ----------
    df : degrees of freedom of Student's t; the normal law without
    """
    if design not in ASKED:
        raise JorenError(f"there is no grade for {design!r}", "", f"use one of {', '.join(ASKED)}")
    tail = (1 + level) / 2
    reach = se * float(norm.ppf(tail) if df is None else student.ppf(tail, df))
    return Evidence(
        design, float(effect), float(effect - reach), float(effect + reach), float(se), level,
        int(n), int(n_control), counterfactual, f"quasi.assumption.{design}",
    )  # fmt: skip


def return_on_cost(
    evidence: Evidence, units: int, periods: float, margin: float, cost: float, subject: str
) -> tuple[float, float, float]:
    """(gain − cost) / cost with its interval, from evidence good enough to count.

    Parameters
    ----------
    units, periods : how many units had the campaign, and for how many periods the effect ran
    margin : of one unit of the outcome, in currency (1 where the outcome is margin)
    cost : of the campaign, in currency, positive
    subject : the campaign, for messages

    Returns
    -------
    return, lower, upper; 0 means that the campaign paid for itself exactly

    Raises
    ------
    JorenError if the grade is D or there is no cost
    """
    require_for_roi(evidence.grade, subject)
    if cost <= 0:
        raise JorenError("there is no cost to set the gain against", subject, "give its cost")
    scale = units * periods * margin / cost
    low, high = sorted((evidence.lower * scale - 1, evidence.upper * scale - 1))
    return evidence.effect * scale - 1, low, high
