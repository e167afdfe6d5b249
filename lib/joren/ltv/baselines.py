"""What anybody could have said without a model; every forecast is shown beside these.

same_as_last_period : each customer repeats her repeat orders (value) of the window of equal length
    before the cut; the first order of a new customer is no repeat and is left out, which favours
    this baseline
past_mean_spend : the model's orders at each customer's own mean value of a purchase day so far
recency, frequency, past_spend : customers ranked by the date of their last order, by their number
    of purchase days, by what they have spent
"""

from __future__ import annotations

from datetime import date, timedelta

import ibis.expr.types as ir
from ibis import _

# each customer's place in a ranking: larger is likelier to come back
RANKINGS = {
    "recency": (_.recency - _["T"]).cast("float64"),
    "frequency": _.frequency.cast("float64"),
    "past_spend": _.past_value.cast("float64"),
}


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
        past_mean_spend_value=_.expected_orders * past_mean_spend(),
        **{f"by_{name}": place for name, place in RANKINGS.items()},
    )


def past_mean_spend() -> ir.Deferred:
    """A customer's mean value of a purchase day so far, of a purchase_summary."""
    return _.past_value.cast("float64") / (_.frequency + 1)


def last_period(days: ir.Table, as_of: date, length: int) -> dict[str, float]:
    """What repeats came in the period up to as-of: what its repetition would bring.

    Parameters
    ----------
    days : from `summary.purchase_days`
    as_of : last day, inclusive
    length : days ahead; a shorter history is scaled up to it

    Returns
    -------
    orders and value
    """
    start = days.filter(_.visit > 0).day.min().to_pyarrow().as_py()
    window = min(length, (as_of - start).days + 1)
    inside = (_.visit > 1) & (_.day > as_of - timedelta(days=window)) & (_.day <= as_of)
    found = days.agg(orders=_.count(where=inside), value=_.value.sum(where=inside).cast("float64"))
    row = found.to_pyarrow().to_pylist()[0]
    return {name: (total or 0) * length / window for name, total in row.items()}


def value_by_rule(rule: str, days: ir.Table, expected: ir.Table, as_of: date, length: int) -> float:
    """What a rule says all customers together will spend.

    Parameters
    ----------
    rule : same_as_last_period or past_mean_spend
    days : from `summary.purchase_days`
    expected : purchase_summary with expected_orders within `length` days
    as_of, length : as in `last_period`
    """
    if rule == "same_as_last_period":
        return last_period(days, as_of, length)["value"]
    total = expected.agg(total=(_.expected_orders * past_mean_spend()).sum())
    return float(total.to_pyarrow()["total"][0].as_py())
