"""What a page says of a ledger: its totals, and its flows month by month."""

from __future__ import annotations

from typing import NamedTuple

import ibis.expr.types as ir
import pandas as pd

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


def differences_by_reason(differing: ir.Table) -> pd.DataFrame:
    """Reports that differ anew, by reason: how many, how many name an entry, points in sum.

    Parameters
    ----------
    differing : rows of `point_reconciliation`
    """
    counted = differing.group_by("reason").agg(
        reports=differing.count(),
        accounts=differing.account.nunique(),
        named=differing.suspect_entry_id.count(),
        points=differing.change.abs().sum(),
    )
    frame = counted.order_by(counted.reports.desc(), "reason").to_pandas()
    return frame.assign(label="points.ledger_reason." + frame.reason)


def restated_lines(months: pd.DataFrame) -> pd.DataFrame:
    """Restatement lines as a page shows them, newest month first.

    Parameters
    ----------
    months : rows of `point_months`
    """
    lines = months[months.status == "restatement"].sort_values(
        ["month", "kind"], ascending=[False, True]
    )
    return lines.assign(
        label="points.ledger_kind." + lines.kind, why="points.ledger_why." + lines.reason
    )
