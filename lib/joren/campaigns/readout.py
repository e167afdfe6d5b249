"""From sums to the readout of campaigns: the rows of `experiment_readout`, each with its grade.

Grades are by the rule of `grade`, for arms drawn by lot or for before and after. Where arms are not
as large as planned, whatever was compared is not what was assigned, and no effect is given at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from joren.campaigns.arms import Arms
from joren.campaigns.audience import CONTROL
from joren.campaigns.effects import before_after, better_way, effect_of
from joren.campaigns.grade import Grade, grade
from joren.campaigns.metrics import Metric
from joren.campaigns.plans import as_of_end
from joren.campaigns.readings import Reading
from joren.campaigns.segments import ALL
from joren.campaigns.statistics import Cells, moments_of
from joren.stats.cuped import explain
from joren.stats.effects import Effect, Estimate
from joren.stats.hierarchical import Outcome, segment_effects

NOT_AS_PLANNED = "not_as_planned"
_SCHEMA = pa.schema({
    "campaign_id": pa.string(), "arm": pa.string(), "metric": pa.string(), "segment": pa.string(),
    "kpi": pa.string(), "n": pa.int64(), "n_control": pa.int64(), "mean": pa.float64(),
    "mean_control": pa.float64(), "effect": pa.float64(), "lower": pa.float64(),
    "upper": pa.float64(), "se": pa.float64(), "relative": pa.float64(),
    "relative_lower": pa.float64(), "relative_upper": pa.float64(), "p_better": pa.float64(),
    "grade": pa.string(), "method": pa.string(), "srm_p": pa.float64(), "claimed": pa.bool_(),
})  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One effect: of an arm on a metric in a segment (`all`: everybody assigned).

    effect : None where there is none to show: arms not as planned, or nothing to compare with
    claimed : of a segment, whether its effect may be said to be there (`stats.claims`); None of
        everybody, whose interval alone says so
    grade : by the rule of `grade`
    """

    reading: Reading
    arm: str
    segment: str
    n: int
    n_control: int
    effect: Effect | None
    grade: Grade
    srm_p: float | None
    claimed: bool | None = None

    @property
    def method(self) -> str:
        return self.effect.method if self.effect else NOT_AS_PLANNED


def read_out(
    readings: Iterable[Reading],
    arms: dict[str, Arms],
    cells: Cells,
    as_of: date,
    level: float,
    segmented: Sequence[str] = (),
    seed: int = 0,
) -> list[Row]:
    """The effects of all arms of all campaigns whose windows are over.

    Parameters
    ----------
    readings : from `readings.readings_of`, of any number of campaigns
    arms : by campaign
    cells : from `statistics.by_cell`
    as_of : last day of data; a reading whose window ends later is left out
    level : of the intervals
    segmented : metrics that are read by segment too, besides the plans' own KPIs
    seed : of the posterior of segments
    """
    rows = []
    for reading in readings:
        found = arms.get(reading.campaign_id)
        if found is None or reading.window.until > as_of_end(as_of):
            continue
        if not found.has_hold_out:
            rows += _before_and_after(reading, found, cells, level)
        elif not found.sound:
            rows += _refused(reading, found)
        else:
            rows += _compared(reading, found, cells, level)
            if reading.metric.id in segmented or reading.kpi:
                rows += _by_segment(reading, found, cells, level, seed)
    return rows


def as_table(rows: Iterable[Row]) -> pa.Table:
    """The rows as the table `experiment_readout`; `point_campaigns` has the same columns."""
    return pa.Table.from_pylist([_record(row) for row in rows], schema=_SCHEMA)


def whole_rows(rows: Iterable[Row]) -> list[Row]:
    """The rows of everybody assigned."""
    return [row for row in rows if row.segment == ALL]


def main_rows(rows: Iterable[Row]) -> list[Row]:
    """The rows of what each campaign is judged by: the first KPI of its plan, or the default."""
    found: dict[tuple[str, str], Row] = {}
    for row in whole_rows(rows):
        if row.reading.main:
            found.setdefault((row.reading.campaign_id, row.arm), row)
    return list(found.values())


def _compared(reading: Reading, found: Arms, cells: Cells, level: float) -> list[Row]:
    metric, rows, earned = reading.metric, [], grade("randomised", [found.check()])
    own = {arm: moments_of(cells.row(reading, arm, ALL), metric) for arm in found.sizes}
    noise = None if metric.is_ratio else explain(list(own.values()), level)
    for arm in found.treated:
        effect = effect_of(metric, own[arm], own[CONTROL], noise, level)
        sizes = found.sizes[arm], found.sizes[CONTROL]
        rows.append(Row(reading, arm, ALL, *sizes, effect, earned, found.srm.p))
    return rows


def _by_segment(reading: Reading, found: Arms, cells: Cells, level: float, seed: int) -> list[Row]:
    metric, rows, earned = reading.metric, [], grade("randomised", [found.check()])
    if metric.is_ratio:  # a segment's basket has no model of its own
        return rows
    for kind, names in cells.segments(reading).items():
        if kind == ALL or len(names) < 2:
            continue
        own = {
            (name, arm): moments_of(row, metric)
            for name in names
            for arm in found.sizes
            if (row := cells.row(reading, arm, name)) is not None
        }
        if not any(moments.positive for moments in own.values()):
            continue
        fit = segment_effects(own, CONTROL, _outcome(metric), level, seed=seed)
        for (name, arm), effect in fit.cells.items():
            if effect.n and effect.n_control:
                shown = better_way(metric, effect)
                sizes = effect.n, effect.n_control
                claimed = (name, arm) in fit.claimed
                told = Row(reading, arm, name, *sizes, shown, earned, found.srm.p, claimed)
                rows.append(told)
    return rows


def _outcome(metric: Metric) -> Outcome:
    """How the outcome spreads among customers: a yes, money that most do not spend, or a number."""
    if metric.unit == "share":
        return "rate"
    return "amount" if metric.numerator in ("revenue", "margin") else "mean"


def _before_and_after(reading: Reading, found: Arms, cells: Cells, level: float) -> list[Row]:
    rows = []
    for arm in found.treated:
        own = moments_of(cells.row(reading, arm, ALL), reading.metric)
        effect = before_after(reading.metric, own, reading.window, level)
        if effect is not None:
            rows.append(Row(reading, arm, ALL, own.n, 0, effect, grade("before_after", []), None))
    return rows


def _refused(reading: Reading, found: Arms) -> list[Row]:
    sizes, earned = found.sizes, grade("randomised", [found.check()])
    p = found.srm.p if found.srm else None
    return [
        Row(reading, arm, ALL, sizes[arm], sizes[CONTROL], None, earned, p) for arm in found.treated
    ]


def _record(row: Row) -> dict:
    effect = row.effect
    none = Estimate(None, None, None)
    absolute = effect.absolute if effect else none
    relative = (effect.relative if effect else None) or none
    return {
        "campaign_id": row.reading.campaign_id,
        "arm": row.arm,
        "metric": row.reading.metric.id,
        "segment": row.segment,
        "kpi": row.reading.kpi,
        "n": row.n,
        "n_control": row.n_control,
        "mean": effect.mean if effect else None,
        "mean_control": effect.mean_control if effect else None,
        "effect": absolute.value,
        "lower": absolute.lower,
        "upper": absolute.upper,
        "se": absolute.se,
        "relative": relative.value,
        "relative_lower": relative.lower,
        "relative_upper": relative.upper,
        "p_better": effect.p_better if effect else None,
        "grade": row.grade,
        "method": row.method,
        "srm_p": row.srm_p,
        "claimed": row.claimed,
    }
