"""What anybody could have said without a model; every forecast is shown beside these.

same_as_last_period : each customer repeats her repeat orders (value) of the window of equal length
    before the cut; the first order of a new customer is no repeat and is left out, which favours
    this baseline
past_mean_spend : the model's orders at each customer's own mean value of a purchase day so far
recency, frequency, past_spend : customers ranked by the date of their last order, by their number
    of purchase days, by what they have spent
"""

from __future__ import annotations

import ibis.expr.types as ir
from ibis import _

RANKINGS = ("recency", "frequency", "past_spend")


def with_baselines(customers: ir.Table, scale: float) -> ir.Table:
    """Add what each baseline says of every customer.

    Parameters
    ----------
    customers : calibration summary with `repeat_orders_before` and `repeat_value_before` (of the
        window before the cut) and the model's `expected_orders`
    scale : length of the holdout over the length of that window, above one for young clients

    Returns
    -------
    the columns of `customers` and same_as_last_period_orders, same_as_last_period_value,
    past_mean_spend_value, and by_recency, by_frequency, by_past_spend: larger ranks higher
    """
    return customers.mutate(
        same_as_last_period_orders=_.repeat_orders_before * scale,
        same_as_last_period_value=_.repeat_value_before * scale,
        past_mean_spend_value=_.expected_orders * _.past_value.cast("float64") / (_.frequency + 1),
        by_recency=(_.recency - _["T"]).cast("float64"),
        by_frequency=_.frequency.cast("float64"),
        by_past_spend=_.past_value.cast("float64"),
    )
