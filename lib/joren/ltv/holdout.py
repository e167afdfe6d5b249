"""Cut the past in two: what the model may know, and what then happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
from ibis import _

from joren.ltv.summary import purchase_summary
from joren.purchases import counted_orders, purchase_days

_LONGEST_BY_DEFAULT = 180


@dataclass(frozen=True)
class Cut:
    """The last day of calibration, the last day of the holdout, and the first day of data."""

    first_day: date
    calibration_end: date
    as_of: date

    @property
    def holdout_days(self) -> int:
        return (self.as_of - self.calibration_end).days

    @property
    def calibration_days(self) -> int:
        """Days of data up to and including calibration_end."""
        return (self.calibration_end - self.first_day).days + 1

    @property
    def window_days(self) -> int:
        """Length of the window before the cut that baselines repeat."""
        return min(self.holdout_days, self.calibration_days)


def choose_cut(first_day: date, as_of: date, holdout_days: int | None) -> Cut:
    """Where to cut: as asked for, else a third of the history, at most 180 days.

    Parameters
    ----------
    first_day, as_of : first and last day of data
    holdout_days : ltv.holdout_days
    """
    history = (as_of - first_day).days
    days = holdout_days or max(min(_LONGEST_BY_DEFAULT, history // 3), 1)
    return Cut(first_day, as_of - timedelta(days=days), as_of)


def split(orders: ir.Table, cut: Cut) -> ir.Table:
    """Every customer known at the cut: her summary then, and what she did before and after it.

    Parameters
    ----------
    orders : from `summary.identified_orders`
    cut : where to cut

    Returns
    -------
    the columns of purchase_summary as of the cut; repeat_orders_before, repeat_value_before (in the
    window before the cut); orders_after, value_after: purchase days of the holdout and their value
    """
    known = purchase_summary(counted_orders(orders, cut.calibration_end), cut.calibration_end)
    days = purchase_days(counted_orders(orders, cut.as_of)).filter(_.visit > 0)
    after = _.day > cut.calibration_end
    start = cut.calibration_end - timedelta(days=cut.window_days)
    before = (_.day > start) & (_.day <= cut.calibration_end) & (_.visit > 1)
    activity = days.group_by("customer_id").agg(
        repeat_orders_before=_.count(where=before),
        repeat_value_before=_.value.sum(where=before).cast("float64"),
        orders_after=_.count(where=after),
        value_after=_.value.sum(where=after).cast("float64"),
    )
    zero = ibis.literal(0.0)
    return known.left_join(activity, "customer_id").select(
        *known.columns,
        repeat_orders_before=_.repeat_orders_before.fill_null(0),
        repeat_value_before=_.repeat_value_before.fill_null(zero),
        orders_after=_.orders_after.fill_null(0),
        value_after=_.value_after.fill_null(zero),
    )
