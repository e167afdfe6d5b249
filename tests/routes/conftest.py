"""Routes given as strings of letters, and the tables they become."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import ibis.expr.types as ir
import pyarrow as pa
import pytest

from joren.contract import TABLES
from joren.engine import connect
from joren.routes.steps import coded_steps

NOON = datetime(2026, 1, 1, 12)


@pytest.fixture(scope="session")
def con():
    return connect()


@pytest.fixture(scope="session")
def table(con) -> Callable[..., ir.Table]:
    """Make a table of the contract from rows; columns that a row does not name are null."""
    made = iter(range(100_000))

    def make(name: str, rows: list[dict]) -> ir.Table:
        schema = TABLES[name].ibis_schema().to_pyarrow()
        return con.create_table(f"made_{next(made)}", pa.Table.from_pylist(rows, schema=schema))

    return make


@pytest.fixture(scope="session")
def rows(con) -> Callable[..., ir.Table]:
    """Make a table of any rows."""
    made = iter(range(100_000))

    def make(given: list[dict], **types: pa.DataType) -> ir.Table:
        found = pa.Table.from_pylist(given)
        for name, kind in types.items():
            found = found.set_column(
                found.column_names.index(name), name, pa.array(found[name].to_pylist(), kind)
            )
        return con.create_table(f"rows_{next(made)}", found)

    return make


@pytest.fixture(scope="session")
def steps_of(rows) -> Callable[..., ir.Table]:
    """The step table of customers whose touchpoints follow each other hourly."""

    def make(**routes: list[str]) -> ir.Table:
        given = [
            {
                "customer_id": customer, "at": NOON + timedelta(hours=i), "rank": 2, "seq": i,
                "tie": "", "touchpoint": name, "kind": "event",
            }
            for customer, route in routes.items()
            for i, name in enumerate(route)
        ]  # fmt: skip
        return coded_steps(rows(given))

    return make


def touch_rows(*journeys: tuple[str, str, int, float]) -> list[dict]:
    """Rows of steps of journeys given as (customer, letters, outcome, value).

    The outcome is 1 (converted), 0 (null) or -1 (open). Letters a, b, c … have the codes 1, 2, 3 …
    """
    return [
        {
            "customer_id": customer, "journey": number, "place": place,
            "code": ord(letter) - ord("a") + 1, "converted": int(ended == 1),
            "null": int(ended == 0), "open": int(ended == -1), "value": Decimal(str(value)),
        }
        for number, (customer, letters, ended, value) in enumerate(journeys)
        for place, letter in enumerate(letters, start=1)
    ]  # fmt: skip
