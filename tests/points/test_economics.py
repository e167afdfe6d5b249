from datetime import datetime

import pytest
from tests.campaigns.handmade import AS_OF, assigned, known, order, plan
from tests.campaigns.test_gather import client

from joren.campaigns.arms import Arms
from joren.campaigns.gather import gather
from joren.campaigns.grants import campaign_grants
from joren.points.economics import (
    ITEMS,
    Economics,
    customer_items,
    doses_of,
    economics,
    lapses,
    redeemed_share,
)
from joren.stats.effects import Estimate
from joren.stats.srm import sample_ratio

CAMPAIGN = plan(kind="points", grants={"treatment": 500}, unit_cost=85.0, fixed_cost=1000.0)
PEOPLE = [f"t{i}" for i in range(8)] + [f"c{i}" for i in range(8)]


def grant(customer: str) -> dict:
    return {
        "source": "shop", "entry_id": f"g-{customer}", "source_id": customer, "account": customer,
        "occurred_at": datetime(2026, 2, 1, 10), "kind": "grant", "points": 500,
    }  # fmt: skip


def lot(name: str, customer: str, used: int = 0, expired: int = 0, left: int = 0, at=None) -> dict:
    return {
        "lot_id": f"shop:{name}", "customer_id": customer, "account": customer,
        "granted_at": datetime(2026, 2, 1, 10), "expires_at": at,
        "points_granted": used + expired + left, "points_used": used, "points_expired": expired,
        "points_cancelled": 0, "points_transferred": 0, "points_remaining": left,
    }  # fmt: skip


@pytest.fixture(scope="module")
def tables():
    """Eight treated with 500 points: four used them, two kept them, two let them lapse."""
    day = datetime(2026, 2, 10)
    spent = [order(f"t{i}", day, amount=2000 + 100 * i) for i in range(6)]
    spent += [order(f"c{i}", day, amount=1000 + 100 * i) for i in range(4)]
    lots = [lot(f"g-t{i}", f"t{i}", used=500) for i in range(4)]
    lots += [lot(f"g-t{i}", f"t{i}", left=500) for i in (4, 5)]
    lots += [lot(f"g-t{i}", f"t{i}", expired=500, at=datetime(2026, 4, 1)) for i in (6, 7)]
    # other points: one treated lets 80 lapse in the campaign's time, one before it
    lots.append(lot("old", "t0", expired=80, at=datetime(2026, 2, 20)))
    lots.append(lot("older", "t1", expired=70, at=datetime(2026, 1, 20)))
    return client(
        [CAMPAIGN],
        assignments=assigned("treatment", *PEOPLE[:8]) + assigned("control", *PEOPLE[8:]),
        identity_map=known(*PEOPLE),
        orders=spent,
        point_entries=[grant(f"t{i}") for i in range(8)],
        point_lots=lots,
    )


@pytest.fixture(scope="module")
def found(tables) -> tuple:
    gathered = gather(tables, ("response_rate", "margin"), 0.5, AS_OF)
    entries, identity = tables("canonical/point_entries"), tables("identity_map")
    lots = tables("point_lots")
    rows = gathered.outcomes
    grants = campaign_grants(entries, identity, rows, [CAMPAIGN]).cache()
    lapsed = lapses(entries, lots, identity)
    plans = {"C1": CAMPAIGN}
    items = customer_items(rows, grants, lots, lapsed, plans, 1.0, 0.25).cache()
    return redeemed_share(grants, lots), items, economics(items, plans, gathered.arms, 0.9)


def test_points_cost_what_was_redeemed_and_a_share_of_what_is_open(found):
    _share, _items, (one,) = found
    assert (one.granted, one.redeemed, one.open_points) == (4000, 2000, 1000)
    assert one.total("redeemed") == Estimate(-2000.0, None, None)
    assert one.total("outstanding").value == -250.0
    assert one.total("contact").value == -8 * 85.0
    assert one.cost == 2000 + 250 + 680 + 1000
    assert one.grade == "A"


def test_margin_is_what_the_treated_bring_beyond_the_hold_out(found):
    _share, _items, (one,) = found
    treated = sum(2000 + 100 * i for i in range(6)) * 0.5 / 8
    held_out = sum(1000 + 100 * i for i in range(4)) * 0.5 / 8
    assert one.each["margin"].value == pytest.approx(treated - held_out)
    assert one.each["margin"].lower < one.each["margin"].value < one.each["margin"].upper


def test_only_others_points_that_lapsed_since_the_start_are_breakage(found):
    _share, _items, (one,) = found
    assert one.total("breakage").value == pytest.approx(80)


def test_items_add_up_to_the_net_and_the_fixed_cost_is_taken_once(found):
    _share, _items, (one,) = found
    parts = sum(one.each[item].value for item in ITEMS if item != "net")
    assert one.each["net"].value == pytest.approx(parts)
    assert one.total("net").value == pytest.approx(8 * parts - 1000)
    width = one.each["net"].upper - one.each["net"].lower
    assert width > 0


def test_what_is_redeemed_is_told_by_the_grants_that_are_settled(found):
    share, _items, _found = found
    assert share == 2000 / 3000


def test_every_assigned_customer_has_one_row(found):
    _share, items, _found = found
    assert sorted(items.customer_id.to_pyarrow().to_pylist()) == sorted(PEOPLE)


def test_what_a_source_tells_of_lapses_is_not_counted_again_by_rule():
    told = {"source": "shop", "entry_id": "x", "source_id": "a", "account": "a", "kind": "expire",
            "occurred_at": datetime(2026, 3, 1), "points": 40}  # fmt: skip
    lots = [lot("1", "a", expired=40, at=datetime(2026, 3, 1)), lot("2", "b", expired=9,
            at=datetime(2026, 3, 2))]  # fmt: skip
    tables = client(point_entries=[told], point_lots=lots, identity_map=known("a", "b"))
    rows = lapses(tables("canonical/point_entries"), tables("point_lots"), tables("identity_map"))
    found = sorted((r["customer_id"], r["points"]) for r in rows.to_pyarrow().to_pylist())
    assert found == [("a", 40), ("b", 9)]


def test_an_arm_without_a_sound_hold_out_enters_no_account(found):
    _share, items, _found = found
    alone = Arms("C1", {"treatment": 8}, 0, None)
    assert economics(items, {"C1": CAMPAIGN}, {"C1": alone}, 0.9) == []
    sizes = {"control": 8, "treatment": 8}
    uneven = Arms("C1", sizes, 0, sample_ratio({"control": 8, "treatment": 800}))
    assert economics(items, {"C1": CAMPAIGN}, {"C1": uneven}, 0.9) == []


def test_the_noise_of_an_effect_is_split_between_the_arm_and_its_hold_out():
    each = {"margin": Estimate(10.0, 0.0, 20.0, 5.0)}
    one = Economics("C1", "t", 300, 100, each, 0.0, 150_000, 0, 0, "A")
    (dose,) = doses_of([one])
    assert (dose.points, dose.effect) == (500, 10.0)
    assert dose.se**2 + dose.se_control**2 == pytest.approx(25)
    assert dose.se_control > dose.se  # the hold-out is the smaller
    assert doses_of([Economics("C1", "t", 3, 1, each, 0.0, 0, 0, 0, "A")]) == []
