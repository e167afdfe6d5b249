"""A tiny client with one campaign, written out: what each customer did is known exactly."""

from __future__ import annotations

from datetime import date, datetime

import ibis
import pyarrow as pa

from joren.campaigns.plan import Plan, house_kpi
from joren.contract import TABLES
from joren.engine import connect

AS_OF = date(2026, 6, 30)
START, UNTIL = date(2026, 2, 1), date(2026, 3, 1)


def plan(**changes) -> Plan:
    """A campaign of February 2026; its KPI is the response rate."""
    facts = {
        "campaign_id": "C1", "name": "春のDM", "kind": "dm", "starts_on": START, "until": UNTIL,
        "kpis": (house_kpi("response_rate"),), "shares": None, "objective": None, "owner": None,
        "unit_cost": 0.0, "fixed_cost": 0.0, "grants": {}, "planned": True,
    }  # fmt: skip
    return Plan(**facts | changes)


class Tables:
    """Tables of a client in an engine; what is not given is empty."""

    def __init__(self, **rows: list[dict]) -> None:
        self.con = connect()
        self.rows = rows
        self.made: dict[str, ibis.Table] = {}

    def __call__(self, name: str) -> ibis.Table:
        short = name.partition("/")[2] or name
        if name not in self.made:
            schema = TABLES[name].ibis_schema()
            complete = [dict.fromkeys(schema.names) | row for row in self.rows.get(short, [])]
            table = pa.Table.from_pylist(complete, schema=schema.to_pyarrow())
            made = self.con.create_table(f"given_{short}", table)
            self.made[name] = made
        return self.made[name]


def order(customer: str, at: datetime, amount: int = 1000, **more) -> dict:
    """An order of 1,000 by source record `customer`, excluding tax likewise."""
    number = f"{customer}-{at:%Y%m%d%H%M%S}"
    return {
        "source": "shop", "order_id": number, "source_id": customer, "ordered_at": at,
        "amount": amount, "status": "valid", "channel": "web",
    } | more  # fmt: skip


def known(*customers: str) -> list[dict]:
    """Source records that are a customer of the same name each."""
    return [
        {"source": "shop", "source_id": name, "customer_id": name, "household_id": name,
         "match_rule": "none", "match_probability": 1.0}
        for name in customers
    ]  # fmt: skip


def assigned(arm: str, *customers: str, campaign: str = "C1", stratum: str | None = None):
    """Assignments of source records to an arm the day before the campaign."""
    return [
        {"source": "shop", "campaign_id": campaign, "source_id": name, "arm": arm,
         "assigned_at": datetime(2026, 1, 31, 9), "stratum": stratum}
        for name in customers
    ]  # fmt: skip
