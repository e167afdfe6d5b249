"""The two point programmes: what the exports will tell, and the truth behind it."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from joren.simulate.accounts import Accounts
from joren.simulate.campaigns import CAMPAIGNS
from joren.simulate.ledger import Ledger, keep_ledger
from joren.simulate.world import END, START, World

MOMENT = pa.timestamp("us")
POINTS_CAMPAIGN = next(c for c in CAMPAIGNS if c.points)
DAY = timedelta(days=1)


def order(no: int, system: str, account: str | None, at: datetime, amount: int,
          status: str = "valid", refund_of: int | None = None) -> dict:  # fmt: skip
    return {
        "order_no": no, "person_id": 1, "system": system, "ordered_at": at, "amount": amount,
        "status": status, "refund_of": refund_of, "account": account,
    }  # fmt: skip


def ledger(
    orders: list[dict], holders: dict[str, tuple[str, int]], arms: dict[int, str] | None = None,
    opened: dict[str, datetime] | None = None, seed: int = 1,
) -> Ledger:  # fmt: skip
    """Keep the ledger of orders; `holders` maps account → (system, person)."""
    table = pa.Table.from_pylist(
        [{k: v for k, v in row.items() if k != "account"} for row in orders],
        pa.schema({"order_no": pa.int64(), "person_id": pa.int64(), "system": pa.string(),
                   "ordered_at": MOMENT, "amount": pa.int64(), "status": pa.string(),
                   "refund_of": pa.int64()}),
    )  # fmt: skip
    numbers = pa.table({
        "order_no": pa.array([row["order_no"] for row in orders], pa.int64()),
        "order_id": pa.array([f"T{row['order_no']}" for row in orders], pa.string()),
        "source_id": pa.array([row["account"] for row in orders], pa.string()),
    })  # fmt: skip
    accounts = pa.table({
        "system": [system for system, _ in holders.values()],
        "source_id": list(holders),
        "person_id": [person for _, person in holders.values()],
        "opened_at": pa.array([(opened or {}).get(name, START) for name in holders], MOMENT),
    })  # fmt: skip
    assignments = pa.table({
        "person_id": pa.array(list(arms or {}), pa.int64()),
        "campaign_id": pa.array([POINTS_CAMPAIGN.campaign_id] * len(arms or {}), pa.string()),
        "arm": pa.array(list((arms or {}).values()), pa.string()),
    })  # fmt: skip
    behaviour = SimpleNamespace(orders=table, assignments=assignments)
    return keep_ledger(World(500, seed), 0, behaviour, Accounts(accounts, pa.table({}), numbers))


def rows(table: pa.Table, *columns: str) -> list[tuple]:
    return [tuple(row[c] for c in columns) for row in table.to_pylist()]


def test_a_sale_grants_a_point_for_every_full_100_yen():
    kept = ledger([order(7, "pos", "1", END - DAY, 1_599)], {"1": ("pos", 1)})

    columns = ("entry_id", "kind", "points", "order_id", "expires_at", "balance")
    assert rows(kept.entries, *columns) == [("T7:grant", "grant", 15, "T7", None, 15)]
    assert rows(kept.lots, "lot", "granted", "remaining", "expires_at") == [
        ("T7:grant", 15, 15, END - DAY + 365 * DAY)
    ]


def test_a_sale_without_card_is_in_no_ledger():
    kept = ledger([order(7, "pos", None, START, 9_000)], {"1": ("pos", 1)})

    assert kept.entries.num_rows == kept.orders.num_rows == kept.lots.num_rows == 0


def test_a_cancelled_sale_shows_points_that_no_ledger_holds():
    kept = ledger([order(7, "pos", "1", START, 1_599, "cancelled")], {"1": ("pos", 1)})

    assert kept.entries.num_rows == 0
    assert rows(kept.orders, "points_granted", "balance") == [(15, 0)]


def test_a_return_takes_back_its_points_as_a_negative_adjustment():
    at = END - 9 * DAY
    kept = ledger(
        [order(7, "pos", "1", at, 2_000), order(8, "pos", "1", at + DAY, -2_000, refund_of=7)],
        {"1": ("pos", 1)},
    )

    assert rows(kept.entries, "entry_id", "kind", "points", "balance") == [
        ("T7:grant", "grant", 20, 20), ("T8:grant", "adjust", -20, 0),
    ]  # fmt: skip
    assert rows(kept.orders, "points_granted") == [(20,), (-20,)]


def test_a_return_after_the_points_are_spent_leaves_a_debt():
    orders = [order(1, "pos", "1", END - 40 * DAY, 40_000)]
    orders += [order(n, "pos", "1", END - (40 - n) * DAY, 500) for n in range(2, 30)]
    orders += [order(99, "pos", "1", END - DAY, -40_000, refund_of=1)]
    kept = ledger(orders, {"1": ("pos", 1)})

    used = sum(-p if k == "adjust" and p > 0 else p if k == "use" else 0
               for k, p in rows(kept.entries, "kind", "points"))  # fmt: skip
    assert used > 140  # 400 granted by the first sale, 5 by each of the 28 others
    assert rows(kept.balances, "balance", "debt") == [(140 - used, used - 140)]
    assert sum(n for (n,) in rows(kept.lots, "remaining")) == 0


def test_points_of_the_till_expire_to_the_second_after_a_year_by_a_transaction_of_their_own():
    at = datetime(2024, 5, 1, 10, 20, 30)
    kept = ledger([order(7, "pos", "1", at, 1_500)], {"1": ("pos", 1)})

    gone = kept.entries.to_pylist()[1]
    assert (gone["kind"], gone["points"]) == ("expire", 15)
    assert gone["occurred_at"] == datetime(2025, 5, 1, 10, 20, 30)
    assert gone["entry_id"].isdigit()
    assert gone["order_id"] is None


def test_web_points_are_valid_to_the_end_of_their_last_day():
    kept = ledger([order(7, "web", "W1", datetime(2024, 5, 1, 23, 0), 1_500)], {"W1": ("web", 1)})

    over = datetime(2024, 10, 29)  # 28 October is the 180th day after 1 May
    columns = ("kind", "occurred_at", "expires_at")
    assert rows(kept.entries, *columns) == [
        ("grant", datetime(2024, 5, 1, 23, 0), over), ("expire", over, None),
    ]  # fmt: skip


def test_a_cancelled_web_order_cancels_its_grant():
    kept = ledger([order(7, "web", "W1", START, 5_000, "cancelled")], {"W1": ("web", 1)})

    grant, undone = kept.entries.to_pylist()
    assert (undone["kind"], undone["points"]) == ("cancel", 50)
    assert undone["reverses_entry_id"] == grant["entry_id"]
    assert rows(kept.lots, "granted", "cancelled", "remaining") == [(50, 50, 0)]


def test_a_pending_web_order_grants_nothing_yet():
    kept = ledger([order(7, "web", "W1", END - DAY, 5_000, "pending")], {"W1": ("web", 1)})

    assert kept.entries.num_rows == 0


def test_campaign_points_reach_the_treated_only_and_end_earlier():
    kept = ledger([], {"1": ("pos", 1), "2": ("pos", 2)}, {1: "treatment", 2: "control"})

    granted = rows(kept.entries, "source_id", "kind", "points")[0]
    assert granted == ("1", "grant", POINTS_CAMPAIGN.points)
    lot = kept.lots.to_pylist()[0]
    assert lot["expires_at"] - lot["granted_at"] < 90 * DAY
    assert lot["expiry_known"] is False


def test_campaign_points_go_to_the_newest_card_and_to_the_web_without_card():
    start = datetime.combine(POINTS_CAMPAIGN.starts_on, datetime.min.time())
    kept = ledger(
        [],
        {"1": ("pos", 1), "2": ("pos", 1), "3": ("pos", 1), "W1": ("web", 1), "W2": ("web", 2)},
        {1: "treatment", 2: "treatment"},
        {"2": start - DAY, "3": start + DAY},
    )

    granted = [row for row in kept.entries.to_pylist() if row["kind"] == "grant"]
    assert [(row["source_id"], row["campaign_id"]) for row in granted] == [
        ("2", None), ("W2", POINTS_CAMPAIGN.campaign_id),
    ]  # fmt: skip


def crowd(seed: int, people: int = 150) -> Ledger:
    """People with a card and one or two web accounts, big spenders so that points are used."""
    rng = np.random.default_rng(seed)
    holders = {f"1{p:03d}": ("pos", p) for p in range(1, people + 1)}
    holders |= {f"W{p:03d}": ("web", p) for p in range(1, people + 1)}
    second = {f"V{p:03d}": ("web", p) for p in range(1, 60)}
    opened = dict.fromkeys(second, START + 200 * DAY)
    orders, last = [], int((END - START).total_seconds()) - 1
    for no in range(1, people * 16):
        person = int(rng.integers(1, people + 1))
        at = START + timedelta(seconds=int(rng.integers(0, last)))
        system = "pos" if rng.random() < 0.5 else "web"
        account = f"1{person:03d}" if system == "pos" else f"W{person:03d}"
        if system == "web" and person < 60 and at > START + 200 * DAY:
            account = f"V{person:03d}"
        others = ["cancelled"] if system == "pos" else ["cancelled", "returned", "pending"]
        status = rng.choice(["valid", *others], p=[0.85, *[0.15 / len(others)] * len(others)])
        made = order(no, system, account, at, int(rng.integers(1_000, 40_000)), str(status))
        orders.append(made)
        if system == "pos" and status == "valid" and rng.random() < 0.1 and at < END - 9 * DAY:
            back = -made["amount"] if rng.random() < 0.7 else -made["amount"] // 2
            orders.append(order(1_000_000 + no, "pos", account, at + 9 * DAY, back, refund_of=no))
    return ledger(orders, holders | second, dict.fromkeys(range(1, 50), "treatment"), opened, seed)


@pytest.fixture(scope="module")
def many() -> Ledger:
    return crowd(3)


def test_every_kind_of_entry_occurs(many: Ledger):
    kinds = {(row["source"], row["kind"]) for row in many.entries.to_pylist()}

    assert kinds == {
        *(("pos", kind) for kind in ("grant", "use", "adjust", "expire")),
        *(("web", kind) for kind in ("grant", "use", "adjust", "expire", "cancel", "transfer")),
    }


def test_entry_ids_are_unique_and_the_balance_follows_from_the_entries(many: Ledger):
    entries = many.entries.to_pylist()
    totals: dict[tuple, int] = {}
    for row in entries:
        key = (row["source"], row["source_id"])
        takes = row["kind"] in ("use", "expire", "cancel")
        totals[key] = totals.get(key, 0) + (-row["points"] if takes else row["points"])
        assert row["balance"] == totals[key]

    assert len({row["entry_id"] for row in entries}) == len(entries)
    assert {
        (s, a): b for s, a, b in rows(many.balances, "system", "source_id", "balance")
    } == totals


def test_lots_conserve_points(many: Ledger):
    for lot in many.lots.to_pylist():
        parts = ("used", "expired", "cancelled", "transferred", "remaining")
        assert lot["granted"] == sum(lot[part] for part in parts)


def test_the_exported_entries_alone_give_the_same_lots(many: Ledger):
    """Replays what the files tell: entries, the web's expiries and the card's house rule."""
    known = {}
    for lot in many.lots.to_pylist():
        key = (lot["system"], lot["source_id"])
        known[key] = known.get(key, True) and lot["expiry_known"]
    parts = ("granted", "used", "expired", "cancelled", "transferred", "remaining")
    truth = {
        lot["lot"]: tuple(lot[part] for part in parts)
        for lot in many.lots.to_pylist()
        if known[lot["system"], lot["source_id"]]
    }

    assert sum(known.values()) > 200
    assert {k: v for k, v in replay(many.entries.to_pylist()).items() if k in truth} == truth


def replay(entries: list[dict]) -> dict[str, tuple[int, ...]]:
    lots: dict[str, dict] = {}
    debts: dict[str, int] = {}

    def take(row, size, what):
        held = [lot for lot in lots.values() if lot["account"] == row["source_id"]]
        for lot in sorted(held, key=lambda lot: lot["until"]):
            part = min(size, lot["remaining"])
            lot[what] += part
            lot["remaining"] -= part
            size -= part
        if size:
            debts[row["source_id"]] = debts.get(row["source_id"], 0) + size

    for row in entries:
        adds = row["kind"] == "grant" or (
            row["kind"] in ("adjust", "transfer") and row["points"] > 0
        )
        if adds:
            paid = min(debts.get(row["source_id"], 0), row["points"])
            if paid:
                debts[row["source_id"]] -= paid
            until = row["expires_at"] or row["occurred_at"] + 365 * DAY
            lots[row["entry_id"]] = {
                "account": row["source_id"], "until": until, "granted": row["points"],
                "used": paid, "expired": 0, "cancelled": 0, "transferred": 0,
                "remaining": row["points"] - paid,
            }  # fmt: skip
        elif row["kind"] == "cancel":
            lot = lots[row["reverses_entry_id"]]
            whole = min(row["points"], lot["remaining"])
            lot["cancelled"] += whole
            lot["remaining"] -= whole
            take(row, row["points"] - whole, "used")
        else:
            what = {"expire": "expired", "transfer": "transferred"}.get(row["kind"], "used")
            take(row, abs(row["points"]), what)
    parts = ("granted", "used", "expired", "cancelled", "transferred", "remaining")
    return {entry_id: tuple(lot[part] for part in parts) for entry_id, lot in lots.items()}


def test_moved_points_stand_on_both_sides(many: Ledger):
    moved: dict[str, list[int]] = {}
    for row in many.entries.to_pylist():
        if row["kind"] == "transfer":
            moved.setdefault(row["transfer_id"], []).append(row["points"])

    assert moved
    assert all(len(sides) == 2 and sum(sides) == 0 for sides in moved.values())


def test_points_of_orders_are_those_of_the_entries(many: Ledger):
    entries = {row["entry_id"]: row["points"] for row in many.entries.to_pylist()}
    shown = {f"T{row['order_no']}": row for row in many.orders.to_pylist()}
    derived = {id_: points for id_, points in entries.items() if id_.startswith("T")}

    for entry_id, points in derived.items():
        order_id, side = entry_id.split(":")
        figure = shown[order_id]["points_granted" if side == "grant" else "points_used"]
        assert abs(figure) == abs(points) > 0


def test_only_the_planted_balances_are_wrong(many: Ledger):
    planted = {row["id"] for row in many.planted.to_pylist()}
    told = {
        row["order_id"]: row["balance"]
        for row in many.entries.to_pylist()
        if row["source"] == "pos"
    }
    wrong = {
        f"T{row['order_no']}"
        for row in many.orders.to_pylist()
        if f"T{row['order_no']}" in told and row["balance"] != told[f"T{row['order_no']}"]
    }

    assert len(planted) == 5
    assert wrong == planted


def test_the_same_seed_gives_the_same_ledger_and_another_seed_another():
    one, same, other = crowd(4, 30), crowd(4, 30), crowd(5, 30)

    assert one.entries.equals(same.entries)
    assert one.lots.equals(same.lots)
    assert one.planted.equals(same.planted)
    assert not one.entries.equals(other.entries)
