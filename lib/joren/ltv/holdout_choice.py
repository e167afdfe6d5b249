"""Which of the models tried the holdout speaks for.

Leave-one-out judges one customer of the same days, the holdout the future of them all, which is
what pages forecast. So a model that leave-one-out clearly rejects is out; of the rest the one is
used whose total of orders came nearest to what happened.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import ibis.expr.types as ir

from joren.ltv.accuracy import Measure
from joren.ltv.choice import level
from joren.ltv.forecast import parts_of
from joren.ltv.holdout import Cut
from joren.ltv.measures import Rows, measured
from joren.ltv.models import Fit
from joren.ltv.prediction import forecast_orders


@dataclass(frozen=True)
class Choice:
    """A fit with the model to use, why it was chosen, and the totals of those that were level.

    why : only (nothing else was tried), loo (all others were clearly rejected), holdout
    totals : rows of the answer check: total_orders of each model that was compared
    """

    fit: Fit
    why: str
    totals: Rows


def with_model(fit: Fit, name: str) -> Fit:
    """The fit with the model of that name, if leave-one-out leaves it in; else as it is."""
    for tried in level(fit.tried):
        if tried.model.name == name and name != fit.model.name:
            return replace(fit, model=tried.model, orders=tried.orders[0], cells=(), cells_loo=None)
    return fit


def choose_by_holdout(known: ir.Table, fit: Fit, cut: Cut) -> Choice:
    """Hold the models that leave-one-out leaves in against the holdout.

    Parameters
    ----------
    known : from `holdout.split`
    fit : fitted to `known` only
    cut : the cut
    """
    names = [tried.model.name for tried in level(fit.tried)]
    if len(names) == 1:
        return Choice(fit, "only" if len(fit.tried) == 1 else "loo", [])
    happened = float(known.orders_after.sum().to_pyarrow().as_py())
    totals = {name: _total_orders(with_model(fit, name), cut.holdout_days) for name in names}
    nearest = min(totals, key=lambda name: abs(totals[name] - happened))
    n = int(fit.purchases.total)
    rows = [
        measured("total_orders", name, Measure(total, None, None, n))
        for name, total in totals.items()
    ]
    return Choice(with_model(fit, nearest), "holdout", rows)


def _total_orders(fit: Fit, days: int) -> float:
    expected = 0.0
    for part in parts_of(fit):
        forecast = forecast_orders(part.purchases, fit.model, part.draws, [days])
        expected += float(part.purchases.customers @ forecast.mean[:, 0])
    return expected
