"""Find a customer and see, masked, what is known."""

from datetime import datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from joren.contract import TABLES
from joren.engine import connect
from joren.errors import JorenError
from joren.identity.customer360 import find_customer, look_up

OWNERS = [("pos", "P1", "Cnew01"), ("web", "W1", "Cnew01"), ("web", "W2", "Cother")]


@pytest.fixture(scope="module")
def table(canonical_rows):
    con = connect()
    members = [
        {
            "source": "pos",
            "source_id": "P1",
            "family_name": "佐藤",
            "given_name": "花子",
            "phone": "090-1111-2222",
        }
    ]
    orders = [
        {"source": "pos", "order_id": str(n), "source_id": "P1", "channel": "pos",
         "ordered_at": datetime(2026, 1, n), "amount": Decimal(1000), "status": status}
        for n, status in ((1, "valid"), (2, "valid"), (3, "cancelled"))
    ]  # fmt: skip
    mapped = [
        {"source": s, "source_id": i, "customer_id": c, "household_id": "H", "match_rule": "card",
         "match_probability": 0.999}
        for s, i, c in OWNERS
    ]  # fmt: skip
    merged = {
        "event_id": "E1", "at": datetime(2026, 2, 1), "kind": "merge", "reason": "card",
        "customer_ids_before": ["Cnew01", "Cold99"], "customer_ids_after": ["Cnew01"],
        "actor": "rules",
    }  # fmt: skip
    given = {
        "identity_map": mapped, "identity_history": [merged], "ltv": [], "point_balances": [],
    }  # fmt: skip
    tables = {
        name: con.create_table(
            name, pa.Table.from_pylist(rows, TABLES[name].ibis_schema().to_pyarrow())
        )
        for name, rows in given.items()
    }
    tables["canonical/customers"] = con.create_table("c", canonical_rows(members, "customers"))
    tables["canonical/orders"] = con.create_table("o", canonical_rows(orders, "orders"))
    return tables.__getitem__


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("Cnew01", ["Cnew01"]),
        (" P1 ", ["Cnew01"]),
        ("Cothe", ["Cother"]),
        ("Cold99", ["Cnew01"]),
        ("C", []),
        ("", []),
        ("nobody", []),
    ],
)
def test_a_customer_is_found_by_any_of_its_ids(table, asked, found):
    assert find_customer(asked, table("identity_map"), table("identity_history")) == found


def test_everything_about_a_customer_is_there_and_masked(table):
    seen = look_up("Cnew01", table)
    assert seen.records.source_id.tolist() == ["P1", "W1"]
    assert seen.records.full_name.tolist() == ["佐••• 花•••", ""]
    assert seen.history.event_id.tolist() == ["E1"]
    assert seen.orders[["source", "orders", "value"]].values.tolist() == [["pos", 2, 2000.0]]
    assert seen.ltv.empty
    assert seen.points.empty
    everything = seen.records.to_csv() + seen.history.to_csv() + seen.orders.to_csv()
    assert "花子" not in everything
    assert "2222" not in everything


def test_an_unknown_customer_is_refused(table):
    with pytest.raises(JorenError, match="no such customer"):
        look_up("Cnobody", table)
