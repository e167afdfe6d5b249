"""Table `actions` and its neighbours."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
from tests.actions.handmade import drawn_of, facts_of, play, reach
from tests.lists.handmade import plain, rows_of

from joren.actions.tables import actions_table, on_other_lists, typed
from joren.contract import validate


def test_lists_and_reminders_of_points_stand_together_in_order(con):
    facts = facts_of(con, *(
        {"customer_id": c, "status": "at_risk", "ltv_365d": v, "ltv_365d_lower": 0.0,
         "ltv_365d_upper": 9.0} for c, v in [("a", 1.0), ("b", 5.0)]
    ))  # fmt: skip
    plays = [play("one"), play("two")]
    drawn = drawn_of(con, plays, facts, reach(con, ("a", "email"), ("b", "email")))
    members = rows_of(con, "reminded", [
        {"list_id": "expiring_points-20260331", "campaign_id": "expiring_points", "priority": 1,
         "customer_id": "a", "action": "remind_of_points", "reason": "r", "arm": "treat",
         "due_at": datetime(2026, 4, 2), "channel": "email", "standing": "listed"}
    ], "list_members")  # fmt: skip
    points = plain(con, "held", {"customer_id": "string", "points": "int64"}, [("a", 700)])
    table = con.create_table("all_actions", actions_table(drawn, members, points, 2.0),
                             overwrite=True)  # fmt: skip
    validate(table, "actions")
    rows = table.order_by("priority").to_pyarrow().to_pylist()
    assert [(r["action"], r["customer_id"], r["expected_value"]) for r in rows] == [
        ("remind_of_points", "a", 1400.0), ("one", "b", 5.0), ("one", "a", 1.0),
    ]  # fmt: skip
    assert on_other_lists(drawn) == {"two": 2}


def test_a_frame_without_values_keeps_the_contracts_types(con):
    empty = typed("send_times")
    assert empty.num_rows == 0
    frame = pd.DataFrame([{"customer_id": "a", "weekday": 1, "hour": 9, "own": False, "events": 3,
                           "day_share": 0.2, "hour_share": None, "more": 1}])  # fmt: skip
    assert typed("send_times", frame).schema == empty.schema
