"""What the page of segments says: shares that moved, with their interval, and small tables."""

from __future__ import annotations

from typing import Any

import ibis.expr.types as ir
import pandas as pd
from ibis import _

from joren.segments import joren_status, ltvlab_cpm, ltvlab_rfm, uchideno_cpm
from joren.stats.shares import jeffreys

ACTIVE = ("new", "promising", "loyal")
SLIPPED = ("at_risk", "dormant")
SLIPS = frozenset((origin, target) for origin in ACTIVE for target in SLIPPED)


def slipped(moves: pd.DataFrame, interval: float) -> list[dict[str, Any]]:
    """Findings of a flow: the share of active customers that slipped, of the others that returned.

    Parameters
    ----------
    moves : from_segment, to_segment, customers, from_on, to_on of the preset `joren`
    """
    found = []
    for key, origin, target in (
        ("segments.slipped", ACTIVE, SLIPPED),
        ("segments.recovered", SLIPPED, ACTIVE),
    ):
        began = moves[moves.from_segment.isin(origin)]
        of = int(began.customers.sum())
        if not of:
            continue
        held = int(began[began.to_segment.isin(target)].customers.sum())
        lower, upper = (float(end[0]) for end in jeffreys([held], [of], interval))
        found.append({
            "key": key, "value": held / of, "lower": lower, "upper": upper, "n": of,
            "from_on": moves.from_on.iloc[0], "to_on": moves.to_on.iloc[0],
        })  # fmt: skip
    return found


def status_rows(segments: ir.Table, ltv: ir.Table) -> ir.Table:
    """Customers of each status of `joren`, what they spent and what is expected of them."""
    held = segments.filter(_.preset == "joren").select("customer_id", "segment", "m")
    about = ltv.select("customer_id", "p_order_90d", "ltv_365d")
    joined = held.left_join(about, "customer_id")
    rows = joined.group_by("segment").agg(
        customers=_.count(),
        mean_total=_.m.mean(),
        mean_p_order=_.p_order_90d.mean(),
        mean_ltv=_.ltv_365d.mean(),
    )
    return rows.mutate(share=rows.customers / rows.customers.sum().over())


def rank_rows(ranks: ir.Table, ltv: ir.Table) -> ir.Table:
    """Customers of each rank and the margin expected of them within a year, together."""
    joined = ranks.join(ltv.select("customer_id", "ltv_365d"), "customer_id")
    return joined.group_by("rank").agg(customers=_.count(), ltv=_.ltv_365d.sum())


def cell_order(preset: str) -> tuple[str, ...]:
    """The cells of a preset in the order they are shown, best first."""
    return {
        "joren": joren_status.STATUSES,
        "ltvlab_rfm": ltvlab_rfm.RANKS,
        "uchideno_cpm": uchideno_cpm.RANKS[::-1],
        "ltvlab_cpm": tuple(
            f"{cell}_{status}" for status in ("active", "lapsed") for cell in ltvlab_cpm.CELLS[::-1]
        ),
    }[preset]
