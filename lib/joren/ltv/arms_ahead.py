"""What customers of each arm are still to bring, joined back to them: from orders to a table.

Where there is too little of a campaign to fit a model to each arm (`enough`), there is none, and
whoever reads this takes the forecast that all customers share.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _

from joren.ltv.arm_models import ArmForecast, arm_posteriors, compare, forecast_arms
from joren.ltv.mbg_nbd import MBG_NBD
from joren.ltv.order_model import OrderModel
from joren.ltv.pareto_nbd import PARETO_NBD
from joren.ltv.statistics import KEY, PurchaseStatistics, purchase_statistics

# what a model of each arm takes: days since the campaign began, and in every arm
LEAST = {"days": 90, "customers": 50, "buyers": 20}
_PROPOSALS = 2000
_EXACT = "decimal(18, 4)"


@dataclass(frozen=True)
class ArmAhead:
    """What the customers of a treated arm and of its control are still to bring.

    customers : customer_id, expected: margin until the horizon, discounted, in values that hold
        each customer's influence on the difference (`arm_models`)
    prior_sd : of the difference per customer, beyond what customers' values vary by
    """

    customers: ir.Table
    prior_sd: float


@dataclass(frozen=True)
class _Arm:
    purchases: PurchaseStatistics
    margin: float

    @property
    def orders(self) -> float:
        return float(self.purchases.frequency @ self.purchases.customers)

    @property
    def enough(self) -> bool:
        bought = self.purchases.frequency > 0
        buyers = float(self.purchases.customers[bought].sum())
        return self.purchases.total >= LEAST["customers"] and buyers >= LEAST["buyers"]


def order_model_of(models: ir.Table) -> OrderModel:
    """The model of arms that is nearest to the one the client's customers have.

    A clock that is started anew asks for orders that do not remember the last one, and customers
    may have left before: Pareto/NBD where the client's customers are of that kind, else MBG/NBD.

    Parameters
    ----------
    models : the table `ltv_model`, empty where nothing was fitted
    """
    used = models.filter(_.chosen & (_.model == PARETO_NBD.name)).count().to_pyarrow().as_py()
    return PARETO_NBD if used else MBG_NBD


def since_start(assigned: ir.Table, facts: ir.Table, begin: date, as_of: date) -> ir.Table:
    """What each assigned customer did since the campaign began, her clock started with it.

    Parameters
    ----------
    assigned : customer_id, arm; one row each
    facts : from `campaigns.outcomes.order_facts`
    begin : first day of the campaign
    as_of : last day of data

    Returns
    -------
    customer_id, arm, margin; frequency (days with an order), recency (days until the last of them),
    T (days since the campaign began)
    """
    seen = facts.filter(_.ordered_at >= datetime.combine(begin, time()))
    done = seen.group_by("customer_id").agg(
        frequency=_.day.nunique(where=_.is_purchase),
        last=_.day.max(where=_.is_purchase),
        margin=_.margin.sum().cast(_EXACT),
    )
    days = (as_of - begin).days + 1
    rows = assigned.select("customer_id", "arm").left_join(done, "customer_id")
    return rows.select(
        "customer_id",
        "arm",
        frequency=_.frequency.fill_null(0),
        recency=(_.last.delta(ibis.literal(begin), unit="day") + 1).fill_null(0),
        T=ibis.literal(days, "int64"),
        margin=ibis.coalesce(_.margin, 0).cast(_EXACT),
    )


def arms_ahead(
    since: ir.Table,
    control: str,
    model: OrderModel,
    days: int,
    annual_discount_rate: float,
    seed: int,
) -> dict[str, ArmAhead]:
    """What each treated arm and its control are still to bring; nothing where there is too little.

    Parameters
    ----------
    since : from `since_start`
    control : the arm to compare with
    model : from `order_model_of`
    days : until the horizon
    seed : of the posterior's draws
    """
    arms = _arms(since)
    seen = max((float(arm.purchases.age.max()) for arm in arms.values()), default=0.0)
    if control not in arms or len(arms) < 2 or seen < LEAST["days"]:
        return {}
    if not all(arm.enough for arm in arms.values()):
        return {}
    groups = [arm.purchases for arm in arms.values()]
    posteriors = arm_posteriors(model, groups, _PROPOSALS, seed)
    if posteriors is None or "k_hat" in posteriors[0].problems():
        return {}
    forecasts = forecast_arms(model, groups, posteriors, days, annual_discount_rate)
    by_arm = dict(zip(arms, forecasts, strict=True))
    return {
        arm: _joined(since, {arm: arms[arm], control: arms[control]}, by_arm)
        for arm in arms
        if arm != control
    }


def _arms(since: ir.Table) -> dict[str, _Arm]:
    """Unique statistics of each arm, the sum of its margin beside them."""
    counted = (
        since.group_by("arm", *KEY)
        .agg(customers=_.count(), margin=_.margin.sum().cast("float64"))
        .order_by("arm", *KEY)
        .to_pyarrow()
    )
    found = {}
    for name in sorted(pc.unique(counted["arm"]).to_pylist()):
        rows = counted.filter(pc.equal(counted["arm"], name))
        columns = [rows[column].to_numpy() for column in (*KEY, "customers")]
        found[name] = _Arm(purchase_statistics(*columns), float(pc.sum(rows["margin"]).as_py()))
    return found


def _joined(
    since: ir.Table, pair: Mapping[str, _Arm], forecasts: Mapping[str, ArmForecast]
) -> ArmAhead:
    treated, control = pair
    worth = {name: arm.margin / arm.orders for name, arm in pair.items()}
    found = compare(forecasts[treated], forecasts[control], (worth[treated], worth[control]))
    values = dict(zip(pair, (found.treated, found.control), strict=True))
    rows, influence = [], []
    for name, arm in pair.items():
        # of a customer on what an order brings: her margin beyond what her orders stand for
        influence.append((name, float(forecasts[name].mean.mean()) * arm.purchases.total
                          / arm.orders))  # fmt: skip
        key = {"arm": [name] * len(arm.purchases)} | arm.purchases.key()
        rows.append(pa.table(key | {"value": values[name]}))
    table = ibis.memtable(pa.concat_tables(rows))
    beyond = since.margin.cast("float64") - _case(since.arm, worth) * since.frequency
    customers = since.mutate(beyond=beyond * _case(since.arm, dict(influence)))
    told = customers.join(table, ["arm", *KEY]).select(
        "customer_id", expected=(_.value + _.beyond).round(4).cast(_EXACT)
    )
    return ArmAhead(told, found.prior_sd)


def _case(arm: ir.Value, of: Mapping[str, float]) -> ir.Value:
    return ibis.cases(*[(arm == name, value) for name, value in of.items()], else_=0.0)
