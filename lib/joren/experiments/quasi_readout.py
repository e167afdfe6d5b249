"""What each arm of a campaign did, judged as if nobody had been held out at random.

Difference in differences and synthetic control beside customers who were not assigned; regression
discontinuity where a threshold decided; interrupted time series of the arm's own days. Before and
after stands beside them so that it can be seen, grade D. Effects are per customer and campaign, so
that they can be set beside those of a hold-out, which none of them looks at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from ibis import _
from scipy.stats import norm

from joren.campaigns.plan import Plan
from joren.errors import JorenError
from joren.experiments.before_after import before_after
from joren.experiments.checks.backdated import backdated
from joren.experiments.checks.leave_one_out import leave_one_out
from joren.experiments.checks.placebo_dates import placebo_dates
from joren.experiments.checks.placebo_in_time import placebo_in_time
from joren.experiments.checks.placebo_space import placebo_space
from joren.experiments.checks.pre_fit import pre_fit
from joren.experiments.checks.pre_trend import pre_trend
from joren.experiments.comparison import (
    LEAST_OTHERS,
    OTHERS,
    Spans,
    added_up,
    cell_moments,
    last_periods,
    made_alike,
    population,
    span_outcomes,
    spans,
)
from joren.experiments.did import difference_in_differences
from joren.experiments.evidence import Evidence
from joren.experiments.interrupted_time_series import daily_totals, interrupted_time_series
from joren.experiments.period_moments import GroupMoments
from joren.experiments.synthetic_control import Series, synthetic_control
from joren.experiments.threshold_readout import at_threshold
from joren.params_campaigns import Threshold

DESIGNS = (
    "did", "synthetic_control", "regression_discontinuity", "interrupted_time_series",
    "before_after",
)  # fmt: skip
_DID_BEFORE = 12  # spans; a group that changes slowly is compared with its near past
_YEARS_BACK = 730
_SCHEMA = pa.schema({
    "campaign_id": pa.string(), "arm": pa.string(), "metric": pa.string(), "segment": pa.string(),
    "design": pa.string(), "n": pa.int64(), "n_control": pa.int64(), "effect": pa.float64(),
    "lower": pa.float64(), "upper": pa.float64(), "relative": pa.float64(),
    "p_better": pa.float64(), "grade": pa.string(), "method": pa.string(),
    "srm_p": pa.float64(), "assumption": pa.string(), "checks": pa.list_(pa.string()),
})  # fmt: skip


@dataclass(frozen=True)
class QuasiRow:
    """One design's result for one arm and metric, per customer and campaign.

    without : customers of the arm it could not compare with anybody
    """

    campaign_id: str
    arm: str
    metric: str
    evidence: Evidence
    without: int = 0

    @property
    def design(self) -> str:
        return self.evidence.design


@dataclass(frozen=True)
class Refused:
    """A design that could not be used for an arm, and why, as its message says."""

    campaign_id: str
    arm: str
    design: str
    reason: str


def read_out_quasi(
    plans: Iterable[Plan],
    assigned: ir.Table,
    customers: ir.Table,
    facts: ir.Table,
    as_of: date,
    level: float,
    seed: int,
    thresholds: dict[str, Threshold] | None = None,
) -> tuple[list[QuasiRow], list[Refused]]:
    """Every design that fits, for all arms of the campaigns that are over.

    Parameters
    ----------
    plans : of the campaigns
    assigned : from `campaigns.audience.one_arm_each`
    customers : table customers
    facts : from `campaigns.outcomes.order_facts`
    as_of : last day of data
    level : of the intervals
    seed : of the checks that draw
    thresholds : campaign → the threshold it was granted at
    """
    first = facts.agg(first=_.day.min()).to_pyarrow().to_pylist()[0]["first"]
    rows: list[QuasiRow] = []
    refused: list[Refused] = []
    for plan in plans:
        if first is None or plan.last_day > as_of or plan.starts_on <= first:
            continue
        over = spans(plan.starts_on, plan.until, first)
        if over.before < 1:
            continue
        people = population(customers, assigned, facts, plan.campaign_id, plan.starts_on).cache()
        found = cell_moments(people, span_outcomes(facts, over), over)
        arms = sorted({arm for arm, _cell in found["revenue"]} - {OTHERS})
        for arm in arms:
            tried = _designs(plan, arms, arm, facts, found, over, first, level, seed)
            given = (thresholds or {}).get(plan.campaign_id)
            if given is not None:
                tried.append((
                    "regression_discontinuity", "revenue",
                    lambda arm=arm, given=given, plan=plan, people=people: (
                        at_threshold(given, people, arm, facts, plan, level), 0
                    ),
                ))  # fmt: skip
            for design, metric, work in tried:
                try:
                    evidence, without = work()
                except JorenError as error:  # too little for this design; the others may do
                    refused.append(Refused(plan.campaign_id, arm, design, str(error)))
                else:
                    rows.append(QuasiRow(plan.campaign_id, arm, metric, evidence, without))
    return rows, refused


def quasi_table(rows: Iterable[QuasiRow]) -> pa.Table:
    """The rows as the table `experiment_quasi`."""
    return pa.Table.from_pylist([_record(row) for row in rows], schema=_SCHEMA)


def randomised_effects(
    readout: ir.Table, metric: str
) -> dict[tuple[str, str], tuple[float, float, float]]:
    """(campaign, arm) → effect, lower, upper of arms drawn by lot.

    Parameters
    ----------
    readout : table experiment_readout, empty where nothing was read out
    """
    own = readout.filter(
        (_.metric == metric) & (_.segment == "all") & (_.grade == "A") & _.lower.notnull()
    )
    rows = own.select("campaign_id", "arm", "effect", "lower", "upper").to_pyarrow().to_pylist()
    return {
        (row["campaign_id"], row["arm"]): (row["effect"], row["lower"], row["upper"])
        for row in rows
    }


Work = Callable[[], tuple[Evidence, int]]


def _designs(
    plan: Plan, arms: Sequence[str], arm: str, facts: ir.Table,
    found: dict[str, dict[tuple[str, str], GroupMoments]], over: Spans, first: date, level: float,
    seed: int,
) -> list[tuple[str, str, Work]]:  # fmt: skip
    tried: list[tuple[str, str, Work]] = []
    n = sum(own.n for (name, _cell), own in found["revenue"].items() if name == arm)
    for metric, moments in found.items():
        tried += [
            ("did", metric, lambda m=moments: _did(m, arm, over, level, seed)),
            ("before_after", metric, lambda m=moments: (_naive(m, arm, over, level), 0)),
        ]
    tried += [
        ("synthetic_control", "revenue", lambda: (_mixed(found["revenue"], arm, over, level), 0)),
        (
            "interrupted_time_series",
            "revenue",
            lambda: (_series(plan, arms, n, facts, first, level), 0),
        ),
    ]
    return tried


def _did(
    moments: dict[tuple[str, str], GroupMoments], arm: str, over: Spans, level: float, seed: int
) -> tuple[Evidence, int]:
    alike = made_alike(moments, arm)
    if alike is None:
        raise JorenError("no cell has customers of both groups", arm, "compare in another way")
    if alike[2] > alike[0].n:
        raise JorenError(
            f"only {alike[0].n} of {alike[0].n + alike[2]} customers have others like them",
            arm,
            "compare in another way",
        )
    before = min(over.before, _DID_BEFORE)
    treated, others = (last_periods(group, before + over.after) for group in alike[:2])
    evidence = difference_in_differences(treated, others, before, level).with_checks(
        pre_trend(treated, others, before), placebo_dates(treated, others, before, seed)
    )
    return evidence.times(over.after), alike[2]


def _naive(
    moments: dict[tuple[str, str], GroupMoments], arm: str, over: Spans, level: float
) -> Evidence:
    treated = added_up([own for (name, _cell), own in moments.items() if name == arm])
    before = min(over.before, _DID_BEFORE)
    group = last_periods(treated, before + over.after)
    return before_after(group, before, level).times(over.after)


def _mixed(
    moments: dict[tuple[str, str], GroupMoments], arm: str, over: Spans, level: float
) -> Evidence:
    treated = added_up([own for (name, _cell), own in moments.items() if name == arm])
    donors = {
        cell: group.mean
        for (name, cell), group in sorted(moments.items())
        if name == OTHERS and group.n >= LEAST_OTHERS and group.mean[: over.before // 2].any()
    }
    if not donors:
        raise JorenError("nobody is left to compare with", arm, "compare in another way")
    given = Series(treated.mean, np.column_stack([*donors.values()]), tuple(donors), over.before)
    found = synthetic_control(given, level)
    checked = found.with_checks(
        pre_fit(given), backdated(given), placebo_space(given, found), leave_one_out(given, found)
    )
    others = sum(group.n for (name, _cell), group in moments.items() if name == OTHERS)
    return _sized(checked, treated.n, others).times(over.after)


def _series(
    plan: Plan, arms: Sequence[str], n: int, facts: ir.Table, first: date, level: float
) -> Evidence:
    """The series of the whole client: whoever is chosen for what she bought buys less anyway, so
    that the chosen customers' own series breaks on the day they were chosen."""
    if len(arms) > 1:
        raise JorenError(
            f"one series cannot tell {len(arms)} arms apart", plan.campaign_id, "hold some out"
        )
    begin = max(first, plan.starts_on - timedelta(days=_YEARS_BACK))
    rows = facts.select(date=_.day, value=_.revenue)
    values = daily_totals(rows, begin, plan.last_day)
    found = interrupted_time_series(values, plan.starts_on, level)
    checked = found.with_checks(placebo_in_time(values, plan.starts_on))
    return _sized(checked, n, 0).times((plan.until - plan.starts_on).days / n)


def _sized(evidence: Evidence, n: int, n_control: int) -> Evidence:
    return replace(evidence, n=n, n_control=n_control)


def _record(row: QuasiRow) -> dict:
    found = row.evidence
    known = found.grade != "D" and found.se
    return {
        "campaign_id": row.campaign_id,
        "arm": row.arm,
        "metric": row.metric,
        "segment": "all",
        "design": row.design,
        "n": found.n,
        "n_control": found.n_control,
        "effect": found.effect,
        "lower": found.lower,
        "upper": found.upper,
        "relative": found.relative[0] if found.relative else None,
        "p_better": float(norm.cdf(found.effect / found.se)) if known else None,
        "grade": found.grade,
        "method": row.design,
        "srm_p": None,
        "assumption": found.assumption,
        "checks": [f"{check.name}:{check.outcome}" for check in found.checks],
    }
