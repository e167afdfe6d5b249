"""Errors planted into a till's entries and balances are found where they are, and named."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.points.handmade import SCHEMA, day, entry
from tests.points.test_simulated import LAST, entries_of, programmes

from joren.engine import connect, keep
from joren.params import Points
from joren.points.ledger import keep_ledger
from joren.points.reconcile import Agreement, reconcile

ENTRIES = pa.schema([*SCHEMA, ("order_id", pa.string())])


@pytest.fixture(scope="module")
def con():
    return connect()


def reconciled(con, entries, reports, as_of=LAST, rules=None):
    entries = keep(con, "given_entries", entries)
    reported = keep(con, "given_reports", reports)
    ledger = keep_ledger(con, entries, rules or Points(), as_of, watched=reported)
    rows, counts = reconcile(ledger, entries, reported)
    return rows.order_by("account", "as_of").to_pyarrow().to_pylist(), counts


def by_hand(con, rows, balances, **rules):
    """Reports as (day, balance) of account A."""
    entries = pa.Table.from_pylist([{**row, "order_id": None} for row in rows], schema=ENTRIES)
    reports = pa.table({
        "source": ["shop"] * len(balances), "source_id": ["A"] * len(balances),
        "account": ["A"] * len(balances), "as_of": [day(at) for at, _ in balances],
        "balance": [balance for _, balance in balances],
    })  # fmt: skip
    return reconciled(con, entries, reports, day(100), Points(**rules))


ROWS = [
    entry("g", 0, "grant", 500), entry("u", 10, "use", 120), entry("h", 20, "grant", 70),
    entry("v", 30, "use", 50), entry("w", 40, "use", 10),
]  # fmt: skip
TRUE = [(0, 500), (10, 380), (20, 450), (30, 400), (40, 390)]


def without(entry_id):
    return [row for row in ROWS if row["entry_id"] != entry_id]


def named(rows):
    return [(row["as_of"], row["change"], row["suspect_entry_id"], row["reason"]) for row in rows]


def test_balances_that_agree_leave_nothing_to_list(con):
    assert by_hand(con, ROWS, TRUE) == ([], Agreement(5, 5, 1, 1))


def test_a_missing_entry_is_placed_between_two_reports(con):
    rows, counts = by_hand(con, without("h"), TRUE)
    assert named(rows) == [(day(20), 70, None, "missing_entry")]
    assert (rows[0]["agreed_at"], rows[0]["last_entry_id"]) == (day(10), "u")
    assert counts == Agreement(5, 2, 1, 0)


def test_a_doubled_entry_is_named(con):
    double = {**ROWS[1], "entry_id": "u-again"}
    rows, _ = by_hand(con, [*ROWS, double], TRUE)
    assert named(rows) == [(day(10), 120, "u-again", "doubled_entry")]


def test_an_entry_that_the_system_does_not_know_is_named(con):
    rows, _ = by_hand(con, [*ROWS, entry("x", 15, "grant", 33)], TRUE)
    assert named(rows) == [(day(20), -33, "x", "entry_not_reported")]


def test_a_balance_that_is_wrong_once_is_told_from_a_missing_entry(con):
    rows, counts = by_hand(con, ROWS, [*TRUE[:2], (20, 550), *TRUE[3:]])
    assert named(rows) == [(day(20), 100, None, "wrong_balance")]
    assert counts == Agreement(5, 4, 1, 0)


def test_an_entry_booked_late_is_named(con):
    rows = [*without("h"), entry("h", 25, "grant", 70)]
    found, _ = by_hand(con, rows, TRUE)
    assert named(found) == [(day(20), 70, "h", "late_entry")]


def test_an_expiry_that_the_system_did_not_make_is_told(con):
    rows, _ = by_hand(
        con, [entry("g", 0, "grant", 500)], [(0, 500), (9, 500), (12, 500), (15, 500)],
        expiry={"policy": "fixed", "days": 10},
    )  # fmt: skip
    assert named(rows) == [(day(12), 500, None, "expiry_not_reported")]


def test_after_the_last_report_it_stays_open_which_is_wrong(con):
    rows, _ = by_hand(con, ROWS, [*TRUE[:-1], (40, 400)])
    assert named(rows) == [(day(40), 10, "w", "entry_not_reported")]
    rows, _ = by_hand(con, ROWS, [*TRUE[:-1], (40, 391)])
    assert named(rows) == [(day(40), 1, None, "last_report")]


@pytest.fixture(scope="module")
def tills():
    """Entries of a simulated till, and its balance after the last entry of every second."""
    kept = programmes(1)
    entries = entries_of(kept)
    everything = kept.entries.filter(pc.equal(kept.entries["source"], "pos"))
    own = entries.filter(pc.equal(entries["source"], "pos"))
    rows = everything.select(["source", "source_id", "account", "occurred_at", "balance"])
    shown = rows.group_by(["source", "source_id", "account", "occurred_at"], use_threads=False)
    reports = shown.aggregate([("balance", "last")]).rename_columns(
        ["source", "source_id", "account", "as_of", "balance"]
    )
    return own.append_column("order_id", pa.nulls(len(own), pa.string())), reports


def test_the_tills_balances_reconcile(con, tills):
    rows, counts = reconciled(con, *tills)
    assert (rows, counts.agreeing) == ([], len(tills[1]))


def test_errors_planted_into_a_tills_data_are_each_found(con, tills):
    entries, reports = tills
    sized = entries.filter(pc.greater(entries["points"], 5))
    busy = sized.group_by("account").aggregate([("points", "count")])
    accounts = sorted(busy.filter(pc.greater(busy["points_count"], 6))["account"].to_pylist())[:3]
    picked = [
        sized.filter(pc.and_(pc.equal(sized["account"], account), pc.equal(sized["kind"], "grant")))
        .sort_by("occurred_at").slice(1, 1).to_pylist()[0]
        for account in accounts
    ]  # fmt: skip
    gone, twice, moment = picked
    spoiled = entries.filter(pc.not_equal(entries["entry_id"], gone["entry_id"]))
    twin = pa.Table.from_pylist([{**twice, "entry_id": "zz-twin"}], schema=spoiled.schema)
    spoiled = pa.concat_tables([spoiled, twin])
    off = pc.and_(pc.equal(reports["account"], moment["account"]),
                  pc.equal(reports["as_of"], moment["occurred_at"]))  # fmt: skip
    wrong = pc.add(reports["balance"], pc.if_else(off, 1_234, 0))
    shown = reports.set_column(4, "balance", wrong)

    rows, _ = reconciled(con, spoiled, shown)
    first = {row["account"]: row for row in reversed(rows)}
    assert set(first) == set(accounts)
    assert [(first[a]["change"], first[a]["suspect_entry_id"], first[a]["reason"])
            for a in accounts] == [
        (gone["points"], None, "missing_entry"),
        (-twice["points"], "zz-twin", "doubled_entry"),
        (1_234, None, "wrong_balance"),
    ]  # fmt: skip
    assert [first[a]["as_of"] for a in accounts] == [row["occurred_at"] for row in picked]
