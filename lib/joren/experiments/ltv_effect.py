"""Effect of a campaign on customer lifetime value: what was seen, and what is carried forward.

A customer's value over a horizon is what she brought in the first days (seen) and what the model of
stage 04 expects of her from then on, given how she bought until then (expected). The effect on the
sum is a difference of means between randomised arms; its second part is extrapolated.

1. The arms were assigned at random.
2. A customer who was treated goes on as one who was not and bought the same until now (the
   outcome so far is a surrogate; Athey, Chetty, Imbens & Kang 2019). A campaign that pulls orders
   forward, or that keeps working unseen, breaks this; `checks/surrogate.py` looks once time passed.
3. What the model gets wrong in total it gets wrong in both arms by one factor: the model is fitted
   to everybody at once, so its parameters are shared, and their uncertainty widens the interval by
   the expected part of the effect times `factor_sd`, and not by the arms' levels.

Sums per arm suffice: n, Σs, Σe, Σs², Σse, Σe².
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
from ibis import _
from scipy.stats import norm

from joren.errors import JorenError
from joren.experiments.evidence import Evidence
from joren.experiments.period_moments import GroupMoments


@dataclass(frozen=True)
class LtvEffect:
    """Effect per customer on what was seen, and on value until the horizon.

    Parameters
    ----------
    seen, horizon : evidence of both, in the unit of value
    extrapolated : share of the horizon's effect, by size, that nobody has seen yet (0 … 1)
    """

    seen: Evidence
    horizon: Evidence
    extrapolated: float


def value_moments(
    assigned: ir.Table, seen: ir.Table, ltv: ir.Table, expected: str = "ltv_365d"
) -> dict[str, GroupMoments]:
    """Sums per arm, worked out in the engine.

    Parameters
    ----------
    assigned : customer_id, arm; one row each
    seen : customer_id, value: margin in the first days after the assignment; rows of one customer
        are added up, and who has none brought nothing
    ltv : the table `ltv` of a run whose as_of ends those days; who is not in it has nothing ahead
    expected : its column with the value from as_of to the horizon, discounted
    """
    brought = seen.group_by("customer_id").agg(s=_.value.cast("decimal(18, 2)").sum())
    ahead = ltv.select("customer_id", e=ltv[expected].cast("decimal(18, 2)"))
    rows = assigned.select("customer_id", "arm").left_join(brought, "customer_id")
    rows = rows.select("customer_id", "arm", "s").left_join(ahead, "customer_id")
    rows = rows.select(
        "arm",
        **{part: ibis.coalesce(rows[part], 0).cast("decimal(18, 2)") for part in ("s", "e")},
    )
    found = rows.group_by("arm").agg(
        n=_.count(),
        **{part: _[part].sum().cast("float64") for part in ("s", "e")},
        **{a + b: (_[a] * _[b]).sum().cast("float64") for a, b in ("ss", "se", "ee")},
    )
    return {
        str(row["arm"]): GroupMoments(
            int(row["n"]),
            np.array([row["s"], row["e"]]),
            np.array([[row["ss"], row["se"]], [row["se"], row["ee"]]]),
        )
        for row in found.order_by("arm").to_pandas().to_dict("records")
    }


def ltv_effect(
    treated: GroupMoments, control: GroupMoments, factor_sd: float, level: float
) -> LtvEffect:
    """Effect on value seen and on value until the horizon.

    Parameters
    ----------
    treated, control : from `value_moments`
    factor_sd : relative standard deviation of the model's total, from its own forecast of totals
        or, where larger, from its answer checks
    level : the intervals' probability

    Raises
    ------
    JorenError if an arm has fewer than two customers, or factor_sd is negative
    """
    if min(treated.n, control.n) < 2:
        raise JorenError("an arm has fewer than two customers", "", "assign more of them")
    if factor_sd < 0:
        raise JorenError(f"a standard deviation of {factor_sd} is none", "", "give 0 or more")
    difference = treated.mean - control.mean
    spread = treated.covariance / treated.n + control.covariance / control.n
    seen, expected = map(float, difference)
    variance = float(spread.sum()) + (expected * factor_sd) ** 2
    size = abs(seen) + abs(expected)

    def evidence(effect: float, var: float, base: float, assumption: str) -> Evidence:
        se = float(np.sqrt(var))
        reach = se * float(norm.ppf((1 + level) / 2))
        return Evidence(
            "randomised", effect, effect - reach, effect + reach, se, level, treated.n,
            control.n, base, f"quasi.assumption.{assumption}",
        )  # fmt: skip

    return LtvEffect(
        evidence(seen, float(spread[0, 0]), float(control.mean[0]), "randomised"),
        evidence(seen + expected, variance, float(control.mean.sum()), "surrogate"),
        abs(expected) / size if size > 0 else 0.0,
    )
