"""An early look at campaigns whose days are not over, by intervals that hold at all looks together.

Whoever looks each day at a campaign that does nothing, by intervals of one look, sees one of them
exclude zero in a third of cases. Here intervals are of the asymptotic confidence sequence
(`stats.sequential`): tuned for the campaign's last day, and as wide as the share of its days that
has passed asks for. Twenty looks at campaigns that do nothing (800 customers who differ in how
often they buy, nominal 90 %) claim something in 2 % of them, where single looks do in 32 %.

An early look is no result. It stands in a table of its own (`experiment_early`), so that nothing
that reads results, the ledger and the return on cost among them, can take it for one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from math import ceil

import pyarrow as pa

from joren.campaigns.arms import Arms
from joren.campaigns.audience import CONTROL
from joren.campaigns.effects import effect_of
from joren.campaigns.plans import as_of_end
from joren.campaigns.readings import Reading
from joren.campaigns.segments import ALL
from joren.campaigns.statistics import Cells, moments_of
from joren.stats.cuped import explain
from joren.stats.effects import Effect, Estimate
from joren.stats.moments import Moments
from joren.stats.sequential import sequential_effect

EARLY_METRICS = ("response_rate", "orders", "revenue", "margin")
LEAST_RESPONSES = 10  # customers of an arm with any outcome, before its mean is nearly normal
_SCHEMA = pa.schema({
    "campaign_id": pa.string(), "arm": pa.string(), "metric": pa.string(), "kpi": pa.string(),
    "days_seen": pa.int64(), "days": pa.int64(), "n": pa.int64(), "n_control": pa.int64(),
    "effect": pa.float64(), "lower": pa.float64(), "upper": pa.float64(), "claimed": pa.bool_(),
    "method": pa.string(), "srm_p": pa.float64(),
})  # fmt: skip


@dataclass(frozen=True)
class EarlyLook:
    """What an arm did to a metric in the days that have passed.

    days_seen, days : of the campaign's own
    effect : its interval holds at all looks; without bounds where too few responded, None where the
        arms are not as planned
    """

    reading: Reading
    arm: str
    days_seen: int
    days: int
    n: int
    n_control: int
    effect: Effect | None
    srm_p: float | None

    @property
    def claimed(self) -> bool:
        """Whether the interval of all looks excludes zero."""
        return self.effect is not None and self.effect.excludes_zero()


def early_looks(
    readings: Iterable[Reading], arms: dict[str, Arms], cells: Cells, as_of: date, level: float
) -> list[EarlyLook]:
    """What each arm of the campaigns that are running did until now.

    Parameters
    ----------
    readings : from `readings.readings_of`; what is not counted in the campaign's own days from the
        first one on, or whose days are over, is passed over
    arms : by campaign; those without a hold-out are passed over
    cells : from `statistics.by_cell`, of outcomes up to `as_of`
    level : share of campaigns in which no look at all misses the truth
    """
    found = []
    for reading in readings:
        own = arms.get(reading.campaign_id)
        if own is not None and own.has_hold_out and _is_running(reading, as_of):
            found += _looks(reading, own, cells, as_of, level)
    return found


def main_looks(looks: Iterable[EarlyLook]) -> list[EarlyLook]:
    """Those at what each campaign is judged by."""
    return [look for look in looks if look.reading.main]


def as_table(looks: Iterable[EarlyLook]) -> pa.Table:
    """The looks as the table `experiment_early`."""
    return pa.Table.from_pylist([_record(look) for look in looks], schema=_SCHEMA)


def _is_running(reading: Reading, as_of: date) -> bool:
    window = reading.window
    in_time = window.begin <= as_of and window.until > as_of_end(as_of)
    # what counts silence, or forecasts, cannot be read of half the days
    return in_time and reading.metric.window == "readout" and reading.metric.numerator not in (
        "ltv", "lapsed",
    )  # fmt: skip


def _looks(
    reading: Reading, found: Arms, cells: Cells, as_of: date, level: float
) -> list[EarlyLook]:
    window, metric = reading.window, reading.metric
    days = (window.until - window.begin).days
    seen = (as_of_end(as_of) - window.begin).days
    p = found.srm.p if found.srm else None
    own = {arm: moments_of(cells.row(reading, arm, ALL), metric) for arm in found.sizes}
    noise = None if metric.is_ratio else explain(list(own.values()), level)
    looks = []
    for arm in found.treated:
        effect = None
        if found.sound:
            plain = effect_of(metric, own[arm], own[CONTROL], noise, level)
            tuned_at = ceil((plain.n + plain.n_control) * days / seen)
            effect = _sequence(plain, own[arm], own[CONTROL], level, tuned_at)
        sizes = found.sizes[arm], found.sizes[CONTROL]
        looks.append(EarlyLook(reading, arm, seen, days, *sizes, effect, p))
    return looks


def _sequence(
    plain: Effect, treated: Moments, control: Moments, level: float, tuned_at: int
) -> Effect:
    if not plain.absolute.se or min(treated.positive, control.positive) < LEAST_RESPONSES:
        bare = Estimate(plain.absolute.value, None, None)
        return replace(plain, absolute=bare, relative=None, p_better=None, method="sequential")
    return sequential_effect(plain, control, level, tuned_at)


def _record(look: EarlyLook) -> dict:
    absolute = look.effect.absolute if look.effect else Estimate(None, None, None)
    return {
        "campaign_id": look.reading.campaign_id,
        "arm": look.arm,
        "metric": look.reading.metric.id,
        "kpi": look.reading.kpi,
        "days_seen": look.days_seen,
        "days": look.days,
        "n": look.n,
        "n_control": look.n_control,
        "effect": absolute.value,
        "lower": absolute.lower,
        "upper": absolute.upper,
        "claimed": look.claimed,
        "method": look.effect.method if look.effect else "not_as_planned",
        "srm_p": look.srm_p,
    }
