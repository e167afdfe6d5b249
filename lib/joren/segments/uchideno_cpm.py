"""うちでのこづち's CPM: four ranks by purchases, stay and total; 現役客 until the lapse period.

The vendor names the settings (累計購入回数, 滞在期間, 離脱期間, 累計購入金額) and the default
lapse period of 60 days, not the other values. Closed here: one purchase is 初回・トライアル客; a
stay below 90 days よちよち客; from there on the total tells コツコツ客 from 優良客, who begin at
the amount itself. 引上げ客 are customers whose rank rose within the month, read off the history.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

from joren.params_segments import UchidenoCpm
from joren.segments.standing import Preset

RANKS = ("trial", "toddling", "steady", "loyal")


def uchideno_cpm(cuts: UchidenoCpm) -> Preset:
    """The preset with its cut-offs."""

    def status(_rows: ir.Table, reached: int) -> ir.Value:
        return ibis.literal("lapsed" if reached else "active")

    def cell(rows: ir.Table, _reached: int) -> ir.Value:
        return ibis.cases(
            (rows.visit == 1, "trial"),
            (rows.tenure < cuts.stay_days, "toddling"),
            (rows.total < cuts.total, "steady"),
            else_="loyal",
        )

    closings = tuple(f"segments.closing.uchideno_cpm_{i}" for i in range(1, 4))
    return Preset("uchideno_cpm", (cuts.lapse_days,), cell, status, closings)


def raised(history: ir.Table) -> ir.Table:
    """引上げ客: customers by the month in which their rank rose.

    Parameters
    ----------
    history : spans of this preset

    Returns
    -------
    month, customers (each once a month)
    """
    place = _.segment.cases(*[(rank, i) for i, rank in enumerate(RANKS)])
    of_customer = ibis.window(group_by="customer_id", order_by="valid_from")
    placed = history.mutate(place=place)
    risen = placed.mutate(before=_.place.lag().over(of_customer)).filter(_.place > _.before)
    return risen.group_by(month=_.valid_from.truncate("M")).agg(customers=_.customer_id.nunique())
