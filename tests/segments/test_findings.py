"""Shares that moved, with their interval."""

from __future__ import annotations

from datetime import date

import pandas as pd

from joren.segments.findings import cell_order, slipped

DAYS = {"from_on": date(2026, 2, 28), "to_on": date(2026, 3, 31)}


def _moves(*rows):
    return pd.DataFrame(rows, columns=["from_segment", "to_segment", "customers"]).assign(**DAYS)


def test_new_customers_are_not_among_those_who_could_slip():
    found = slipped(
        _moves(("loyal", "loyal", 80), ("new", "at_risk", 20), ("none", "at_risk", 999)), 0.9
    )
    assert [(f["key"], f["value"], f["n"]) for f in found] == [("segments.slipped", 0.2, 100)]
    assert found[0]["lower"] < 0.2 < found[0]["upper"]


def test_those_who_return_are_counted_among_those_who_had_gone():
    found = slipped(_moves(("dormant", "promising", 5), ("dormant", "dormant", 45)), 0.9)
    assert [(f["key"], f["value"]) for f in found] == [("segments.recovered", 0.1)]


def test_every_preset_has_its_cells_in_order():
    assert len(cell_order("ltvlab_cpm")) == 10
    assert cell_order("uchideno_cpm")[0] == "loyal"
    assert cell_order("ltvlab_rfm") == tuple("ABCDEFG")
