"""Splitting history at any date and going on gives the same lots; changed history is run anew."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.points.handmade import SCHEMA, day, entry
from tests.points.test_lot_pass import END, POLICIES, ledgers

from joren.engine import connect, keep
from joren.params import Points
from joren.points.checkpoint import keep_checkpoint, resume_ledger
from joren.points.ledger import keep_ledger

CON = connect()
ROWS = [
    entry("g1", 0, "grant", 500, expires=365), entry("g2", 10, "grant", 300, expires=40),
    entry("u", 20, "use", 400), entry("h", 20, "grant", 50, account="B"),
]  # fmt: skip
LATER = [
    entry("c", 30, "cancel", 350, reverses="u"), entry("v", 45, "use", 100),
    entry("new", 31, "grant", 9, account="AA"), entry("d", 46, "cancel", 500, reverses="g1"),
]  # fmt: skip


def found(ledger):
    return [
        table.order_by(table.columns).to_pyarrow().to_pylist()
        for table in (ledger.lots, ledger.pending, ledger.balances, ledger.flows)
    ]


def split(rows, at, as_of, told_then=None, **rules):
    """The ledger in one run, the one resumed from a checkpoint, and whether it could be."""
    points = Points(**rules)

    def table(some):
        return keep(CON, "rows", pa.Table.from_pylist(some, schema=SCHEMA))

    checkpoint = keep_checkpoint(CON, table(told_then or rows), points, day(at))
    resumed, gone_on = resume_ledger(CON, checkpoint, table(rows), points, day(as_of))
    parts = found(resumed)
    return found(keep_ledger(CON, table(rows), points, day(as_of))), parts, gone_on


@pytest.mark.parametrize("at", [0, 10, 19, 20, 25, 30, 44, 46])
def test_history_is_split_where_refunds_and_clawbacks_reach_back(at):
    whole, parts, gone_on = split(ROWS + LATER, at, 60)
    assert parts == whole
    assert gone_on


def test_a_late_entry_is_a_restatement():
    late = entry("late", 5, "use", 100)
    whole, parts, gone_on = split([*ROWS, *LATER, late], 25, 60, told_then=ROWS)
    assert parts == whole
    assert not gone_on


def test_the_first_expiry_that_a_source_tells_is_a_restatement():
    rows = [*ROWS, entry("e", 50, "expire", 10)]
    whole, parts, gone_on = split(rows, 45, 60)
    assert parts == whole
    assert not gone_on


def test_splitting_history_at_any_date_gives_the_same_lots():
    went = Counter()

    @settings(max_examples=15, phases=[Phase.generate], deadline=None,
              suppress_health_check=[HealthCheck.too_slow])  # fmt: skip
    @given(
        rows=ledgers(),
        at=st.integers(0, END),
        consumption=st.sampled_from(["nearest_expiry", "fifo", "limited_first"]),
        policy=st.sampled_from(POLICIES),
    )
    def splits(rows, at, consumption, policy):
        whole, parts, gone_on = split(rows, at, END, consumption=consumption, expiry=policy)
        assert parts == whole
        went[gone_on] += 1

    splits()
    assert went[True] >= 3  # not all of them were run anew
