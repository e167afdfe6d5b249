"""Which known customers staff have hours for: a linear programme, and what one more hour reaches.

1. Each store and role gives a share of its hours to known customers, so many minutes each.
2. A customer is looked after at the store she buys at most, once; staff of a place where nobody
   buys (a service desk) look after anybody.
3. What is maximised is the value at stake of those looked after (margin expected within a year).
   What looking after them changes has to be measured: a share of them is held out.

Customers of one store, status and rank count as alike, so the programme is as small as its cells.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from ibis import _
from ibis.backends.duckdb import Backend
from scipy.optimize import linprog
from scipy.sparse import coo_array

from joren.engine import keep
from joren.errors import JorenError
from joren.lists.hold_out import CONTROL, draw_arms
from joren.params_actions import Service

CAMPAIGN = "service"
NOWHERE = ""
_DRAWS, _LARGE, _FEW_DRAWS = 100, 3_000, 40


@dataclass(frozen=True)
class Allocation:
    """Who looks after how many.

    hours : table service_hours
    reached : store → customers, those to be held out included
    value : value at stake of those looked after, with its interval over what the cells are worth
    """

    hours: pd.DataFrame
    reached: dict[str, float]
    value: float
    lower: float
    upper: float


def home_stores(orders: ir.Table, identity_map: ir.Table) -> ir.Table:
    """The store each customer bought at most often; of equals the first by name.

    Returns
    -------
    customer_id, store
    """
    at = orders.filter((_.status == "valid") & _.store.notnull())
    owned = at.inner_join(identity_map, ["source", "source_id"])
    counted = owned.group_by("customer_id", "store").agg(orders=_.count())
    order = [counted.orders.desc(), counted.store]
    return counted.group_by("customer_id").agg(store=counted.store.first(order_by=order))


def guests(con: Backend, facts: ir.Table, homes: ir.Table) -> ir.Table:
    """Everybody staff may look after, in order of value at stake within her store.

    Parameters
    ----------
    facts : from `facts.facts`; who has no value is left out

    Returns
    -------
    customer_id, store (empty for who buys at none), status, rank, value, sd, position
    """
    known = facts.filter(_.ltv_365d.notnull()).left_join(homes, "customer_id")
    known = known.select(
        "customer_id",
        store=known.store.fill_null(NOWHERE),
        status=known.status.fill_null("none"),
        rank=known["rank"].fill_null("none"),
        value=known.ltv_365d,
        sd=known.ltv_365d_sd,
    )
    order = [known.value.desc(), known.customer_id]
    position = ibis.row_number().over(group_by=known.store, order_by=order) + 1
    return keep(con, "service_guests", known.mutate(position=position.cast("int64")))


def cells(guests: ir.Table) -> pd.DataFrame:
    """Customers by store, status and rank: n, mean value at stake and its error."""
    sums = guests.group_by("store", "status", "rank").agg(
        n=_.count(),
        total=_.value.round(6).cast("decimal(30, 6)").sum().cast("float64"),
        variance=(_.sd**2).round(6).cast("decimal(38, 6)").sum().cast("float64"),
    )
    rows = sums.order_by("store", "status", "rank").to_pandas()
    return rows.assign(mean=rows.total / rows.n, se=np.sqrt(rows.variance) / rows.n)


def allocate(
    cells: pd.DataFrame, staff: pd.DataFrame, rules: Service, interval: float, seed: int
) -> Allocation:
    """Spread the hours so that most value at stake is looked after.

    Parameters
    ----------
    cells : store, n, mean, se (currency); from `cells`
    staff : store, role, hours (a month)
    seed : of the draws that give the intervals: what a cell is worth varies by its error

    Returns
    -------
    hours used, and of each store and role the value at stake one more hour would reach (the dual
    price of its hours), with interval

    Raises
    ------
    JorenError if the programme has no solution
    """
    minutes = staff.role.map(rules.minutes).fillna(rules.minutes_each).astype(float)
    units = staff.assign(minutes=minutes, hours=staff.hours.astype(float) * rules.share_of_hours)
    units = units[units.minutes > 0].reset_index(drop=True)
    homes = set(cells.store) - {NOWHERE}
    pairs = [
        (c, u)
        for u, unit in enumerate(units.store)
        for c, store in enumerate(cells.store)
        if unit == store or unit not in homes
    ]
    if not pairs:
        empty = units.assign(used=0.0, customers=0.0, shadow_price=0.0, lower=0.0, upper=0.0)
        return Allocation(empty, {}, 0.0, 0.0, 0.0)
    cell, unit = (np.array(part) for part in zip(*pairs, strict=True))
    treated = 1 - rules.hold_out  # who is held out takes no time, and is not reached
    matrix, bounds = _programme(cells, units, cell, unit, treated)
    mean = cells["mean"].to_numpy() * treated
    x, price = _solve(mean[cell], matrix, bounds, len(cells))
    rng = np.random.default_rng(seed)
    draws = _DRAWS if len(pairs) <= _LARGE else _FEW_DRAWS
    values, prices = [], []
    for _draw in range(draws):
        drawn = np.maximum(rng.normal(mean, cells.se.to_numpy() * treated), 0.0)
        values.append(float(drawn[cell] @ x))  # of the plan as it is, whatever cells are worth
        prices.append(_solve(drawn[cell], matrix, bounds, len(cells))[1])
    tails = [0.5 - interval / 2, 0.5 + interval / 2]
    low, high = np.quantile(prices, tails, axis=0)
    served = treated * np.bincount(unit, weights=x, minlength=len(units))
    hours = units.assign(
        used=served * units.minutes / 60,
        customers=served,
        shadow_price=price,
        lower=np.minimum(low, price),
        upper=np.maximum(high, price),
    )
    of_store = pd.Series(x).groupby(cells.store.to_numpy()[cell]).sum().to_dict()
    lower, upper = np.quantile(values, tails)
    return Allocation(hours, of_store, float(mean[cell] @ x), float(lower), float(upper))


def chosen(
    con: Backend,
    guests: ir.Table,
    reached: dict[str, float],
    earlier: ir.Table | None,
    rules: Service,
    seed: int,
    as_of: date,
) -> ir.Table:
    """Those the hours reach, most valuable first, and the arm of each.

    Parameters
    ----------
    guests : from `guests`
    reached : store → customers, those to be held out included; a part of one is nobody
    earlier : arms given before

    Returns
    -------
    the columns of table `service_priority`, and list_id, campaign_id, stratum, channel (none: she
    is at the store), hold_out, as `lists.hold_out.new_assignments` wants them
    """
    limits = [(store, int(np.floor(n + 1e-9))) for store, n in sorted(reached.items())]
    last = guests.store.cases(*limits, else_=0) if limits else ibis.literal(0)
    near = guests.filter(guests.position <= last)
    people = near.select(
        "customer_id", campaign_id=ibis.literal(CAMPAIGN), stratum=near.store + "/" + near["rank"]
    )
    arms = draw_arms(people, earlier, {CAMPAIGN: rules.hold_out}, seed)
    armed = near.inner_join(people, "customer_id").inner_join(
        arms.select("customer_id", "arm"), "customer_id"
    )
    told = armed.select(
        "customer_id", "store", "position", "value", "arm", "campaign_id", "stratum",
        served=armed.arm != CONTROL,
        list_id=ibis.literal(f"{CAMPAIGN}-{as_of:%Y%m%d}"),
        channel=ibis.null("string"),
        hold_out=ibis.literal(float(rules.hold_out)),
    )  # fmt: skip
    return keep(con, "service_chosen", told)


def _programme(cells: pd.DataFrame, units: pd.DataFrame, cell, unit, treated: float):
    """Rows: each cell's customers, then each unit's hours."""
    k, n = np.arange(len(cell)), len(cells)
    data = np.concatenate([np.ones(len(cell)), treated * units.minutes.to_numpy()[unit] / 60])
    rows, columns = np.concatenate([cell, n + unit]), np.concatenate([k, k])
    matrix = coo_array((data, (rows, columns)), shape=(n + len(units), len(cell))).tocsr()
    return matrix, np.concatenate([cells.n.to_numpy(float), units.hours.to_numpy(float)])


def _solve(value, matrix, bounds, n_cells: int):
    found = linprog(-value, A_ub=matrix, b_ub=bounds, method="highs")
    if not found.success:
        raise JorenError("the hours could not be spread", found.message, "see `actions.service`")
    price = np.maximum(-found.ineqlin.marginals[n_cells:], 0.0)
    return found.x, price
