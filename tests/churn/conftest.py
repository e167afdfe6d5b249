"""Subscriptions as the simulator draws them, and what they become on the way to a forecast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pytest

from joren.churn.fit import Fit, fit
from joren.churn.levels import with_levels
from joren.churn.risk import risk_cells
from joren.churn.states import States, active_rows, active_states
from joren.churn.tenure import subscription_tenure
from joren.contract import TABLES
from joren.engine import connect
from joren.params import Ltv
from joren.simulate.catalogue import COURSES
from joren.simulate.processes import draw_processes
from joren.simulate.subscriptions import REASONS, draw_subscriptions, order_days
from joren.simulate.world import CHUNK, DAYS, START, World

AS_OF = date(2026, 3, 31)


@pytest.fixture(scope="session")
def con():
    return connect()


@pytest.fixture(scope="session")
def table(con) -> Callable[..., ir.Table]:
    """Make a table of the contract from rows; columns that a row does not name are null."""
    made = iter(range(10_000))

    def make(name: str, rows: list[dict]) -> ir.Table:
        schema = TABLES[name].ibis_schema().to_pyarrow()
        return con.create_table(f"made_{next(made)}", pa.Table.from_pylist(rows, schema=schema))

    return make


@dataclass(frozen=True)
class Client:
    """Some 1,800 subscriptions of a simulated client, fitted, with the day each truly ends."""

    tenure: ir.Table
    rows: ir.Table
    active: ir.Table
    states: States
    fit: Fit
    truly_ends: dict[str, float]  # days after AS_OF

    def ended_within(self, days: int) -> np.ndarray:
        ids = self.active.order_by("subscription_id").subscription_id.to_pyarrow().to_pylist()
        return np.array([self.truly_ends[one] < days for one in ids])


@pytest.fixture(scope="session")
def client(table) -> Client:
    world = World(CHUNK, seed=11)
    processes = draw_processes(world, 0)
    drawn = draw_subscriptions(world, 0, processes, processes.ends)
    position, _sequence, day = order_days(drawn)
    delivered = np.bincount(position[day < DAYS], minlength=len(drawn.person))
    rows = []
    for i, (course, ended) in enumerate(zip(drawn.course, drawn.ended, strict=True)):
        over = ended < DAYS
        rows.append({
            "source": "teiki", "subscription_id": f"T{i:05d}", "source_id": f"C{i}",
            "product_id": f"G{course}", "cycle_days": COURSES[course].cycle_days,
            "commitment_orders": COURSES[course].commitment_orders,
            "started_at": _moment(drawn.started[i]), "ended_at": _moment(ended) if over else None,
            "end_reason": REASONS[drawn.reason[i]] if over else None,
            "renewals": int(delivered[i]) - 1,
        })  # fmt: skip
    subscriptions = table("canonical/subscriptions", rows)
    identity = subscriptions.select(
        "source", "source_id", customer_id="source_id", household_id="source_id",
        match_rule=subscriptions.source,
    )  # fmt: skip
    tenure = subscription_tenure(
        subscriptions, table("canonical/orders", []), identity, AS_OF
    ).cache()
    leveled = with_levels(tenure, AS_OF).cache()
    cells = risk_cells(leveled)
    active = active_rows(leveled).cache()
    ends = {row["subscription_id"]: e - DAYS for row, e in zip(rows, drawn.ended, strict=True)}
    return Client(
        tenure, leveled, active, active_states(active, cells.categories),
        fit(cells, Ltv(), seed=1), ends,
    )  # fmt: skip


def _moment(day: float) -> datetime:
    return START + timedelta(days=float(day))
