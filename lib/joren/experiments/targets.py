"""Whom to contact: customers by the gain to be expected from contacting them.

A learner's scores are drawn towards the mean effect by how far the test itself bears them out: the
best linear predictor of the effect by the score (Chernozhukov, Demirer, Duflo & Fernández-Val
2018), whose slope is 1 if scores are right in size and 0 if they tell nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
from ibis import _
from scipy.stats import norm

from joren.experiments.feature_cells import Cells, with_codes
from joren.experiments.uplift import Uplift
from joren.stats.arrays import Array


@dataclass(frozen=True)
class Calibration:
    """How effects follow scores: effect ≈ mean + slope · (score − centre).

    Parameters
    ----------
    mean : mean effect
    slope, lower, upper : of the effect by the cross-fitted score
    centre : mean score
    """

    mean: float
    slope: float
    lower: float
    upper: float
    centre: float

    def effect(self, scores: Array) -> Array:
        """Scores as effects; a slope outside 0 … 1 is brought to its nearer end."""
        return self.mean + min(max(self.slope, 0.0), 1.0) * (scores - self.centre)


def calibration(cells: Cells, scores: Array, level: float) -> Calibration:
    """Regress outcomes on score, treatment and their product; variance robust, from sums.

    Parameters
    ----------
    cells : from `feature_cells`
    scores : (k,) cross-fitted
    level : the interval's probability
    """
    e, n = cells.share, cells.n.ravel()
    centre = float(scores @ cells.customers / cells.customers.sum())
    spread = float(np.sqrt((scores - centre) ** 2 @ cells.customers / cells.customers.sum()))
    if spread == 0:
        return Calibration(cells.effect, 0.0, 0.0, 0.0, centre)
    z = np.tile((scores - centre) / spread, 2)
    arm = np.repeat([-e, 1 - e], len(scores))
    design = np.column_stack([np.ones_like(z), z, arm, arm * z])
    bread = np.linalg.pinv(design.T @ (design * n[:, None]))
    y, yy = cells.y.ravel(), cells.yy.ravel()
    solved = bread @ design.T @ y
    fitted = design @ solved
    squares = np.maximum(yy - 2 * fitted * y + n * fitted**2, 0.0)
    covariance = bread @ (design.T @ (design * squares[:, None])) @ bread
    slope = float(solved[3]) / spread
    reach = float(norm.ppf((1 + level) / 2) * np.sqrt(covariance[3, 3])) / spread
    return Calibration(float(solved[2]), slope, slope - reach, slope + reach, centre)


def expected_gains(
    customers: ir.Table, cells: Cells, learned: Uplift, by: Calibration, value: float, cost: float
) -> ir.Table:
    """What contacting each customer is expected to bring, less its cost, joined back in the engine.

    Parameters
    ----------
    customers : customer_id and the features, also of customers who were in no test
    cells, learned, by : what was learned
    value : of one unit of the outcome, in currency (1 where the outcome is margin)
    cost : of one contact, in currency

    Returns
    -------
    customer_id, uplift (in the outcome's unit), gain (currency); one row a customer
    """
    coded = with_codes(customers, cells.cuts)
    keys = [f"code_{name}" for name in cells.cuts]
    found = coded.select(*keys).distinct().order_by(keys).to_pandas()
    effects = by.effect(learned.predict(found[keys].to_numpy(float)))
    found["uplift"] = effects
    found["gain"] = effects * value - cost
    scored = ibis.memtable(found)
    return coded.inner_join(scored, keys).select("customer_id", "uplift", "gain")


def target_list(gains: ir.Table, most: int | None = None) -> ir.Table:
    """Customers worth contacting, the largest expected gain first.

    Parameters
    ----------
    gains : from `expected_gains`
    most : how many can be contacted; everybody with a gain above zero without

    Returns
    -------
    customer_id, uplift, gain, place (1 is the largest gain; ties by customer_id)
    """
    order = [_.gain.desc(), _.customer_id]
    worth = gains.filter(_.gain > 0)
    placed = worth.mutate(place=ibis.row_number().over(order_by=order) + 1).order_by("place")
    return placed if most is None else placed.filter(_.place <= most)
