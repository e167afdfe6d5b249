"""Effect of a campaign on customer lifetime value: what was seen, and what is carried forward.

A customer's value over a horizon is what she brought in the first days (seen) and what a model
expects of her from then on (expected). The effect on the sum is a difference of means between
randomised arms; its second part is extrapolated.

1. The arms were assigned at random.
2. What is expected is right. By a model of each arm (`by_arm`), each arm goes on as it did since
   the campaign began. By one model for all (`surrogate`), a customer who was treated goes on as one
   who was not and bought the same until now (the outcome so far is a surrogate; Athey, Chetty,
   Imbens & Kang 2019). A campaign that pulls orders forward, or whose effect wears off, breaks
   both; `checks/surrogate.py` looks once time passed.
3. What a model gets wrong in total it gets wrong in both arms by one factor, which widens the
   interval by the expected part of the effect times `factor_sd`. Where arms have a model each, its
   own uncertainty is in the values and in `prior_sd`.

One model for all sees of a campaign what is in each customer's own history, and takes the rest for
chance; models of each arm see all of it, and chance differences between arms with it. So both are
told where both can be had.

What customers brought before the campaign takes noise off both parts (CUPED, `stats.cuped`), where
it explains anything. Sums per arm suffice: n, Σs, Σe, Σb and their products.
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
from joren.stats.arrays import Array
from joren.stats.cuped import Cuped, explain
from joren.stats.moments import Moments

_EXACT = "decimal(18, 2)"


@dataclass(frozen=True)
class LtvEffect:
    """Effect per customer on what was seen, and on value until the horizon.

    Parameters
    ----------
    seen, horizon : evidence of both, in the unit of value
    extrapolated : share of the horizon's effect, by size, that nobody has seen yet (0 … 1)
    narrowed : whether what was brought before explains anything of (seen, the horizon's value), and
        was taken off
    """

    seen: Evidence
    horizon: Evidence
    extrapolated: float
    narrowed: tuple[bool, bool] = (False, False)


def value_moments(
    assigned: ir.Table,
    seen: ir.Table,
    ltv: ir.Table,
    expected: str = "ltv_365d",
    before: ir.Table | None = None,
) -> dict[str, GroupMoments]:
    """Sums per arm, worked out in the engine.

    Parameters
    ----------
    assigned : customer_id, arm; one row each
    seen : customer_id, value: margin in the first days after the assignment; rows of one customer
        are added up, and who has none brought nothing
    ltv : the table `ltv` of a run whose as_of ends those days, or a forecast by arm; who is not in
        it has nothing ahead
    expected : its column with the value from as_of to the horizon, discounted
    before : as `seen`, of the days before the assignment; None to leave them aside

    Returns
    -------
    arm → moments of (seen, expected) or (seen, expected, before)
    """
    ahead = ltv.select("customer_id", value=ltv[expected])
    given = {"s": seen, "e": ahead} | ({} if before is None else {"b": before})
    rows = assigned.select("customer_id", "arm")
    for part, table in given.items():
        sums = table.group_by("customer_id").agg(**{part: _.value.cast(_EXACT).sum()})
        kept = [name for name in given if name in rows.columns]
        rows = rows.left_join(sums, "customer_id").select("customer_id", "arm", *kept, part)
    rows = rows.select("arm", **{part: ibis.coalesce(rows[part], 0).cast(_EXACT) for part in given})
    pairs = [(a, b) for a in given for b in given if a <= b]
    found = rows.group_by("arm").agg(
        n=_.count(),
        **{part: _[part].sum().cast("float64") for part in given},
        **{a + b: (_[a] * _[b]).sum().cast("float64") for a, b in pairs},
    )
    return {
        str(row["arm"]): GroupMoments(
            int(row["n"]),
            np.array([row[part] for part in given]),
            np.array([[row[min(a, b) + max(a, b)] for b in given] for a in given]),
        )
        for row in found.order_by("arm").to_pandas().to_dict("records")
    }


def ltv_effect(
    treated: GroupMoments,
    control: GroupMoments,
    factor_sd: float,
    level: float,
    prior_sd: float | None = None,
) -> LtvEffect:
    """Effect on value seen and on value until the horizon.

    Parameters
    ----------
    treated, control : from `value_moments`, with what was before or without
    factor_sd : relative standard deviation of the model's total, from its own forecast of totals
        or, where larger, from its answer checks
    level : the intervals' probability
    prior_sd : what is unknown of the expected part beyond how customers' values vary, where each
        arm has a model of its own; None where one model is everybody's

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
    seen, expected = float(difference[0]), float(difference[1])
    size = abs(seen) + abs(expected)
    effects, variances, narrowed = [], [], []
    for parts in ((1.0, 0.0), (1.0, 1.0)):
        weights = np.zeros(len(difference))
        weights[:2] = parts
        noise = _explained((treated, control), weights, level)
        if noise.gain:
            weights[2] = -noise.theta
        effects.append(float(weights @ difference))
        variances.append(float(weights @ spread @ weights))
        narrowed.append(noise.gain)
    variances[1] += (expected * factor_sd) ** 2 + (prior_sd or 0.0) ** 2
    carried_by = "surrogate" if prior_sd is None else "by_arm"

    def evidence(effect: float, var: float, base: float, assumption: str) -> Evidence:
        se = float(np.sqrt(var))
        reach = se * float(norm.ppf((1 + level) / 2))
        return Evidence(
            "randomised", effect, effect - reach, effect + reach, se, level, treated.n,
            control.n, base, f"quasi.assumption.{assumption}",
        )  # fmt: skip

    return LtvEffect(
        evidence(effects[0], variances[0], float(control.mean[0]), "randomised"),
        evidence(effects[1], variances[1], float(control.mean[:2].sum()), carried_by),
        abs(expected) / size if size > 0 else 0.0,
        (narrowed[0], narrowed[1]),
    )


def _explained(arms: tuple[GroupMoments, ...], weights: Array, level: float) -> Cuped:
    """What the value before explains of a weighted sum of the parts."""
    if len(weights) < 3:
        return explain([], level)
    return explain(
        [
            Moments(
                arm.n,
                float(weights @ arm.sums),
                float(weights @ arm.products @ weights),
                covariate=float(arm.sums[2]),
                covariate_squares=float(arm.products[2, 2]),
                product=float(weights @ arm.products[:, 2]),
            )
            for arm in arms
        ],
        level,
    )
