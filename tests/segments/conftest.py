"""Purchases of made-up customers as the engine holds them."""

from __future__ import annotations

from datetime import date

import ibis
import pandas as pd
import pytest

from joren.contract import MONEY
from joren.engine import connect
from joren.segments.standing import visits

AS_OF = date(2026, 3, 31)


@pytest.fixture
def visits_of():
    """A function of customer → [(days before as_of, value), …] to its visits."""
    con = connect()

    def build(customers: dict[str, list[tuple[int, float]]], as_of: date = AS_OF) -> ibis.Table:
        rows = [
            (name, pd.Timestamp(AS_OF) - pd.Timedelta(days=ago), value, place)
            for name, bought in customers.items()
            for place, (ago, value) in enumerate(sorted(bought, reverse=True), start=1)
        ]
        frame = pd.DataFrame(rows, columns=["customer_id", "day", "value", "visit"])
        raw = con.create_table("bought", frame.sample(frac=1, random_state=1), overwrite=True)
        days = raw.mutate(day=raw.day.date(), value=raw.value.cast(MONEY))
        return visits(days, as_of).cache()

    return build


@pytest.fixture
def cells_of(visits_of):
    """A function of a preset and customers to their cells on as_of: name → (segment, status)."""
    from joren.segments.standing import members, spans

    def build(preset, customers, on: date = AS_OF):
        held = members(spans(visits_of(customers), preset, AS_OF), on).to_pyarrow().to_pylist()
        return {row["customer_id"]: (row["segment"], row["status"]) for row in held}

    return build
