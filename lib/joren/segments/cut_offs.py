"""Cut-offs read off the client's own purchases: from when a silence is a sign, who is loyal.

A silence is judged against the customer's own cycle, and that of a customer with few purchases
leans on everybody's: cycle = (Σ own gaps + w · typical gap)/(own gaps + w), w the number of own
gaps at which both count the same. Dividing by it makes gaps of fast and slow customers comparable;
their quantiles are the two cuts.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
from ibis import _

from joren.errors import JorenError
from joren.params_segments import Joren

BORROWED_GAPS = 2
SMALLEST_GAPS = 200


@dataclass(frozen=True)
class CutOffs:
    """What tells the segments of the preset `joren` apart.

    Attributes
    ----------
    typical_gap : days, median over repeat customers' mean gaps
    at_risk, dormant : silence in own cycles
    loyal_total : value from which a repeat customer is loyal, exact money
    gaps, repeaters : what they were read from
    """

    typical_gap: float
    at_risk: float
    dormant: float
    loyal_total: float
    gaps: int
    repeaters: int


def read_cut_offs(visits: ir.Table, rules: Joren) -> CutOffs:
    """The cut-offs of a client.

    Parameters
    ----------
    visits : of `standing.visits`

    Raises
    ------
    JorenError below 200 gaps between purchases: nobody's silence can be judged
    """
    gaps = visits.filter(_.next_day.notnull())
    by_customer = visits.group_by("customer_id").agg(
        purchases=_.visit.max(), tenure=_.tenure.max(), total=_.total.argmax(_.visit)
    )
    repeat = by_customer.filter(_.purchases > 1).mutate(
        gap=_.tenure.cast("float64") / (_.purchases - 1)
    )
    facts = repeat.agg(
        typical=_.gap.median(),
        loyal=_.total.cast("float64").quantile(1 - rules.loyal_share),
        repeaters=_.count(),
    )
    row = facts.to_pyarrow().to_pylist()[0]
    n_gaps = int(gaps.count().execute())
    if n_gaps < SMALLEST_GAPS:
        raise JorenError(
            f"{n_gaps} gaps between purchases are too few to judge a silence",
            "segments.joren",
            f"wait for {SMALLEST_GAPS} or use a preset with fixed days",
        )
    typical = float(row["typical"])
    relative = gaps.mutate(
        cycles=_.next_day.delta(_.day, unit="day") / own_cycle(gaps, typical)
    ).agg(
        at_risk=_.cycles.quantile(rules.at_risk_quantile),
        dormant=_.cycles.quantile(rules.dormant_quantile),
    )
    cuts = relative.to_pyarrow().to_pylist()[0]
    return CutOffs(
        typical,
        float(cuts["at_risk"]),
        float(cuts["dormant"]),
        float(row["loyal"]),
        n_gaps,
        int(row["repeaters"]),
    )


def own_cycle(visits: ir.Table, typical_gap: float) -> ir.Value:
    """Days between a customer's purchases as known at a visit, leaning on everybody's."""
    own = visits.visit - 1
    return (visits.tenure + BORROWED_GAPS * typical_gap) / (own + BORROWED_GAPS)


def silence_days(visits: ir.Table, typical_gap: float, cycles: float) -> ir.Value:
    """Whole days of silence after a visit at which `cycles` own cycles are over, at least one."""
    days = (own_cycle(visits, typical_gap) * cycles).ceil().cast("int64")
    return ibis.greatest(days, ibis.literal(1, "int64"))
