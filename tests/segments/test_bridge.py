"""From the incumbent's figures to ours, by hand."""

from __future__ import annotations

from datetime import date

import ibis
import pandas as pd
import pytest

from joren.contract import MONEY
from joren.engine import connect
from joren.segments.bridge import STEPS, bridge


@pytest.fixture
def steps():
    con = connect()
    frame = pd.DataFrame(
        [
            ("pos", "p1", "1", "2026-01-01 10:00", 1_100, 1_000, "valid"),
            ("web", "w1", "2", "2026-01-01 12:00", 2_200, 2_000, "valid"),
            ("web", "w1", "3", "2026-02-01 12:00", 5_500, 5_000, "cancelled"),
            ("web", "w2", "4", "2026-02-01 12:00", 3_300, None, "valid"),
            ("web", "w3", "5", "2026-02-01 12:00", 1_000, None, "cancelled"),
        ],
        columns=["source", "source_id", "order_id", "at", "amount", "bare", "status"],
    )
    raw = con.create_table("raw", frame.assign(bare=frame.bare.astype("Int64")))
    orders = raw.select(
        "source", "source_id", "order_id", "status",
        ordered_at=raw["at"].cast("timestamp(6)"),
        amount=raw.amount.cast(MONEY),
        amount_excluding_tax=raw.bare.cast(MONEY),
    )  # fmt: skip
    people = con.create_table(
        "people",
        ibis.memtable(
            {
                "source": ["pos", "web", "web", "web"],
                "source_id": ["p1", "w1", "w2", "w3"],
                "customer_id": ["A", "A", "B", "C"],
            }
        ).to_pyarrow(),
    )
    rows = bridge(orders, people, date(2026, 3, 31))
    return {(row["step"], row["measure"]): row for row in rows}


def test_every_step_recounts_by_hand(steps):
    def values(measure):
        return [steps[(step, measure)]["value"] for step in STEPS]

    assert values("customers") == [4, 3, 2, 2, 2]
    assert values("purchases") == [5, 3, 3, 2, 2]
    assert values("repeat_rate") == [0.25, 0, 0.5, 0, 0]
    assert values("value_per_customer") == [13_100 / 4, 2_200, 3_300, 3_300, 3_150]


def test_the_steps_add_up_to_the_difference(steps):
    for measure in ("customers", "value_per_customer"):
        changes = sum(steps[(step, measure)]["change"] for step in STEPS[1:])
        first, last = (steps[(step, measure)]["value"] for step in (STEPS[0], STEPS[-1]))
        assert changes == pytest.approx(last - first)
