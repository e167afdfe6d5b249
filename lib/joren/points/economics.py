"""What a campaign earned after its points: margin it added, points it cost, points it let lapse.

1. margin : of the campaign's days, treated less held out.
2. redeemed : points of the campaign that were used, at their value.
3. outstanding : those still there (or moved), at their value times the share expected to be used.
4. contact : what it cost to reach the treated.
5. breakage : points that are not the campaign's and lapsed since its start, treated less held out.
   Points granted to be used soon stand in for others, which then lapse more, or are kept.

What the points and the contacts cost is known to the point. What would have happened without the
campaign is not: margin and breakage have an interval, and so has the net, in which a customer's
margin and her lapsed points are added up before arms are compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from decimal import Decimal
from math import sqrt
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from joren.campaigns.arms import Arms
from joren.campaigns.audience import CONTROL
from joren.campaigns.grade import Grade, grade
from joren.campaigns.plan import Plan
from joren.contract import MONEY
from joren.points.dose import Dose
from joren.stats.cuped import adjusted_effect, explain
from joren.stats.effects import Estimate
from joren.stats.moments import Moments, from_record

ITEMS = ("margin", "redeemed", "outstanding", "contact", "breakage", "net")
_COSTS = ("redeemed", "outstanding", "contact")
_UNSURE = ("margin", "breakage", "gross")  # gross: both together
_WIDE, _SQUARE = "decimal(38, 4)", "decimal(38, 8)"


@dataclass(frozen=True)
class Economics:
    """What one arm earned.

    each : item → currency per customer of the arm; costs are negative and exact, without interval
    n : customers of the arm; fixed_cost : of the campaign, not in `each`
    granted, redeemed, open_points : points of the campaign in the arm
    grade : of the comparison, by the rule of `campaigns.grade`
    """

    campaign_id: str
    arm: str
    n: int
    n_control: int
    each: dict[str, Estimate]
    fixed_cost: float
    granted: int
    redeemed: int
    open_points: int
    grade: Grade

    def total(self, item: str) -> Estimate:
        """An item of all customers of the arm together; `net` after the fixed cost."""
        return _moved(_times(self.each[item], self.n), -self.fixed_cost if item == "net" else 0.0)

    @property
    def cost(self) -> float:
        """Points and contacts, and the fixed cost, in currency; not negative."""
        return self.fixed_cost - sum(self.total(item).value for item in _COSTS)


def redeemed_share(grants: ir.Table, lots: ir.Table) -> float | None:
    """Share of the campaigns' points that were used, among grants of which none is open any more.

    Parameters
    ----------
    grants : from `campaigns.grants.campaign_grants`
    lots : the table `point_lots`

    Returns
    -------
    None where every grant is still open
    """
    row = (
        _lots_of(grants, lots)
        .filter(_.open_points == 0)
        .agg(used=_.points_used.sum(), granted=_.points_granted.sum())
        .to_pyarrow()
        .to_pylist()[0]
    )
    return row["used"] / row["granted"] if row["granted"] else None


def customer_items(
    outcomes: ir.Table,
    grants: ir.Table,
    lots: ir.Table,
    lapsed: ir.Table,
    plans: Mapping[str, Plan],
    value_per_point: float,
    redemption: float,
) -> ir.Table:
    """The items of every assigned customer, a row each.

    Parameters
    ----------
    outcomes : from `campaigns.outcomes.outcomes`, rows of the campaigns' own days
    grants : from `campaigns.grants.campaign_grants`
    lots : the table `point_lots`
    lapsed : from `lapses`
    value_per_point : currency
    redemption : share of open points expected to be used

    Returns
    -------
    campaign_id, arm, customer_id, revenue_before; margin, redeemed, outstanding, contact, breakage
    and gross (margin and breakage) as exact money; granted, redeemed_points, open_points
    """
    value, share = _exact(value_per_point), _exact(redemption)
    own = (
        _lots_of(grants, lots)
        .group_by("campaign_id", "customer_id")
        .agg(
            granted=_.points_granted.sum(),
            redeemed_points=_.points_used.sum(),
            open_points=_.open_points.sum(),
            own_lapsed=_.points_expired.sum(),
        )
    )
    key = ["campaign_id", "customer_id"]
    rows = outcomes.select(*key, "arm", "margin", "revenue_before")
    rows = _beside(rows, own, key)
    rows = _beside(rows, _lapsed_since(rows, lapsed, plans), key)
    counts = ("granted", "redeemed_points", "open_points", "own_lapsed", "all_lapsed")
    rows = rows.mutate(**{name: rows[name].fill_null(0).cast("int64") for name in counts})
    costs = ibis.cases(
        *[(rows.campaign_id == name, _exact(plan.unit_cost)) for name, plan in plans.items()],
        else_=_exact(0),
    )
    rows = rows.mutate(
        redeemed=(-(rows.redeemed_points * value)).cast(MONEY),
        outstanding=(-(rows.open_points * value * share)).round(4).cast(MONEY),
        contact=(rows.arm == CONTROL).ifelse(_exact(0), -costs).cast(MONEY),
        breakage=((rows.all_lapsed - rows.own_lapsed) * value).cast(MONEY),
    )
    rows = rows.mutate(gross=(rows.margin + rows.breakage).cast(MONEY))
    return rows.drop("own_lapsed", "all_lapsed")


def economics(
    items: ir.Table, plans: Mapping[str, Plan], arms: Mapping[str, Arms], level: float
) -> list[Economics]:
    """What each arm of each campaign earned that can be compared with a hold-out.

    Parameters
    ----------
    items : from `customer_items`
    level : of the intervals
    """
    sums = items.group_by("campaign_id", "arm").agg(
        n=_.count(),
        covariate=_.revenue_before.sum(),
        covariate_squares=_product("revenue_before", "revenue_before"),
        **{name: _[name].sum() for name in (*_COSTS, "granted", "redeemed_points", "open_points")},
        **{f"{name}__total": _[name].sum() for name in _UNSURE},
        **{f"{name}__squares": _product(name, name) for name in _UNSURE},
        **{f"{name}__product": _product(name, "revenue_before") for name in _UNSURE},
    )
    rows = {(row["campaign_id"], row["arm"]): row for row in sums.to_pyarrow().to_pylist()}
    found = []
    for name, own in arms.items():
        if own.sound:
            campaign = {arm: rows[name, arm] for arm in own.sizes}
            earned = grade("randomised", [own.check()])
            found += [_of_arm(plans[name], arm, campaign, level, earned) for arm in own.treated]
    return found


def _of_arm(
    plan: Plan, arm: str, rows: dict[str, dict[str, Any]], level: float, earned: Grade
) -> Economics:
    own = {item: {name: _moments(row, item) for name, row in rows.items()} for item in _UNSURE}
    # adjusted alike or not at all, so that margin and breakage add up to the two together
    gain = explain(list(own["gross"].values()), level).gain
    each = {}
    for item, moments in own.items():
        noise = replace(explain(list(moments.values()), level), gain=gain)
        each[item] = adjusted_effect(moments[arm], moments[CONTROL], noise, level).absolute
    row, control = rows[arm], rows[CONTROL]
    n = int(row["n"])
    each |= {item: Estimate(float(row[item] / n), None, None) for item in _COSTS}
    each["net"] = _moved(each.pop("gross"), sum(each[item].value for item in _COSTS))
    return Economics(
        plan.campaign_id, arm, n, int(control["n"]), each, plan.fixed_cost,
        int(row["granted"]), int(row["redeemed_points"]), int(row["open_points"]), earned,
    )  # fmt: skip


def _times(estimate: Estimate, factor: float) -> Estimate:
    told = (estimate.value, estimate.lower, estimate.upper, estimate.se)
    return Estimate(*(None if number is None else factor * number for number in told))


def _moved(estimate: Estimate, by: float) -> Estimate:
    told = (estimate.value, estimate.lower, estimate.upper)
    return Estimate(*(None if number is None else number + by for number in told), estimate.se)


def _moments(row: dict[str, Any], item: str) -> Moments:
    return from_record({
        "n": row["n"], "total": row[f"{item}__total"], "squares": row[f"{item}__squares"],
        "covariate": row["covariate"], "covariate_squares": row["covariate_squares"],
        "product": row[f"{item}__product"],
    })  # fmt: skip


def _lots_of(grants: ir.Table, lots: ir.Table) -> ir.Table:
    """The campaigns' grants as lots; moved points count as open: their new lots are others'."""
    named = grants.mutate(lot_id=grants.source + ":" + grants.entry_id).select(
        "campaign_id", "customer_id", "lot_id"
    )
    held = lots.select(
        "lot_id", "points_granted", "points_used", "points_expired",
        open_points=_.points_remaining + _.points_transferred,
    )  # fmt: skip
    return named.join(held, "lot_id")


def lapses(entries: ir.Table, lots: ir.Table, identity_map: ir.Table) -> ir.Table:
    """Points that lapsed, with the moment: as the source told, or by the rule of its lots.

    Parameters
    ----------
    entries : canonical/point_entries
    lots : the table `point_lots`

    Returns
    -------
    customer_id, lapsed_at, points
    """
    told = entries.filter(_.kind == "expire").distinct(on=["source", "entry_id"])
    known = identity_map.select("source", "source_id", "customer_id")
    by_source = told.join(known, ["source", "source_id"]).select(
        "customer_id", "points", lapsed_at=_.occurred_at
    )
    ruled = lots.mutate(source=lots.lot_id.split(":")[0]).anti_join(told, ["source", "account"])
    by_rule = ruled.filter((_.points_expired > 0) & _.expires_at.notnull()).select(
        "customer_id", points=_.points_expired, lapsed_at=_.expires_at
    )
    return by_source.union(by_rule)


def _lapsed_since(rows: ir.Table, lapsed: ir.Table, plans: Mapping[str, Plan]) -> ir.Table:
    """Points of each customer that lapsed since her campaign began."""
    starts = ibis.cases(
        *[(rows.campaign_id == name, _start(plan)) for name, plan in plans.items()],
        else_=ibis.null("timestamp(6)"),
    )
    people = rows.select("campaign_id", "customer_id", starts_on=starts)
    return (
        people.join(lapsed, "customer_id")
        .filter(lambda t: t.lapsed_at >= t.starts_on)
        .group_by("campaign_id", "customer_id")
        .agg(all_lapsed=_.points.sum())
    )


def _beside(rows: ir.Table, other: ir.Table, key: list[str]) -> ir.Table:
    return rows.left_join(other, key).drop(*(f"{name}_right" for name in key))


def _product(one: str, other: str) -> ir.Value:
    return (_[one].cast(_WIDE) * _[other].cast(_WIDE)).cast(_SQUARE).sum().cast(_SQUARE)


def _exact(value: float) -> ir.Value:
    return ibis.literal(Decimal(str(round(value, 4))), "decimal(18, 4)")


def _start(plan: Plan) -> ir.Value:
    return ibis.literal(datetime.combine(plan.starts_on, time()), "timestamp(6)")


def doses_of(found: Sequence[Economics]) -> list[Dose]:
    """The arms as sizes of a grant, with the margin each added per customer.

    The noise of an arm's effect is split between the arm and its hold-out by their sizes, so that
    arms that share a hold-out share its part.
    """
    doses = []
    for one in found:
        margin = one.each["margin"]
        if margin.se is None or not one.granted:
            continue
        shared = margin.se * sqrt(one.n / (one.n + one.n_control))
        own = sqrt(margin.se**2 - shared**2)
        points = one.granted / one.n
        doses.append(Dose(one.campaign_id, points, margin.value, own, shared))
    return doses
