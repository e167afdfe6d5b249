"""The tables of segments satisfy their contracts and agree with each other."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from joren.contract import validate
from joren.errors import JorenError
from joren.params_segments import Segments
from joren.segments.profile import standing_on
from joren.segments.tables import (
    histories,
    history_table,
    segments_table,
    stock_by_month,
    transitions_table,
)

AS_OF = date(2026, 3, 31)
ALL = Segments(presets=["joren", "ltvlab_rfm", "ltvlab_cpm", "uchideno_cpm"])
CUSTOMERS = {
    f"c{i}": [(3 * i + 17 * j, 900 * (j + 1)) for j in range(i % 7 + 2)] for i in range(70)
}


def test_every_preset_holds_every_customer_once(visits_of):
    rows = visits_of(CUSTOMERS)
    known = histories(rows, ALL, AS_OF)
    table = segments_table(known, standing_on(rows, AS_OF), None, AS_OF).cache()
    validate(table, "segments")
    counts = table.group_by("preset").agg(n=table.customer_id.nunique()).to_pyarrow().to_pylist()
    assert {row["preset"]: row["n"] for row in counts} == dict.fromkeys(ALL.presets, len(CUSTOMERS))


def test_history_transitions_and_stock_tell_the_same(visits_of):
    known = histories(visits_of(CUSTOMERS), ALL, AS_OF)
    validate(history_table(known).cache(), "segment_history")
    before = AS_OF - timedelta(days=31)
    moves = transitions_table(known, {"month": (before, AS_OF)}).cache()
    validate(moves, "segment_transitions")
    arrived = moves.filter(moves.preset == "joren").to_pyarrow().to_pylist()
    stock = stock_by_month(known, "joren", [AS_OF]).to_pyarrow().to_pylist()
    for row in stock:
        total = sum(m["customers"] for m in arrived if m["to_segment"] == row["segment"])
        assert total == row["customers"]


def test_too_few_repeat_purchases_are_refused_for_joren_only(visits_of):
    few = {"a": [(10, 1)]}
    with pytest.raises(JorenError, match="too few"):
        histories(visits_of(few), Segments(), AS_OF)
    assert histories(visits_of(few), Segments(presets=["ltvlab_cpm"]), AS_OF).cut_offs is None
