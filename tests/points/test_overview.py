"""Totals of a ledger."""

from __future__ import annotations

from tests.points.handmade import entry

from joren.points.overview import Totals, ledger_totals


def test_points_that_moved_are_granted_once(ledger_of):
    rows = [
        entry("g", 0, "grant", 500, expires=365),
        entry("in", 20, "transfer", 200, account="B", transfer="t"),
        entry("out", 20, "transfer", -200, transfer="t"),
        entry("u", 30, "use", 350),
        entry("v", 30, "use", 20, account="B"),
    ]
    ledger = ledger_of(rows, 45)
    assert ledger_totals(ledger.lots, ledger.balances) == Totals(2, 2, 500, 320, 0, 0, 180, 50, 1)
