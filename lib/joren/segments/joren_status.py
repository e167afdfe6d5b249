"""The preset `joren`: 新規, リピート見込み, 優良, 離脱予備軍, 休眠, by the customer's own cycle.

1. Silent for less than the client's at-risk cut, in own cycles: `new` after one purchase, `loyal`
   with enough purchases and value, else `promising`.
2. From the at-risk cut to the dormant cut: `at_risk`.
3. From the dormant cut on: `dormant`.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import deferred

from joren.params_segments import Joren
from joren.segments.cut_offs import CutOffs, silence_days
from joren.segments.standing import Preset

STATUSES = ("new", "promising", "loyal", "at_risk", "dormant")


def joren_status(rules: Joren, cuts: CutOffs) -> Preset:
    """The preset with the client's cut-offs.

    The silences at which a cell changes stand in the columns `at_risk_days` and `dormant_days`,
    which `with_silences` gives the visits.
    """

    def cell(rows: ir.Table, reached: int) -> ir.Value:
        if reached:
            return ibis.literal("at_risk" if reached == 1 else "dormant")
        loyal = (rows.visit >= rules.loyal_purchases) & (rows.total >= cuts.loyal_total)
        return ibis.cases((rows.visit == 1, "new"), (loyal, "loyal"), else_="promising")

    def status(rows: ir.Table, reached: int) -> ir.Value:
        return cell(rows, reached)

    silences = (deferred.at_risk_days, deferred.dormant_days)
    return Preset("joren", silences, cell, status)


def with_silences(visits: ir.Table, cuts: CutOffs) -> ir.Table:
    """The visits with the days of silence at which the customer is at risk, and dormant."""
    at_risk = silence_days(visits, cuts.typical_gap, cuts.at_risk)
    dormant = silence_days(visits, cuts.typical_gap, cuts.dormant)
    return visits.mutate(at_risk_days=at_risk, dormant_days=ibis.greatest(dormant, at_risk + 1))
