"""The simulated retailer's people as canonical tables, known one by one: no linking stands between.

What `simulate.behaviour` lives is read here without tills, exports and dirt, so that a test can ask
twenty thousand customers in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from joren.contract import TABLES
from joren.routes.steps import coded_steps
from joren.routes.touchpoints import touchpoints
from joren.simulate.behaviour import behave
from joren.simulate.campaigns import campaign_table
from joren.simulate.world import AREAS, END, World

AS_OF = END.date() - timedelta(days=1)


@dataclass(frozen=True)
class Lived:
    """Steps, assignments and campaigns of simulated people."""

    steps: ir.Table
    assignments: ir.Table
    campaigns: ir.Table
    identity_map: ir.Table


def live(con, customers: int, seed: int) -> Lived:
    """Simulate people of one chunk."""
    world = World(customers, seed)
    ids = world.person_ids(0)
    people = pa.table({"person_id": ids, "area": [AREAS[i % len(AREAS)] for i in ids]})
    lived = behave(world, 0, people)
    mark = f"{customers}_{seed}"

    def given(name: str) -> ir.Table:
        return con.create_table(f"lived_{name}_{mark}", getattr(lived, name), temp=True)

    def canonical(table: ir.Table, name: str, **columns: object) -> ir.Table:
        schema = TABLES[f"canonical/{name}"].ibis_schema()
        table = table.mutate(
            source=ibis.literal("sim"), source_id=table.person_id.cast("string"), **columns
        )
        return table.select(**{
            column: table[column].cast(kind) if column in table.columns else ibis.null(kind)
            for column, kind in schema.items()
        })  # fmt: skip

    orders = given("orders")
    orders = orders.filter(orders.person_id.notnull() & (orders.ordered_at < END))
    subscriptions = given("subscriptions")
    tables = {
        "orders": canonical(
            orders, "orders", order_id=orders.order_no.cast("string"), channel=orders.system,
            subscription_id=orders.subscription_no.cast("string"),
        ),
        "events": canonical(given("events"), "events"),
        "contacts": canonical(given("contacts"), "contacts"),
        "subscriptions": canonical(
            subscriptions, "subscriptions",
            subscription_id=subscriptions.subscription_no.cast("string"),
        ),
    }  # fmt: skip
    known = pa.table({
        "source": ["sim"] * len(ids), "source_id": [str(i) for i in ids],
        "customer_id": [f"C{i:06}" for i in ids],
    })  # fmt: skip
    identity_map = con.create_table(f"lived_map_{mark}", known, temp=True)
    steps = coded_steps(touchpoints(**tables, identity_map=identity_map, as_of=AS_OF)).cache()
    assignments = given("assignments")
    campaigns = con.create_table(f"lived_campaigns_{mark}", campaign_table(), temp=True)
    return Lived(
        steps,
        assignments.mutate(source=ibis.literal("sim"), source_id=_text(assignments.person_id)),
        campaigns.mutate(
            starts_on=campaigns.starts_on.cast("timestamp"),
            ends_on=campaigns.ends_on.cast("timestamp") + ibis.interval(days=1),
        ),
        identity_map,
    )


def _text(column: ir.Value) -> ir.Value:
    return column.cast("string")
