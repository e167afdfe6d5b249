"""How large the arms of a campaign are, as planned and as found, and whether that fits together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import ibis.expr.types as ir
from ibis import _

from joren.campaigns.audience import CONTROL
from joren.campaigns.plan import Plan
from joren.stats.checks import Check
from joren.stats.srm import Srm, sample_ratio


@dataclass(frozen=True)
class Arms:
    """The arms of one campaign.

    sizes : arm → customers that count; mixed : customers left out for being in several arms
    srm : sizes against planned shares; None where an arm was not planned for
    unplanned : arms of the data that the plan does not know
    """

    campaign_id: str
    sizes: dict[str, int]
    mixed: int
    srm: Srm | None
    unplanned: tuple[str, ...] = ()

    @property
    def treated(self) -> tuple[str, ...]:
        """Every arm but the hold-out."""
        return tuple(arm for arm in self.sizes if arm != CONTROL)

    @property
    def has_hold_out(self) -> bool:
        return self.sizes.get(CONTROL, 0) > 0

    @property
    def sound(self) -> bool:
        """Whether the arms can be compared at all: a hold-out, and sizes as planned."""
        return self.has_hold_out and self.srm is not None and not self.srm.mismatch

    def check(self) -> Check:
        """Whether sizes are as planned, as a check of the result (`grade`)."""
        if not self.has_hold_out or self.srm is None:
            outcome = "failed" if self.unplanned else "undecided"
            return Check("srm", outcome, None, None, self.n)
        outcome = "failed" if self.srm.mismatch else "passed"
        return Check("srm", outcome, None, self.srm.p, self.n)

    @property
    def n(self) -> int:
        return sum(self.sizes.values())


def count_arms(assigned: ir.Table, plans: Iterable[Plan]) -> dict[str, Arms]:
    """The arms of every campaign that has assignments, by its ID.

    Parameters
    ----------
    assigned : from `audience.assigned_customers`
    plans : of all campaigns; those without assignments are passed over
    """
    counted = (
        assigned.group_by("campaign_id", "arm")
        .agg(n=(~_.mixed).sum(), mixed=_.mixed.sum())
        .order_by("campaign_id", "arm")
        .to_pyarrow()
        .to_pylist()
    )
    found = {}
    for plan in plans:
        rows = [row for row in counted if row["campaign_id"] == plan.campaign_id]
        sizes = {row["arm"]: int(row["n"]) for row in rows if row["n"]}
        if sizes:
            mixed = sum(int(row["mixed"]) for row in rows)
            found[plan.campaign_id] = _arms(plan, sizes, mixed)
    return found


def _arms(plan: Plan, sizes: dict[str, int], mixed: int) -> Arms:
    # a share of nothing plans that nobody is in the arm
    shares = {arm: share for arm, share in (plan.shares or {}).items() if share > 0}
    unplanned = tuple(sorted(set(sizes) - set(shares))) if shares else ()
    srm = None if unplanned or len(sizes) < 2 else sample_ratio(sizes, shares or None)
    ordered = sorted(sizes, key=lambda arm: (arm != CONTROL, arm))
    return Arms(plan.campaign_id, {arm: sizes[arm] for arm in ordered}, mixed, srm, unplanned)
