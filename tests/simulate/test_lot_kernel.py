"""The one pass over point accounts, against the published case and a slow reference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from joren.simulate.lot_kernel import Act, Kept, keep_lots

NEVER = 10**9


def keep(events: list[tuple], end: int) -> Kept:
    """Run (account, at, act, points, expires, ref) tuples."""
    return keep_lots(*np.array(events, dtype=np.int64).reshape(-1, 6).T, end)


def states(kept: Kept) -> list[tuple[int, ...]]:
    """(granted, used, expired, cancelled, transferred, remaining) of every lot."""
    return list(zip(*(column.tolist() for column in kept[6:12]), strict=True))


def test_the_nearest_expiry_is_used_first_in_the_worked_case():
    kept = keep([(0, 0, Act.GRANT, 500, 365, -1), (0, 10, Act.GRANT, 300, 40, -1),
                 (0, 20, Act.SPEND, 400, 0, -1)], end=45)  # fmt: skip

    assert states(kept) == [(500, 100, 0, 0, 0, 400), (300, 300, 0, 0, 0, 0)]
    assert kept.after.tolist() == [500, 800, 400]
    assert kept.expiry_points.tolist() == []


def test_a_lot_is_gone_at_the_moment_it_expires_and_not_before():
    kept = keep([(0, 0, Act.GRANT, 250, 40, -1), (0, 39, Act.SPEND, 100, 0, -1),
                 (0, 40, Act.SPEND, 100, 0, -1)], end=100)  # fmt: skip

    assert kept.moved.tolist() == [250, 100, 0]
    assert (kept.expiry_at.tolist(), kept.expiry_points.tolist()) == ([40], [150])


def test_lots_that_expire_together_make_one_expiry():
    kept = keep([(0, 0, Act.GRANT, 70, 40, -1), (0, 5, Act.GRANT, 30, 40, -1)], end=40)

    assert kept.expiry_points.tolist() == [100]
    assert kept.expiry_after.tolist() == [0]


def test_spending_takes_whole_hundreds_and_nothing_below_one_hundred():
    kept = keep([(0, 0, Act.GRANT, 350, NEVER, -1), (0, 1, Act.SPEND, 990, 0, -1),
                 (0, 2, Act.SPEND, 990, 0, -1)], end=10)  # fmt: skip

    assert kept.moved.tolist() == [350, 300, 0]


def test_what_no_lot_covers_is_paid_by_the_next_lot():
    kept = keep([(0, 0, Act.GRANT, 40, NEVER, -1), (0, 1, Act.TAKE, 100, 0, -1),
                 (0, 2, Act.GRANT, 90, NEVER, -1)], end=10)  # fmt: skip

    assert kept.after.tolist() == [40, -60, 30]
    assert states(kept) == [(40, 40, 0, 0, 0, 0), (90, 60, 0, 0, 0, 30)]


def test_a_correction_takes_no_more_than_the_balance():
    kept = keep([(0, 0, Act.GRANT, 40, NEVER, -1), (0, 1, Act.CORRECT, 100, 0, -1)], end=10)

    assert kept.moved.tolist() == [40, 40]
    assert kept.after.tolist() == [40, 0]


def test_cancelling_a_used_grant_takes_the_used_part_from_other_lots():
    kept = keep([(0, 0, Act.GRANT, 100, 50, -1), (0, 0, Act.GRANT, 80, 60, -1),
                 (0, 1, Act.SPEND, 100, 0, -1), (0, 2, Act.CANCEL, 100, 0, 0)], end=10)  # fmt: skip

    assert states(kept) == [(100, 100, 0, 0, 0, 0), (80, 80, 0, 0, 0, 0)]
    assert kept.after.tolist()[-1] == -20


def test_cancelling_an_unused_grant_leaves_other_lots_alone():
    kept = keep([(0, 0, Act.GRANT, 100, 50, -1), (0, 0, Act.GRANT, 80, 60, -1),
                 (0, 2, Act.CANCEL, 30, 0, 1)], end=10)  # fmt: skip

    assert states(kept) == [(100, 0, 0, 0, 0, 100), (80, 0, 0, 30, 0, 50)]


def test_lots_keep_their_expiry_when_they_move_to_another_account():
    kept = keep([(0, 0, Act.GRANT, 100, 50, -1), (0, 0, Act.GRANT, 80, 60, -1),
                 (0, 9, Act.MOVE_OUT, 0, 0, -1), (1, 9, Act.MOVE_IN, 0, 0, -1)],
                end=55)  # fmt: skip

    assert kept.lot_origin.tolist() == [-1, -1, 0, 1]
    assert states(kept)[2:] == [(100, 0, 100, 0, 0, 0), (80, 0, 0, 0, 0, 80)]
    assert kept.expiry_account.tolist() == [1]


def test_unsorted_events_are_refused():
    with pytest.raises(ValueError, match="sorted"):
        keep([(0, 5, Act.GRANT, 1, 9, -1), (0, 4, Act.GRANT, 1, 9, -1)], end=10)


def test_lots_are_moved_once_only():
    with pytest.raises(ValueError, match="pass them on"):
        keep([(1, 5, Act.MOVE_IN, 0, 0, -1), (1, 6, Act.MOVE_OUT, 0, 0, -1)], end=10)


@st.composite
def histories(draw) -> list[tuple]:
    """Events of three accounts; what is left on the first may move to the second."""
    events = []
    for account in range(3):
        moments = sorted(draw(st.lists(st.integers(0, 30), max_size=12)))
        first = len(events)
        for at in moments:
            made = [i for i in range(first, len(events)) if events[i][2] == Act.GRANT]
            spent = [i for i in range(first, len(events)) if events[i][2] == Act.SPEND]
            acts = [Act.GRANT, Act.GRANT, Act.SPEND, Act.TAKE, Act.CORRECT, Act.LOOK]
            acts += [Act.CANCEL] * bool(made) + [Act.GIVE_BACK] * bool(spent)
            act = draw(st.sampled_from(acts))
            ref = -1
            if act in (Act.CANCEL, Act.GIVE_BACK):
                ref = draw(st.sampled_from(made if act == Act.CANCEL else spent))
            points = draw(st.integers(0, 400))
            if act == Act.CANCEL:
                points = min(points, events[ref][3])
            expires = at + draw(st.integers(1, 20))
            events.append((account, at, act, points, expires, ref))
        if account == 0:
            events.append((0, 30, Act.MOVE_OUT, 0, 0, -1))
    receives = next((i for i, e in enumerate(events) if (e[0], e[1]) > (1, 30)), len(events))
    events.insert(receives, (1, 30, Act.MOVE_IN, 0, 0, -1))
    return [
        (a, at, act, points, expires, ref + 1 if ref >= receives else ref)
        for a, at, act, points, expires, ref in events
    ]


@settings(max_examples=200, deadline=None)
@given(histories(), st.integers(30, 60))
def test_the_pass_equals_a_slow_reference_that_looks_at_every_moment(events, end):
    kept = keep(events, end)
    moved, after, lots, expiries = reference(events, end)

    assert kept.moved.tolist() == moved
    assert kept.after.tolist() == after
    assert list(zip(kept.lot_event.tolist(), states(kept), strict=True)) == lots
    found = zip(*(column.tolist() for column in kept[12:15]), strict=True)
    assert sorted(found) == sorted(expiries)


def reference(events: list[tuple], end: int) -> tuple[list, list, list, list]:
    """The same by looking through all lots of all accounts at every moment."""
    lots: list[dict] = []
    debts = dict.fromkeys(range(3), 0)
    moved, after, expiries = [0] * len(events), [0] * len(events), []

    def alive(account):
        held = [lot for lot in lots if lot["account"] == account and lot["remaining"] > 0]
        return sorted(held, key=lambda lot: lot["expires"])

    def balance(account):
        return sum(lot["remaining"] for lot in alive(account)) - debts[account]

    def add(account, event, expires, size):
        if size > 0:
            paid = min(debts[account], size)
            debts[account] -= paid
            parts = {"used": paid, "expired": 0, "cancelled": 0, "transferred": 0}
            made = {"account": account, "event": event, "expires": expires, "granted": size}
            lots.append({**made, **parts, "remaining": size - paid})

    def take(account, size):
        for lot in alive(account):
            part = min(size, lot["remaining"])
            lot["used"] += part
            lot["remaining"] -= part
            size -= part
        debts[account] += size

    for moment in range(end + 1):
        for account in range(3):
            lost = [lot for lot in alive(account) if lot["expires"] <= moment]
            if lost:
                expiries.append((account, moment, sum(lot["remaining"] for lot in lost)))
            for lot in lost:
                lot["expired"], lot["remaining"] = lot["remaining"], 0
        for i, (account, at, act, points, expires, ref) in enumerate(events):
            if at != moment:
                continue
            held = max(balance(account), 0)
            if act in (Act.GRANT, Act.GIVE_BACK):
                moved[i] = points if act == Act.GRANT else moved[ref]
                add(account, i, expires, moved[i])
            elif act == Act.SPEND:
                moved[i] = min(points, held) // 100 * 100
                take(account, moved[i])
            elif act in (Act.TAKE, Act.CORRECT):
                moved[i] = points if act == Act.TAKE else min(points, held)
                take(account, moved[i])
            elif act == Act.CANCEL:
                moved[i] = points
                whole = 0
                for lot in lots:
                    if lot["event"] == ref:
                        whole = min(points, lot["remaining"])
                        lot["cancelled"] += whole
                        lot["remaining"] -= whole
                take(account, points - whole)
            elif act == Act.MOVE_OUT:
                going = alive(account)
                moved[i] = sum(lot["remaining"] for lot in going)
                for lot in going:
                    lot["transferred"], lot["remaining"] = lot["remaining"], 0
            elif act == Act.MOVE_IN:
                for lot in going:
                    moved[i] += lot["transferred"]
                    add(account, i, lot["expires"], lot["transferred"])
            after[i] = balance(account)
    order = ("granted", "used", "expired", "cancelled", "transferred", "remaining")
    # the pass makes lots account by account, the reference moment by moment
    made = sorted(lots, key=lambda lot: lot["event"])
    return moved, after, [(lot["event"], tuple(lot[o] for o in order)) for lot in made], expiries
