"""Link a handful of hand-written records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pandas as pd
import pyarrow as pa
import pytest

from joren.contract import CANONICAL
from joren.engine import connect
from joren.identity.link import Linked, Settings, decide, link
from joren.identity.memory import Memory
from joren.identity.verdicts import as_log, new_verdict


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

    Options: orders (rows), apart and joined (verdicts of this call and all later ones), rebase
    (True links everything anew), and those of `Settings`.
    """
    return Client()


@pytest.fixture
def clients():
    """Makes a function like `link_records` with a memory of its own."""
    return Client


class Client:
    """A client's memory between runs."""

    def __init__(self, keys: Path | None = None) -> None:
        self.state: dict[str, pa.Table] = {}
        self.keys = keys

    def __call__(
        self, records: dict[str, dict], orders=(), apart=(), joined=(), rebase=False, **settings
    ) -> Outcome:
        for verdict, pairs in (("different", apart), ("same", joined)):
            for one, other in pairs:
                self.say(one, other, verdict)
        given = {"customers": as_rows(records), "orders": list(orders)}
        tables = {name: as_table(rows, name) for name, rows in given.items()}
        return self.of_tables(**tables, rebase=rebase, **settings)

    def of_tables(
        self, customers: pa.Table, orders: pa.Table, rebase: bool = False, **settings
    ) -> Outcome:
        """The same for canonical tables."""
        if rebase:
            self.append("rebases", pa.Table.from_pylist([a_request()]))
        con = connect()
        logs = {name: con.create_table(f"log_{name}", table) for name, table in self.state.items()}
        tables = link(
            con, con.create_table("canonical_customers", customers),
            con.create_table("canonical_orders", orders), set_up(**settings),
            memory=Memory(**logs), keys=self.keys,
        )  # fmt: skip
        for name in ("assignments", "history", "known", "links", "rebases"):
            self.append(name, getattr(tables, f"new_{name}").to_pyarrow())
        return Outcome(tables, tables.identity_map.execute(), tables.new_history.execute())

    def say(self, one: tuple, other: tuple, verdict: str) -> None:
        """A reviewer's verdict, later than all before."""
        said = self.state["verdicts"].num_rows if "verdicts" in self.state else 0
        at = datetime(2026, 4, 1) + timedelta(minutes=said)
        row = new_verdict(one, other, verdict, "reviewer", "seen", at)
        self.append("verdicts", as_log([row]))

    def append(self, name: str, rows: pa.Table) -> None:
        if rows.num_rows:  # as a run appends to state
            _append(self.state, name, rows)


def a_request() -> dict:
    return {
        "revision": 0, "at": datetime(2026, 4, 1), "kind": "requested",
        "request_id": uuid4().hex, "rules": "", "model": "",
        "actor": "someone", "reason": "",
    }  # fmt: skip


@pytest.fixture(scope="session")
def decide_records():
    """A function: records as {"pos:1": {column: value}} → Decision."""

    def run(records: dict[str, dict], apart=(), **settings) -> Decision:
        con = connect()
        customers, orders = canonical(con, records, ())
        at = datetime(2026, 4, 1)
        said = [new_verdict(one, other, "different", "reviewer", "", at) for one, other in apart]
        memory = Memory(verdicts=con.create_table("verdicts", as_log(said)))
        decided = decide(con, customers, [orders], set_up(**settings), memory)
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


def as_rows(records: dict[str, dict]) -> list[dict]:
    return [
        {"source": name.split(":")[0], "source_id": name.split(":")[1], **values}
        for name, values in records.items()
    ]


def canonical(con, records: dict[str, dict], orders) -> tuple:
    return (
        con.create_table("canonical_customers", as_table(as_rows(records), "customers")),
        con.create_table("canonical_orders", as_table(list(orders), "orders")),
    )


def as_table(rows: list[dict], name: str) -> pa.Table:
    schema = CANONICAL[name].ibis_schema().to_pyarrow()
    return pa.Table.from_pylist([{f: row.get(f) for f in schema.names} for row in rows], schema)


def _append(state: dict[str, pa.Table], name: str, rows: pa.Table) -> None:
    state[name] = pa.concat_tables([state[name], rows]) if name in state else rows


@pytest.fixture(scope="session")
def canonical_rows():
    """A function: rows and a canonical table's name → the table; missing columns are null."""
    return as_table
