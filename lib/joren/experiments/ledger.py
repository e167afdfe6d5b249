"""The PDCA ledger: what each campaign was for, what came of it, what was decided, what comes next.

Everything is read off tables that earlier steps wrote, so the ledger says nothing that they do not.
A campaign is judged by the first KPI of its plan. Of several arms the row is that of the arm whose
effect is best once all campaigns are pooled, which takes off what it owes to luck.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import ceil, isfinite, sqrt
from typing import Any

from joren.campaigns.coupons import NONE, Coupons
from joren.campaigns.plan import Plan, PlannedKpi, read_plan
from joren.errors import JorenError
from joren.experiments.evidence import Evidence, return_on_cost
from joren.stats.checks import Check
from joren.stats.effects import Estimate
from joren.stats.pooling import Pooled, pool
from joren.stats.power import size_for_mean, size_for_rate

HOLD_OUT = 0.1  # of the next test, where the plan says nothing else
_LEAST_LIFT = 0.05  # of the base: what a test looks for where neither target nor past says anything


@dataclass(frozen=True)
class Entry:
    """One campaign in the ledger.

    row : of experiment_readout or experiment_quasi that it is judged by, None without any
    shrunken : relative effect once pooled with other campaigns; None below grade A
    decided : roll_out, test_again, stop, running, unread (no result), unproven (not
        randomised) or edited (its plan changed once results were seen)
    cost, roi : of the arm; roi with its interval, None without cost, or where the grade is D
    next_customers, next_hold_out : size of the next test and its share held out
    coupons : redeemed in the arm; those whose value nobody tells are not in the cost
    """

    plan: Plan
    status: str
    row: Mapping[str, Any] | None
    shrunken: Estimate | None
    decided: str
    cost: Decimal | None = None
    roi: tuple[float, float, float] | None = None
    next_customers: int | None = None
    next_hold_out: float | None = None
    arms: tuple[Mapping[str, Any], ...] = field(default=())
    coupons: Coupons = NONE

    @property
    def kpi(self) -> PlannedKpi:
        return self.plan.kpis[0]


@dataclass(frozen=True)
class Ledger:
    """All campaigns, oldest first, and what they say together (None with fewer than two)."""

    entries: tuple[Entry, ...]
    pooled: Pooled | None


def make_ledger(
    plans: Sequence[Mapping[str, Any]],
    readout: Sequence[Mapping[str, Any]],
    quasi: Sequence[Mapping[str, Any]],
    level: float,
    value_per_point: float,
    coupons: Mapping[tuple[str, str], Coupons] | None = None,
) -> Ledger:
    """The ledger from the tables of this stage.

    Parameters
    ----------
    plans : rows of campaign_plans
    readout : rows of experiment_readout, of everybody assigned
    quasi : rows of experiment_quasi
    level : of the intervals
    value_per_point : currency, for what granted points cost
    coupons : (campaign, arm) → coupons redeemed, from `campaigns.coupons.redeemed_coupons`
    """
    order = sorted(plans, key=lambda row: (row["starts_on"], row["campaign_id"]))
    judged = {row["campaign_id"]: _judged(read_plan(row["plan"]), readout) for row in order}
    randomised = [
        row for rows in judged.values() for row in rows if row["grade"] == "A" and _relative_se(row)
    ]
    pooled = None
    shrunken: dict[tuple[str, str], Estimate] = {}
    if len(randomised) > 1:
        signs = [_sign(row, order) for row in randomised]
        effects = [s * row["relative"] for s, row in zip(signs, randomised, strict=True)]
        pooled = pool(effects, [_relative_se(row) for row in randomised], level)
        shrunken = {
            (row["campaign_id"], row["arm"]): estimate
            for row, estimate in zip(randomised, pooled.effects, strict=True)
        }
    entries = tuple(
        _entry(
            row,
            judged[row["campaign_id"]],
            readout,
            quasi,
            shrunken,
            pooled,
            level,
            value_per_point,
            coupons or {},
        )
        for row in order
    )
    return Ledger(entries, pooled)


def _entry(
    held: Mapping[str, Any],
    arms: list[Mapping[str, Any]],
    readout: Sequence[Mapping[str, Any]],
    quasi: Sequence[Mapping[str, Any]],
    shrunken: Mapping[tuple[str, str], Estimate],
    pooled: Pooled | None,
    level: float,
    value_per_point: float,
    coupons: Mapping[tuple[str, str], Coupons],
) -> Entry:
    plan = read_plan(held["plan"])
    name = plan.campaign_id

    def merit(row: Mapping[str, Any]) -> tuple[bool, float]:
        own = shrunken.get((name, row["arm"]))
        return own is not None, own.value if own else row["effect"] or 0.0

    shown = [row for row in arms if row["effect"] is not None]
    best = max(shown, key=merit) if shown else None
    if best is None or best["grade"] == "D":
        others = [q for q in quasi if q["campaign_id"] == name and q["metric"] == "revenue"]
        designed = [q for q in others if q["grade"] != "D"]
        if designed:
            best = min(designed, key=lambda q: q["upper"] - q["lower"])
        elif best is None and others:
            best = others[0]
    decided = _decided(plan.kpis[0], best, held)
    redeemed = coupons.get((name, best["arm"]), NONE) if best is not None else NONE
    cost = _cost(plan, best, value_per_point, redeemed)
    roi = _roi(plan, best, readout, cost, redeemed, level)
    own = shrunken.get((name, best["arm"])) if best is not None else None
    share = _hold_out(plan)
    size = _next_size(plan.kpis[0], best, own, pooled, share)
    return Entry(
        plan, held["status"], best, own, decided, cost, roi, size, share, tuple(arms), redeemed
    )  # fmt: skip


def _judged(plan: Plan, readout: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The rows of a campaign's first KPI, of everybody assigned."""
    return [
        row
        for row in readout
        if row["campaign_id"] == plan.campaign_id
        and row["segment"] == "all"
        and row["kpi"] == plan.kpis[0].id
    ]


