"""What a page says of a ledger: its totals, and its flows month by month."""

from __future__ import annotations

from typing import NamedTuple

import ibis.expr.types as ir

from joren.points.lot_pass import KINDS


class Totals(NamedTuple):
    """Points of all lots; granted ones are counted without those that only moved in."""

    lots: int
    accounts: int
    granted: int
    used: int
    expired: int
    cancelled: int
    remaining: int
    debt: int
    in_debt: int  # accounts


def ledger_totals(lots: ir.Table, balances: ir.Table) -> Totals:
    """Sums over all lots and balances."""
    sums = {kind: lots[f"points_{kind}"].sum() for kind in (*KINDS, "remaining")}
    (of_lots,) = lots.agg(lots=lots.count(), **sums).to_pyarrow().to_pylist()
    moved = of_lots.pop("transferred") or 0
    of_lots["granted"] = (of_lots["granted"] or 0) - moved
    debt = balances.debt
    (of_accounts,) = (
        balances.agg(accounts=balances.count(), debt=debt.sum(), in_debt=(debt > 0).sum())
        .to_pyarrow()
        .to_pylist()
    )
    return Totals(**{name: value or 0 for name, value in (of_lots | of_accounts).items()})
