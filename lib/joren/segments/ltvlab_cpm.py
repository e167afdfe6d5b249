"""LTV-Lab's CPM: ten cells by purchases, tenure and total, each 現役 or 離脱.

The vendor's page lets コツコツ (≤ 70,000 yen) and 優良 (≥ 70,000) overlap at exactly the amount,
leaves 流行's boundary unclear, and names no cell for long tenure below it. Closed here:

1. Exactly the amount counts as reached: 優良 or 流行, not コツコツ.
2. Below the amount everybody of 90 days or more is コツコツ, however long the tenure.
3. From the amount on, 90 to 209 days are 流行, 210 and more 優良, also when lapsed.
4. Lapsed begins on the day the silence reaches 240 days.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from joren.params_segments import LtvlabCpm
from joren.segments.standing import Preset

CELLS = ("first", "toddling", "steady", "fashion", "loyal")


def ltvlab_cpm(cuts: LtvlabCpm) -> Preset:
    """The preset with its cut-offs; segments are `<cell>_active` and `<cell>_lapsed`."""

    def status(_rows: ir.Table, reached: int) -> ir.Value:
        return ibis.literal("lapsed" if reached else "active")

    def cell(rows: ir.Table, reached: int) -> ir.Value:
        kind = ibis.cases(
            (rows.visit == 1, "first"),
            (rows.tenure < cuts.short_tenure_days, "toddling"),
            (rows.total < cuts.total, "steady"),
            (rows.tenure < cuts.long_tenure_days, "fashion"),
            else_="loyal",
        )
        return kind + ("_lapsed" if reached else "_active")

    closings = tuple(f"segments.closing.ltvlab_cpm_{i}" for i in range(1, 5))
    return Preset("ltvlab_cpm", (cuts.lapse_days,), cell, status, closings)
