"""What the test of a list can show."""

from __future__ import annotations

import pandas as pd
import pytest

from joren.actions.design import designs
from joren.stats.power import size_for_rate


def test_a_list_of_the_size_needed_shows_just_that_rise():
    needed = size_for_rate(0.1, 0.05, 0.2)
    lists = pd.DataFrame([
        {"action": "sized", "listed": round(needed.treated), "held_out": round(needed.control)},
        {"action": "small", "listed": 3, "held_out": 1},
        {"action": "untested", "listed": 30, "held_out": 0},
        {"action": "unknown", "listed": 30, "held_out": 3},
    ])  # fmt: skip
    found = designs(lists, {"sized": 0.1, "small": 0.9, "untested": 0.1}).set_index("action")
    assert found.detectable["sized"] == pytest.approx(0.05, rel=0.01)
    assert found.base["sized"] == 0.1
    assert found.detectable[["small", "untested", "unknown"]].isna().all()
