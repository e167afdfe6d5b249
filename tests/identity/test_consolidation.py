"""Transfers that are proposed: signed pairs onto the oldest account of one programme."""

from datetime import datetime
from pathlib import Path

import pyarrow as pa

from joren.engine import connect
from joren.identity.consolidation import proposed_transfers, write_list

OWNERS = {("pos", "1"): "A", ("pos", "2"): "A", ("web", "9"): "A", ("pos", "3"): "B"}


def balance(source_id: str, points: int, day: int = 31, source: str = "pos") -> dict:
    return {
        "source": source, "source_id": source_id, "account": f"acc{source_id}",
        "as_of": datetime(2026, 3, day), "balance": points,
    }  # fmt: skip


def first_entry(source_id: str, year: int) -> dict:
    return {
        "source": "pos", "entry_id": source_id, "source_id": source_id, "kind": "grant",
        "occurred_at": datetime(year, 1, 1), "points": 1, "account": f"acc{source_id}",
        "programme": "club",
    }  # fmt: skip


def proposals(as_table, balances: list[dict], entries: list[dict]):
    con = connect()
    owners = [{"source": s, "source_id": i, "customer_id": c} for (s, i), c in OWNERS.items()]
    return proposed_transfers(
        con.create_table("balances", as_table(balances, "point_balances_reported")),
        con.create_table("entries", as_table(entries, "point_entries")),
        con.create_table("customers", as_table([], "customers")),
        con.create_table("map", pa.Table.from_pylist(owners)),
    )


def test_points_move_to_the_oldest_account_in_pairs_that_add_up_to_zero(canonical_rows):
    entries = [first_entry("1", 2024), first_entry("2", 2020), first_entry("3", 2019)]
    balances = [balance("1", 700), balance("2", 50), balance("1", 999, day=1), balance("3", 80)]
    found = proposals(canonical_rows, balances, entries).execute()
    assert found[["account", "source_id", "points", "kind", "programme"]].values.tolist() == [
        ["acc1", "1", -700, "transfer", "club"], ["acc2", "2", 700, "transfer", "club"],
    ]  # fmt: skip
    assert found.transfer_id.nunique() == 1
    assert set(found.customer_id) == {"A"}


def test_points_of_two_systems_or_programmes_and_empty_accounts_stay(canonical_rows):
    entries = [first_entry("1", 2024), first_entry("2", 2020) | {"programme": "stamps"}]
    apart = [balance("1", 700), balance("2", 50), balance("9", 30, source="web")]
    assert proposals(canonical_rows, apart, entries).count().execute() == 0
    same = [first_entry("1", 2024), first_entry("2", 2020)]
    assert (
        proposals(canonical_rows, [balance("1", 0), balance("2", 50)], same).count().execute() == 0
    )


def test_the_list_is_closed_to_others_and_holds_no_formula(tmp_path: Path):
    rows = [{"transfer_id": "T1", "account": "=cmd|x", "points": -5}]
    path = tmp_path / "exports" / "list.csv"
    write_list(connect().create_table("rows", pa.Table.from_pylist(rows)), path)
    assert path.read_text("utf-8-sig") == "transfer_id,account,points\nT1,'=cmd|x,-5\n"
    assert path.stat().st_mode & 0o077 == 0
