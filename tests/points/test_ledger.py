"""Worked cases of the ledger, to the point."""

from __future__ import annotations

import pytest
from tests.points.handmade import day, entry

from joren.points import ledger as ledgers

GRANTS = [entry("g1", 0, "grant", 500, expires=365), entry("g2", 10, "grant", 300, expires=40)]


def lots(ledger):
    """lot → used, expired, cancelled, transferred, remaining."""
    rows = ledger.lots.order_by("lot_id").to_pyarrow().to_pylist()
    parts = ("used", "expired", "cancelled", "transferred", "remaining")
    for row in rows:
        assert row["points_granted"] == sum(row[f"points_{part}"] for part in parts)
    return {
        row["lot_id"].removeprefix("shop:"): tuple(row[f"points_{part}"] for part in parts)
        for row in rows
    }


def balances(ledger):
    rows = ledger.balances.to_pyarrow().to_pylist()
    return {row["account"]: (row["balance"], row["debt"]) for row in rows}


@pytest.mark.parametrize(
    ("consumption", "balance", "expired"),
    [("nearest_expiry", 400, 0), ("fifo", 100, 300)],
)
def test_the_worked_case(ledger_of, consumption, balance, expired):
    rows = [*GRANTS, entry("u", 20, "use", 400)]
    ledger = ledger_of(rows, 45, consumption=consumption)
    assert balances(ledger) == {"A": (balance, 0)}
    assert sum(lot[1] for lot in lots(ledger).values()) == expired


def test_limited_time_points_go_before_ordinary_ones_that_lapse_earlier(ledger_of):
    rows = [
        entry("ordinary", 0, "grant", 100),
        entry("limited", 0, "grant", 100, expires=900),
        entry("u", 1, "use", 100),
    ]
    ledger = ledger_of(rows, 2, consumption="limited_first")
    assert lots(ledger) == {"limited": (100, 0, 0, 0, 0), "ordinary": (0, 0, 0, 0, 100)}


def test_points_granted_in_the_second_of_a_use_are_used(ledger_of):
    ledger = ledger_of([entry("a", 5, "use", 100), entry("b", 5, "grant", 100)], 6)
    assert lots(ledger) == {"b": (100, 0, 0, 0, 0)}
    assert balances(ledger) == {"A": (0, 0)}


def test_points_are_gone_at_the_very_second_they_expire(ledger_of):
    rows = [entry("g", 0, "grant", 100, expires=10), entry("u", 10, "use", 100)]
    assert balances(ledger_of(rows, 10)) == {"A": (-100, 100)}
    rows[1] = entry("u", 10 - 1 / 86_400, "use", 100)
    assert balances(ledger_of(rows, 10)) == {"A": (0, 0)}


def test_an_overdraft_is_debt_that_later_grants_pay(ledger_of):
    rows = [entry("u", 1, "use", 300), entry("g1", 2, "grant", 200), entry("g2", 3, "grant", 200)]
    assert balances(ledger_of(rows, 2)) == {"A": (-100, 100)}
    assert lots(ledger_of(rows, 3)) == {"g1": (200, 0, 0, 0, 0), "g2": (100, 0, 0, 0, 100)}


def test_a_late_and_doubled_entry_counts_once_where_it_happened(ledger_of):
    rows = [*GRANTS[::-1], entry("u", 20, "use", 400), *GRANTS, entry("u", 20, "use", 400)]
    assert lots(ledger_of(rows, 45)) == {"g1": (100, 0, 0, 0, 400), "g2": (300, 0, 0, 0, 0)}


def test_an_id_told_twice_counts_once_and_another_sources_is_another(ledger_of):
    rows = [
        entry("1", 0, "grant", 500),
        entry("1", 0, "grant", 70, account="B") | {"source": "web"},
        entry("2", 1, "use", 100),
        entry("1", 0, "grant", 500),
        entry("2", 1, "use", 100, account="C"),
    ]
    ledger = ledger_of(rows, 2)
    assert balances(ledger) == {"A": (400, 0), "B": (70, 0)}
    rows.append(entry("c", 2, "cancel", 100, reverses="2"))
    assert balances(ledger_of(rows, 2)) == {"A": (500, 0), "B": (70, 0)}


def test_accounts_decided_in_many_parts_come_to_the_same_as_in_one(ledger_of, monkeypatch):
    def found():
        ledger = ledger_of(rows, 45)
        flows = ledger.flows.order_by(ledger.flows.columns).to_pyarrow().to_pylist()
        return lots(ledger), balances(ledger), flows

    said = [("g", 0, "grant"), ("h", 9, "grant"), ("u", 20, "use")]
    rows = [
        entry(f"{name}{account}", at, kind, 10 * account + at, account=str(account), expires=40)
        for account in range(9)
        for name, at, kind in said
    ]
    rows += [entry("out", 5, "transfer", -50, account="3", transfer="t"),
             entry("in", 5, "transfer", 50, account="4", transfer="t")]  # fmt: skip
    in_one = found()
    monkeypatch.setattr(ledgers, "PART", 4)
    assert found() == in_one
    assert len(in_one[1]) == 9


