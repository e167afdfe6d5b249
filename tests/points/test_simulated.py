"""Simulated point programmes: three retailers' lots and balances, to the point."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import pyarrow as pa
import pytest
from tests.points.handmade import SCHEMA

from joren.engine import connect, keep
from joren.params import Points
from joren.points.ledger import keep_ledger
from joren.simulate import ledger as book
from joren.simulate.accounts import open_accounts
from joren.simulate.behaviour import behave
from joren.simulate.population import make_population
from joren.simulate.world import END, World

LAST = END - timedelta(microseconds=1)
# till receipts tell no expiry: what the house rule does not say either is not in the entries
KNOWN = """
    SELECT system AS source, source_id AS account FROM key_lots
    GROUP BY ALL HAVING bool_and(expiry_known)
"""
PARTS = "granted, used, expired, cancelled, transferred, remaining"


@cache
def programmes(seed: int) -> book.Ledger:
    world = World(1_500, seed)
    people = make_population(world, 0)
    behaviour = behave(world, 0, people)
    return book.keep_ledger(world, 0, behaviour, open_accounts(world, 0, people, behaviour))


def entries_of(kept: book.Ledger) -> pa.Table:
    return kept.entries.select([name for name in SCHEMA.names if name in kept.entries.column_names])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_lots_and_balances_are_those_of_the_answer_key(seed):
    kept, con = programmes(seed), connect()
    keep(con, "key_lots", kept.lots)
    keep(con, "key_balances", kept.balances)
    ledger = keep_ledger(con, keep(con, "entries", entries_of(kept)), Points(), LAST)
    keep(con, "found_lots", ledger.lots)
    keep(con, "found_balances", ledger.balances)

    sums = ", ".join(f"sum({part}) AS {part}" for part in PARTS.split(", "))
    own = ", ".join(f"points_{part} AS {part}" for part in PARTS.split(", "))
    con.raw_sql(f"""
        CREATE TEMP TABLE expected AS
        SELECT source, account, granted_at, {sums} FROM (
            SELECT *, system AS source, source_id AS account FROM key_lots
        ) JOIN ({KNOWN}) USING (source, account) GROUP BY ALL
    """)
    con.raw_sql(f"""
        CREATE TEMP TABLE found AS
        SELECT source, account, granted_at, {sums} FROM (
            SELECT source, account, granted_at, {own} FROM found_lots
        ) JOIN ({KNOWN}) USING (source, account) GROUP BY ALL
    """)
    differing = "(FROM {a} EXCEPT ALL FROM {b})"
    assert con.raw_sql("SELECT count(DISTINCT source) FROM expected").fetchone() == (2,)
    for a, b in (("expected", "found"), ("found", "expected")):
        assert con.raw_sql(f"FROM {differing.format(a=a, b=b)}").fetchall() == []
    assert (
        con.raw_sql(f"""
        SELECT * FROM ({KNOWN}) JOIN (
            SELECT system AS source, source_id AS account, balance, debt, expiring_next,
                expires_next_at FROM key_balances
        ) USING (source, account)
        EXCEPT SELECT source, account, balance, debt, expiring_next, expires_next_at
        FROM found_balances
    """).fetchall()
        == []
    )
