"""高LTV, 潜在LTV, 一般: ranks by the probability of belonging, not by a point estimate.

A customer's LTV of the coming year is, predictively, nothing with some probability and else a
gamma of known mean and variance (stage 04). The rank is the probability that it lies above the
client's threshold; who holds a rank loses it only when the probability has moved by a margin.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis import _, udf
from scipy.special import gammaincc

from joren.params_segments import Joren

RANKS = ("high", "potential", "standard")
MARGIN = 0.05


def ltv_threshold(ltv: ir.Table, rules: Joren) -> float:
    """Expected LTV of a year above which `high_share` of the customers lie."""
    return float(ltv.ltv_365d.quantile(1 - rules.high_share).execute())


def ranked(
    ltv: ir.Table, rules: Joren, threshold: float, before: ir.Table | None = None
) -> ir.Table:
    """Each customer's probability of an LTV above the threshold, and the rank it gives.

    Parameters
    ----------
    ltv : table `ltv`
    threshold : currency
    before : customer_id, rank of the last published run; null where there is none

    Returns
    -------
    customer_id, p_high, rank, score (0 to 100: share of customers with a lower p_high)
    """
    # the money's scale cancels: only value/threshold enters, so yen and dollars rank alike
    probability = chance_above(
        ltv.p_order_365d.cast("float64"),
        (ltv.ltv_365d / threshold).cast("float64"),
        (ltv.ltv_365d_sd / threshold).cast("float64"),
    )
    known = ltv.select("customer_id", p_high=probability)
    fresh = known.mutate(rank=_rank(_.p_high, rules, 0.0))
    if before is not None:
        earlier = before.select("customer_id", earlier="rank")
        kept = fresh.left_join(earlier, "customer_id").drop("customer_id_right")
        up, down = _rank(kept.p_high, rules, MARGIN), _rank(kept.p_high, rules, -MARGIN)
        holds = (kept.earlier == up) | (kept.earlier == down)
        fresh = kept.mutate(rank=ibis.ifelse(holds.fill_null(False), kept.earlier, kept["rank"]))
        fresh = fresh.drop("earlier")
    place = ibis.percent_rank().over(ibis.window(order_by=_.p_high))
    return fresh.mutate(score=(100 * place).round().cast("int64"))


def _rank(probability: ir.Value, rules: Joren, margin: float) -> ir.Value:
    return ibis.cases(
        (probability >= rules.high_probability + margin, "high"),
        (probability >= rules.potential_probability + margin, "potential"),
        else_="standard",
    )


@udf.scalar.pyarrow
def chance_above(p_order: float, mean: float, sd: float) -> float:
    """P(value > 1) of a value that is zero with probability 1 − p_order and else a gamma.

    Parameters
    ----------
    p_order : probability that it is not zero
    mean, sd : of the value, zeros included
    """
    p, m, s = (column.to_numpy(zero_copy_only=False) for column in (p_order, mean, sd))
    return pa.array(hurdle_gamma_above(p, m, s))


def hurdle_gamma_above(p, m, s):
    """`chance_above` on arrays; one threshold of 1."""
    import numpy as np

    buys = (p > 0) & (m > 0)
    p_safe, m_safe = np.where(buys, p, 1.0), np.where(buys, m, 1.0)
    centre = m_safe / p_safe
    # an infinitesimal spread keeps the shape finite where all orders are alike
    variance = np.maximum((s**2 + m_safe**2) / p_safe - centre**2, 1e-9 * centre**2)
    shape = centre**2 / variance
    return np.where(buys, p * gammaincc(shape, shape / centre), 0.0)