def test_clawback_after_use_takes_other_points_then_becomes_debt(ledger_of):
    rows = [
        entry("g1", 0, "grant", 500),
        entry("u", 1, "use", 400),
        entry("g2", 2, "grant", 250),
        entry("c", 3, "cancel", 500, reverses="g1"),
    ]
    ledger = ledger_of(rows, 4)
    assert lots(ledger) == {"g1": (400, 0, 100, 0, 0), "g2": (250, 0, 0, 0, 0)}
    assert balances(ledger) == {"A": (-150, 150)}
    rows.append(entry("g3", 5, "grant", 200))
    assert balances(ledger_of(rows, 5)) == {"A": (50, 0)}


def test_a_grant_is_cancelled_in_parts(ledger_of):
    rows = [
        entry("g", 0, "grant", 500),
        entry("c1", 1, "cancel", 100, reverses="g"),
        entry("c2", 2, "cancel", 150, reverses="g"),
    ]
    assert lots(ledger_of(rows, 3)) == {"g": (0, 0, 250, 0, 250)}


def test_refunded_points_return_to_their_lots_and_lapse_with_them(ledger_of):
    rows = [*GRANTS, entry("u", 20, "use", 400), entry("c", 50, "cancel", 350, reverses="u")]
    ledger = ledger_of(rows, 50)
    assert lots(ledger) == {"g1": (0, 0, 0, 0, 500), "g2": (50, 250, 0, 0, 0)}
    rows[-1] = entry("c", 30, "cancel", 350, reverses="u")
    assert lots(ledger_of(rows, 30)) == {"g1": (0, 0, 0, 0, 500), "g2": (50, 0, 0, 0, 250)}


def test_a_refund_that_states_an_expiry_is_a_lot_of_its_own(ledger_of):
    rows = [*GRANTS, entry("u", 20, "use", 300)]
    rows.append(entry("c", 50, "cancel", 300, reverses="u", expires=90))
    assert lots(ledger_of(rows, 50))["c"] == (0, 0, 0, 0, 300)


def test_moved_points_keep_their_expiry(ledger_of):
    rows = [
        *GRANTS,
        entry("in", 20, "transfer", 400, account="B", transfer="t"),
        entry("out", 20, "transfer", -400, transfer="t"),
    ]
    ledger = ledger_of(rows, 45)
    assert lots(ledger) == {
        "g1": (0, 0, 0, 100, 400), "g2": (0, 0, 0, 300, 0),
        "in": (0, 300, 0, 0, 0), "in/1": (0, 0, 0, 0, 100),
    }  # fmt: skip
    assert balances(ledger) == {"A": (400, 0), "B": (100, 0)}


def test_points_wait_until_they_are_available(ledger_of):
    rows = [entry("g", 0, "grant", 300, available=14), entry("u", 10, "use", 100)]
    early = ledger_of(rows, 12)
    assert balances(early) == {"A": (-100, 100)}
    assert early.pending.points_remaining.sum().execute() == 300
    assert lots(ledger_of(rows, 14)) == {"g": (100, 0, 0, 0, 200)}
    rows[1] = entry("c", 10, "cancel", 300, reverses="g")
    assert lots(ledger_of(rows, 14)) == {"g": (0, 0, 300, 0, 0)}


def test_where_the_source_tells_expiries_the_rule_is_off(ledger_of):
    rows = [entry("g", 0, "grant", 300, expires=10), entry("e", 12, "expire", 200)]
    assert lots(ledger_of(rows, 30)) == {"g": (0, 200, 0, 0, 100)}


def test_adjustments_are_signed(ledger_of):
    rows = [entry("a", 0, "adjust", 300), entry("b", 1, "adjust", -120)]
    assert lots(ledger_of(rows, 2)) == {"a": (120, 0, 0, 0, 180)}


def test_a_cancellation_of_nothing_known_is_shown_not_guessed(ledger_of):
    rows = [entry("g", 0, "grant", 300), entry("c", 1, "cancel", 50, reverses="elsewhere")]
    ledger = ledger_of(rows, 2)
    assert balances(ledger) == {"A": (300, 0)}
    assert ledger.unplaced.entry_id.execute().tolist() == ["c"]


def test_balances_say_what_lapses_next(ledger_of):
    row = ledger_of(GRANTS, 20).balances.to_pyarrow().to_pylist()[0]
    assert (row["balance"], row["expiring_next"], row["expires_next_at"]) == (800, 300, day(40))
