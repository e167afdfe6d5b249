"""Signs that a customer is about to be lost: the table `churn_signs`.

Signs are ranked by what early customer-weeks teach, the lower bound of their lift, so that a rare
sign does not lead by luck; lift, recall and lead time are then those of later weeks, which had no
part in the choice. What a sign goes with is not what it causes.
"""

from __future__ import annotations

from collections.abc import Mapping

import ibis.expr.types as ir
import numpy as np
import pandas as pd
from ibis import _

from joren.routes.landmarks import CELLS, EARLY, LATE, exposed, lead_days
from joren.routes.lift import SIGN, counts_of, lifts
from joren.routes.paths import join

TOUCHPOINT, EDGE = "touchpoint", "edge"
LEAST_LOST = 30  # customers lost in either period
LEAST_SHOWN = 20  # customers who showed a sign early, below which it is not ranked


def churn_signs(
    risk: ir.Table, signs: ir.Table, names: Mapping[int, str], days: int, level: float
) -> pd.DataFrame:
    """Every sign with its place among those of its kind.

    Parameters
    ----------
    risk : from `landmarks.at_risk`
    signs : from `landmarks.signs_of`
    names : code → touchpoint, that of START included
    days : silence that counts as lost
    level : of the intervals

    Returns
    -------
    kind; sign (a touchpoint, or an edge as `paths.join` writes it); place (1 for the surest);
    customers, weeks, lost (customers) with it in late weeks; lift, lower, upper in late weeks;
    lift_early, lower_early; recall, precision; lead_days
    """
    shown = exposed(risk, signs).cache()
    found = {
        period: lifts(
            counts_of(
                risk.filter(_.period == period), shown.filter(_.period == period), CELLS
            ),
            level,
        ).set_index(list(SIGN))
        for period in (EARLY, LATE)
    }  # fmt: skip
    early, late = found[EARLY], found[LATE]
    early = early[(early.customers >= LEAST_SHOWN) & early.lower.notna()]
    table = early[["lift", "lower"]].add_suffix("_early").join(late, how="left").reset_index()
    leads = lead_days(shown, days).mutate(source=_.source.fill_null(-1)).to_pandas()
    table = table.merge(leads, on=list(SIGN), how="left")
    single = table.source < 0
    table["kind"] = np.where(single, TOUCHPOINT, EDGE)
    table["sign"] = [
        names[target] if source < 0 else join([names[source], names[target]])
        for source, target in table[list(SIGN)].itertuples(index=False)
    ]
    table = table.sort_values(["lower_early", "sign"], ascending=[False, True], ignore_index=True)
    table["place"] = table.groupby("kind").cumcount() + 1
    counted = {"customers": 0, "weeks": 0, "lost_customers": 0, "recall": 0.0}
    table = table.fillna(counted).astype({name: int for name in counted if name != "recall"})
    table["lost"] = table.lost_customers
    return table[[
        "kind", "sign", "place", "customers", "weeks", "lost", "lift", "lower", "upper",
        "lift_early", "lower_early", "recall", "precision", "lead_days",
    ]]  # fmt: skip
