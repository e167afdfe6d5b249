"""Random ledgers: lot by lot what the slow reference says, whatever the order of the rows."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.points.handmade import day, entry
from tests.points.reference import reference_ledger

END = 60
POLICIES = (
    {"policy": "fixed", "months": 1},
    {"policy": "fixed", "days": 25},
    {"policy": "sliding", "months": 1},
    {"policy": "sliding", "days": 12},
    {"policy": "fiscal_year_end", "month": 1},
    {"policy": "none"},
)
KINDS = (
    "grant",
    "grant",
    "grant",
    "use",
    "use",
    "expire",
    "adjust",
    "cancel",
    "cancel",
    "transfer",
)
days = st.integers(0, END + 5)


@st.composite
def ledgers(draw):
    rows = []
    for i in range(draw(st.integers(1, 30))):
        kind, at = draw(st.sampled_from(KINDS)), draw(days)
        account, points = draw(st.sampled_from("AAABC")), draw(st.integers(1, 9))
        entry_id = f"{draw(st.integers(0, 9))}{i:02}"
        if kind == "expire" and account != "C":
            kind = "use"
        more = {}
        if kind in ("grant", "cancel", "adjust") and draw(st.booleans()):
            more["expires"] = at + draw(st.integers(1, 40))
        if kind == "grant" and draw(st.integers(0, 3)) == 0:
            more["available"] = at + draw(st.integers(0, 20))
        if kind == "cancel":
            more["reverses"] = draw(st.sampled_from([r["entry_id"] for r in rows] or ["none"]))
            account = next((r["account"] for r in rows if r["entry_id"] == more["reverses"]), "A")
        if kind == "adjust" and draw(st.booleans()):
            points = -points
        if kind == "transfer":
            other = draw(st.sampled_from([a for a in "ABC" if a != account]))
            more["transfer"] = f"t{i}"
            rows.append(entry(f"{entry_id}in", at, kind, points, account=other, **more))
            points = -points
        rows.append(entry(entry_id, at, kind, points, account=account, **more))
    return rows


@settings(
    max_examples=40,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    rows=ledgers(),
    shuffled=st.randoms(use_true_random=False),
    consumption=st.sampled_from(["nearest_expiry", "fifo", "limited_first"]),
    policy=st.sampled_from(POLICIES),
)
def test_random_ledgers_equal_the_slow_reference(ledger_of, rows, shuffled, consumption, policy):
    expected, debt = reference_ledger(rows, day(END), consumption, policy)
    mixed = rows + rows[::3]
    shuffled.shuffle(mixed)

    ledger = ledger_of(mixed, END, consumption=consumption, expiry=policy)
    lots = ledger.lots.union(ledger.pending).to_pyarrow().to_pylist()
    parts = ("granted", "used", "expired", "cancelled", "transferred", "remaining")

    def place(lot):
        name, _, part = lot["lot_id"].removeprefix("shop:").partition("/")
        return name, int(part or 0)

    found = [
        (place(lot)[0], *(lot[f"points_{part}"] for part in parts))
        for lot in sorted(lots, key=place)
    ]
    assert found == expected
    assert all(lot[1] == sum(lot[2:]) for lot in found)
    balances = ledger.balances.to_pyarrow().to_pylist()
    assert {row["account"]: row["debt"] for row in balances if row["debt"]} == {
        account: owed for account, owed in debt.items() if owed
    }