def _decided(kpi: PlannedKpi, row: Mapping[str, Any] | None, held: Mapping[str, Any]) -> str:
    if not held["opens"]:
        return "running"
    if row is None or row["lower"] is None:
        return "unread"
    if row["grade"] != "A":
        return "unproven"
    if held["status"] in ("edited", "withdrawn"):
        return "edited"
    low, high = row["lower"], row["upper"]
    if kpi.better == "fewer":
        low, high = -high, -low
    if low >= kpi.roll_out_from and low > 0:
        return "roll_out"
    return "stop" if high < kpi.stop_below else "test_again"


def _cost(
    plan: Plan, row: Mapping[str, Any] | None, value_per_point: float, redeemed: Coupons
) -> Decimal | None:
    """What the arm cost: contacts, points and coupons at their value, its fixed cost; exact."""
    if row is None:
        return None
    points = plan.grants.get(row["arm"], 0) * _exact(value_per_point)
    cost = row["n"] * (_exact(plan.unit_cost) + points) + _exact(plan.fixed_cost) + redeemed.cost
    return cost if cost > 0 else None


def _exact(value: float) -> Decimal:
    return Decimal(str(value))


def _roi(
    plan: Plan,
    row: Mapping[str, Any] | None,
    readout: Sequence[Mapping[str, Any]],
    cost: Decimal | None,
    redeemed: Coupons,
    level: float,
) -> tuple[float, float, float] | None:
    """Return on cost of the arm's margin; None where there is no cost, or the grade is D.

    What the margin bears of the coupons is given back: they are in the cost in whole.
    """
    if row is None or cost is None:
        return None
    margin = [
        m
        for m in readout
        if (m["campaign_id"], m["arm"], m["metric"], m["segment"])
        == (plan.campaign_id, row["arm"], "margin", "all")
        and m["lower"] is not None
    ]
    if not margin or margin[0]["grade"] == "D":
        return None
    own = margin[0]
    sound = Check("srm", "passed", None, own["srm_p"], own["n"] + own["n_control"])
    back = float(redeemed.borne / own["n"])
    evidence = Evidence(
        "randomised", own["effect"] + back, own["lower"] + back, own["upper"] + back, own["se"],
        level, own["n"],
        own["n_control"], own["mean_control"], "quasi.assumption.randomised", (sound,),
    )  # fmt: skip
    return return_on_cost(evidence, own["n"], 1.0, 1.0, float(cost), plan.campaign_id)


def _hold_out(plan: Plan) -> float:
    shares = plan.shares or {}
    if not shares.get("control"):
        return HOLD_OUT
    return shares["control"] / sum(shares.values())


def _next_size(
    kpi: PlannedKpi,
    row: Mapping[str, Any] | None,
    own: Estimate | None,
    pooled: Pooled | None,
    share: float,
) -> int | None:
    """Customers a next test needs to show what is to be hoped for of the offer.

    The lift looked for is the plan's target; else the shrunken effect, or what campaigns do on
    average; never less than a twentieth of the base.
    """
    if row is None or not row.get("mean_control") or row["se"] is None or not row["n_control"]:
        return None
    base = row["mean_control"]
    hoped = own.value if own else pooled.next.value if pooled else 0.0
    lift = kpi.target or max(hoped, _LEAST_LIFT) * base
    try:
        if kpi.numerator in ("responded", "repeated", "used_points", "lapsed"):
            size = size_for_rate(base, -lift if kpi.better == "fewer" else lift, share)
        else:
            spread = row["se"] / sqrt(1 / row["n"] + 1 / row["n_control"])
            size = size_for_mean(spread, lift, share)
    except JorenError:  # a target that would bring a rate over 1 has no sample size
        return None
    return ceil(size.total) if isfinite(size.total) else None


def _relative_se(row: Mapping[str, Any]) -> float | None:
    """Standard error of the relative effect, from its own where the base is known well."""
    if row["relative"] is None or row["se"] is None or not row["mean_control"]:
        return None
    low, high = row["relative_lower"], row["relative_upper"]
    if low is None or high is None or not (isfinite(low) and isfinite(high)) or high <= low:
        return None
    return row["se"] / row["mean_control"] if row["mean_control"] > 0 else None


def _sign(row: Mapping[str, Any], plans: Sequence[Mapping[str, Any]]) -> int:
    held = next(p for p in plans if p["campaign_id"] == row["campaign_id"])
    return -1 if read_plan(held["plan"]).kpis[0].better == "fewer" else 1
