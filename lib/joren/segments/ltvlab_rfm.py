"""LTV-Lab's RFM: seven ranks A to G on a grid of recency, frequency and value, six bins each.

The vendor prints the ranks' names and the 6 × 6 table, not the borders. Closed here: bins are cut
by parameters (a value on a cut belongs to the better bin for purchases and value, to the worse one
for silence); the rank is read from recency and frequency, since the vendor shows the third measure
inside the cells.

=======  ==========  ==========  ===========
silence  1 purchase  2–3 bins    4–6 bins
=======  ==========  ==========  ===========
bins 6–5  C 新規      B 有望       A 優良
bins 4–3  E 悩み      E 悩み       D 浮気予備軍
bins 2–1  G 離反      G 離反       F 浮気・不満
=======  ==========  ==========  ===========
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from joren.params_segments import LtvlabRfm
from joren.segments.standing import Preset

RANKS = ("A", "B", "C", "D", "E", "F", "G")


def ltvlab_rfm(cuts: LtvlabRfm) -> Preset:
    """The preset with its cut-offs."""

    def cell(rows: ir.Table, reached: int) -> ir.Value:
        recency = 6 - reached
        frequency = bin_of(rows.visit, cuts.frequency)
        if recency >= 5:
            return ibis.cases((frequency == 1, "C"), (frequency <= 3, "B"), else_="A")
        if recency >= 3:
            return ibis.cases((frequency <= 3, "E"), else_="D")
        return ibis.cases((frequency <= 3, "G"), else_="F")

    def status(_rows: ir.Table, reached: int) -> ir.Value:
        return ibis.literal(f"r{6 - reached}")

    closings = tuple(f"segments.closing.ltvlab_rfm_{i}" for i in range(1, 4))
    return Preset("ltvlab_rfm", tuple(cuts.recency_days), cell, status, closings)


def bin_of(value: ir.Value, cuts: Sequence[int]) -> ir.Value:
    """Bin 1 (below the first cut) to 6 (from the last cut on)."""
    reached = ibis.literal(1)
    for cut in cuts:
        reached = reached + (value >= cut).cast("int64")
    return reached


def silence_bin(days: ir.Value, cuts: Sequence[int]) -> ir.Value:
    """Bin 6 (silent for less than the first cut) to 1 (for the last cut and longer)."""
    return 7 - bin_of(days, cuts)


def grid(members: ir.Table, cuts: LtvlabRfm) -> ir.Table:
    """The 6 × 6 table of recency and frequency with customers and mean value in the cells.

    Parameters
    ----------
    members : silent_days, purchases, total
    """
    binned = members.mutate(
        r_bin=silence_bin(members.silent_days, cuts.recency_days),
        f_bin=bin_of(members.purchases, cuts.frequency),
        m_bin=bin_of(members.total, cuts.monetary),
    )
    return binned.group_by("r_bin", "f_bin").agg(
        customers=binned.count(), mean_value=binned.total.mean(), mean_m_bin=binned.m_bin.mean()
    )
