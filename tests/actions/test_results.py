"""Lists read back: arms as drawn, orders in their days, effects when the days are over."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pandas as pd
import pytest
from tests.lists.handmade import mapped, plain, rows_of

from joren.actions.results import arms_of_lists, drawn_before, results_table

DRAWN = datetime(2026, 1, 1)
LOG = {
    "list_id": "string", "campaign_id": "string", "customer_id": "string", "arm": "string",
    "assigned_at": "timestamp(6)", "planned_share": "float64",
}  # fmt: skip
COUNTED = {
    "customer_id": "string", "day": "date", "value": "decimal(18, 4)", "is_purchase": "boolean",
}  # fmt: skip


def arms(con, log, orders=(), contacts=(), outcomes=(), as_of=date(2026, 3, 31), people="abcd"):
    identity = mapped(con, *(("s", c, c) for c in people))
    history = rows_of(con, "history", [], "identity_history")
    drawn = drawn_before(
        con, plain(con, "log", LOG, log), history, identity, {"lapsed": 30}, 60, as_of
    )
    return arms_of_lists(
        drawn,
        plain(con, "counted", COUNTED, list(orders)),
        rows_of(con, "contacts", list(contacts), "canonical/contacts"),
        rows_of(con, "outcomes", list(outcomes), "canonical/outcomes"),
        identity,
    )


def entry(customer, arm, list_id="lapsed-20251231"):
    return (list_id, "lapsed", customer, arm, DRAWN, 0.5)


def test_orders_count_from_the_draw_to_the_last_day_of_the_readout(con):
    found = arms(
        con,
        [entry("a", "treat"), entry("b", "treat"), entry("c", "control"), entry("d", "control")],
        orders=[
            ("a", date(2025, 12, 31), Decimal(100), True),
            ("a", date(2026, 1, 1), Decimal(200), True),
            ("a", date(2026, 1, 9), Decimal(-50), False),
            ("b", date(2026, 1, 31), Decimal(400), True),
            ("c", date(2026, 1, 30), Decimal(300), True),
        ],
        contacts=[{"source": "s", "source_id": "a", "occurred_at": datetime(2026, 1, 3),
                   "channel": "mail"}],
        outcomes=[
            {"source": "s", "list_id": "lapsed-20251231", "source_id": "b", "outcome": "no_answer",
             "at": datetime(2026, 1, 4)},
            {"source": "s", "list_id": "other", "customer_id": "a", "outcome": "saved",
             "at": datetime(2026, 1, 4)},
        ],
    ).set_index("arm")  # fmt: skip
    assert found.listed.to_dict() == {"treat": 2, "control": 2}
    assert found.ordered.to_dict() == {"treat": 1, "control": 1}
    assert found.total.to_dict() == {"treat": Decimal(150), "control": Decimal(300)}
    assert found.reached.to_dict() == {"treat": 2, "control": 0}
    assert found.outcomes.to_dict() == {"treat": 1, "control": 0}


def test_a_list_is_read_when_its_days_are_over(con):
    log = [entry("a", "treat"), entry("b", "control")]
    early = results_table(arms(con, log, as_of=date(2026, 1, 29)), date(2026, 1, 29), 0.9)
    assert set(early.status) == {"open"}
    assert early.effect.isna().all()
    late = results_table(arms(con, log, as_of=date(2026, 1, 30)), date(2026, 1, 30), 0.9)
    assert set(late.status) == {"read"}
    assert {str(day) for day in late.readout_on} == {"2026-01-31"}


def made(treated, control, ordered, ordered_control, share):
    base = {
        "list_id": "lapsed-20251231",
        "campaign_id": "lapsed",
        "assigned_at": DRAWN,
        "planned_share": share,
        "last_day": date(2026, 1, 30),
        "reached": 0,
        "outcomes": 0,
    }
    return pd.DataFrame([
        base | {"arm": arm, "listed": n, "ordered": buyers, "total": Decimal(100 * buyers),
                "squares": Decimal(10_000 * buyers)}
        for arm, n, buyers in [("control", control, ordered_control), ("treat", treated, ordered)]
    ])  # fmt: skip


def test_the_difference_of_arms_has_its_interval():
    found = results_table(made(800, 200, 200, 30, 0.2), date(2026, 3, 31), 0.9).set_index("arm")
    row = found.loc["treat"]
    assert row.effect == pytest.approx(0.25 - 0.15)
    se = (0.25 * 0.75 / 800 + 0.15 * 0.85 / 200) ** 0.5
    assert row.lower == pytest.approx(0.1 - 1.6449 * se, abs=1e-4)
    assert row.value_effect == pytest.approx(10)
    assert row.value_lower < 10 < row.value_upper
    assert row.srm_p > 0.9


def test_arms_that_are_not_as_drawn_show_no_effect():
    found = results_table(made(800, 100, 200, 30, 0.2), date(2026, 3, 31), 0.9)
    assert set(found.status) == {"mismatch"}
    assert found.effect.isna().all()


def test_without_a_hold_out_nothing_can_be_told():
    found = results_table(made(800, 1, 9, 0, 0.2).iloc[1:], date(2026, 3, 31), 0.9)
    assert set(found.status) == {"one_arm"}
