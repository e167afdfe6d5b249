"""The pictures say which list and which store to look at first."""

from __future__ import annotations

import pandas as pd

from joren.actions.charts import at_stake, hours, sending


def labels(figure):
    return [tick.get_text() for tick in figure.axes[0].get_yticklabels()]


def test_lists_stand_by_value_and_those_without_customers_are_left_out():
    lists = pd.DataFrame([
        {"action": a, "listed": n, "at_stake": v, "at_stake_lower": v / 2, "at_stake_upper": v * 2}
        for a, n, v in [("lapsed", 9, 10.0), ("at_risk", 4, 90.0), ("cross_sell", 0, 0.0)]
    ])  # fmt: skip
    assert labels(at_stake(lists, "JPY")("en")) == ["Slipping away (4)", "Lapsed (9)"]
    assert "離脱予備軍(4 人)" in labels(at_stake(lists, "JPY")("ja"))


def test_roles_worth_the_same_are_one_row():
    staff = pd.DataFrame([
        {"store": s, "role": r, "shadow_price": p, "lower": p - 1, "upper": p + 1}
        for s, r, p in [("A", "till", 5.0), ("A", "sales", 5.0), ("B", "x", 9.0), ("B", "y", 8.0)]
    ])  # fmt: skip
    assert labels(hours(staff, "JPY")("en")) == ["B · x", "B · y", "A"]


def test_the_busiest_hour_is_marked():
    figure = sending(pd.DataFrame({"hour": [8, 20], "customers": [3, 7]}))("en")
    assert [text.get_text() for text in figure.axes[0].texts] == ["7"]
