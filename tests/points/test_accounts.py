"""Accounts: names that identify, and owners that come and go without touching an entry."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.points.handmade import entry

from joren.engine import connect, keep
from joren.points.accounts import owned_accounts, with_owners

HOLDERS = [("pos", "1", "1"), ("web", "1", "1"), ("web", "2", "2"), ("web", "2", "9"),
           ("web", "pos:1", "x")]  # fmt: skip


@pytest.fixture
def con():
    return connect()


def table(con, name, columns, rows):
    return keep(con, name, con.create_table(f"{name}_rows", pd.DataFrame(rows, columns=columns)))


def mapped(con, *rows):
    return table(con, "map", ["source", "source_id", "customer_id"], rows)


def test_an_account_is_written_with_its_source_where_another_has_it_too(con):
    holders = table(con, "holders", ["source", "account", "source_id"], HOLDERS)
    accounts = owned_accounts(holders, mapped(con, ("pos", "1", "C1"))).to_pandas()
    assert sorted(accounts.name) == ["2", "pos:1", "web:1", "web:pos:1"]


def test_an_account_belongs_to_its_first_known_holder_and_stays_without_one(con):
    holders = table(con, "holders", ["source", "account", "source_id"], HOLDERS)
    owned = owned_accounts(holders, mapped(con, ("web", "9", "C9"))).to_pandas()
    by_name = owned.set_index("name").customer_id
    assert by_name["2"] == "C9"
    assert by_name.drop("2").isna().all()
    assert len(owned) == 4


def test_after_an_unmerge_balances_follow_the_accounts_and_no_entry_changes(ledger_of):
    rows = [
        entry("g", 0, "grant", 500), entry("h", 0, "grant", 300, account="B"),
        entry("u", 1, "use", 100),
    ]  # fmt: skip
    ledger = ledger_of(rows, 5)
    con = ledger.lots.get_backend()

    def of_customers(*pairs):
        ids = table(con, "ids", ["source", "source_id", "customer_id"],
                    [("shop", account, customer) for account, customer in pairs])  # fmt: skip
        owned = with_owners(ledger.balances, owned_accounts(ledger.holders, ids)).to_pandas()
        return owned.groupby("customer_id").balance.sum().to_dict()

    merged = of_customers(("A", "C1"), ("B", "C1"))
    lots_then = ledger.lots.order_by("lot_id").to_pandas()
    con.drop_table("ids_rows")
    unmerged = of_customers(("A", "C1"), ("B", "C2"))
    assert merged == {"C1": 700}
    assert unmerged == {"C1": 400, "C2": 300}
    assert lots_then.equals(ledger.lots.order_by("lot_id").to_pandas())
