from datetime import datetime

from tests.campaigns.handmade import Tables, known, plan

from joren.campaigns.grants import campaign_grants, grants_points


def entry(name: str, customer: str, **more) -> dict:
    return {
        "source": "shop", "entry_id": name, "source_id": customer, "account": customer,
        "occurred_at": datetime(2026, 2, 1, 10), "kind": "grant", "points": 500,
    } | more  # fmt: skip


def found(entries: list[dict], **changes) -> list[tuple[str, str]]:
    tables = Tables(point_entries=entries, identity_map=known("a", "b"))
    people = tables.con.create_table(
        "people",
        {"campaign_id": ["C1", "C1"], "customer_id": ["a", "b"], "arm": ["treatment", "control"]},
    )
    rows = campaign_grants(
        tables("canonical/point_entries"), tables("identity_map"), people, [plan(**changes)]
    )
    return sorted((r["customer_id"], r["entry_id"]) for r in rows.to_pyarrow().to_pylist())


def test_a_grant_that_bears_the_campaigns_id_is_its_own():
    entries = [entry("1", "a", campaign_id="C1"), entry("2", "a", campaign_id="C2")]
    assert found(entries) == [("a", "1")]


def test_an_unnamed_grant_is_the_campaigns_if_the_plan_gave_that_many_points():
    assert found([entry("1", "a")], grants={"treatment": 500}) == [("a", "1")]
    assert found([entry("1", "a")]) == []
    assert found([entry("1", "a", points=300)], grants={"treatment": 500}) == []


def test_only_in_the_campaigns_days_without_an_order_and_to_the_arm():
    grants = {"treatment": 500}
    late = entry("1", "a", occurred_at=datetime(2026, 3, 1))
    bought = entry("2", "a", order_id="9")
    held_out = entry("3", "b")
    assert found([late, bought, held_out], grants=grants) == []


def test_an_entry_that_came_twice_is_one_grant():
    assert found([entry("1", "a", campaign_id="C1")] * 2) == [("a", "1")]


def test_which_campaigns_grant_points():
    tables = Tables(point_entries=[entry("1", "a", campaign_id="C1")])
    grants = grants_points(tables("canonical/point_entries"))
    assert grants(plan())
    assert not grants(plan(campaign_id="C2"))
    assert grants(plan(campaign_id="C2", kind="points"))
    assert grants(plan(campaign_id="C2", grants={"treatment": 100}))
