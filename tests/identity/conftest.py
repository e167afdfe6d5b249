"""Link a handful of hand-written records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd
import pyarrow as pa
import pytest

from joren.contract import CANONICAL
from joren.engine import connect
from joren.identity.link import Linked, Settings, decide, link


@dataclass
class Decision:
    """Which records are together, and why, as plain Python; records are source:source_id."""

    groups: set[frozenset[str]]
    edges: dict[frozenset[str], dict]
    generic: list[str]

    @property
    def together(self) -> set[frozenset[str]]:
        return {group for group in self.groups if len(group) > 1}

    def edge(self, left: str, right: str) -> dict:
        return self.edges[frozenset((left, right))]


@dataclass
class Outcome:
    """What linking said, as plain Python."""

    tables: Linked
    map: pd.DataFrame
    events: pd.DataFrame

    @property
    def groups(self) -> set[frozenset[str]]:
        """The partition of the records, each as source:source_id."""
        names = self.map.source + ":" + self.map.source_id
        return {frozenset(names[rows]) for rows in self.map.groupby("customer_id").groups.values()}

    def customer(self, record: str) -> str:
        names = self.map.source + ":" + self.map.source_id
        return self.map.customer_id[names == record].item()


@pytest.fixture
def link_records():
    """A function: records as {"pos:1": {column: value}} → Outcome; keeps state between calls.

    Options: orders (rows), apart (verdicts), and those of `Settings`.
    """
    state: dict[str, pa.Table] = {}

    def run(records: dict[str, dict], orders=(), apart=(), **settings) -> Outcome:
        con = connect()
        logs = {name: con.create_table(f"log_{name}", table) for name, table in state.items()}
        tables = link(
            con, *canonical(con, records, orders), set_up(**settings), apart=apart, **logs
        )
        _append(state, "assignments", tables.new_assignments.to_pyarrow())
        _append(state, "history", tables.new_history.to_pyarrow())
        return Outcome(tables, tables.identity_map.execute(), tables.new_history.execute())

    return run


@pytest.fixture(scope="session")
def decide_records():
    """A function: records as {"pos:1": {column: value}} → Decision."""

    def run(records: dict[str, dict], apart=(), **settings) -> Decision:
        con = connect()
        customers, orders = canonical(con, records, ())
        decided = decide(con, customers, [orders], set_up(**settings), apart)
        rows = decided.records.select("source", "source_id", "record", "cluster").execute()
        name = dict(zip(rows.record, rows.source + ":" + rows.source_id, strict=True))
        groups = rows.groupby("cluster").record.apply(lambda r: frozenset(map(name.get, r)))
        edges = decided.edges.to_pyarrow().to_pylist()
        profile = decided.identifiers
        return Decision(
            set(groups),
            {frozenset((name[e["left"]], name[e["right"]])): e for e in edges},
            profile.filter(profile.generic).value.to_pyarrow().to_pylist(),
        )

    return run


def set_up(**settings) -> Settings:
    return Settings("test", date(2026, 3, 31), b"key", **settings)


def canonical(con, records: dict[str, dict], orders) -> tuple:
    rows = [
        {"source": name.split(":")[0], "source_id": name.split(":")[1], **values}
        for name, values in records.items()
    ]
    return (
        con.create_table("canonical_customers", as_table(rows, "customers")),
        con.create_table("canonical_orders", as_table(list(orders), "orders")),
    )


def as_table(rows: list[dict], name: str) -> pa.Table:
    schema = CANONICAL[name].ibis_schema().to_pyarrow()
    return pa.Table.from_pylist([{f: row.get(f) for f in schema.names} for row in rows], schema)


def _append(state: dict[str, pa.Table], name: str, rows: pa.Table) -> None:
    state[name] = pa.concat_tables([state[name], rows]) if name in state else rows
