from datetime import date, datetime

from tests.campaigns.handmade import AS_OF, Tables, assigned, known, order, plan

from joren.campaigns.gather import gather
from joren.campaigns.plans import judge_plans, plans_table


def client(plans=None, **rows):
    found, _ = judge_plans(plans or [plan()], [], date(2026, 1, 31), datetime(2026, 2, 1))
    tables = Tables(**rows)
    table = plans_table(found)
    tables.made["campaign_plans"] = tables.con.create_table("plans", table)
    return tables


def test_arms_readings_and_sums_of_a_small_client():
    people = [f"t{i}" for i in range(10)] + [f"c{i}" for i in range(10)]
    tables = client(
        assignments=assigned("treatment", *people[:10]) + assigned("control", *people[10:]),
        identity_map=known(*people),
        orders=[order("t1", datetime(2026, 2, 5)), order("c1", datetime(2026, 2, 5))],
    )
    found = gather(tables, ("response_rate", "points_used", "ltv"), 0.4, AS_OF)
    assert found.arms["C1"].sizes == {"control": 10, "treatment": 10}
    # neither points nor a forecast: what the client's tables cannot tell is not read
    assert [r.metric.id for r in found.readings] == ["response_rate"]
    assert found.cells.row(found.readings[0], "treatment", "all")["responded__total"] == 1
    assert found.statuses == {"C1": "frozen"}
    assert found.not_over(date(2026, 2, 10)) == [plan()]
    assert found.not_over(date(2026, 2, 28)) == []


def test_who_was_contacted_stands_in_where_nobody_was_assigned():
    sent = {"source": "shop", "source_id": "a", "occurred_at": datetime(2026, 2, 1),
            "channel": "dm", "campaign_id": "C1"}  # fmt: skip
    tables = client(contacts=[sent], identity_map=known("a"), orders=[])
    found = gather(tables, ("orders",), 0.4, AS_OF)
    assert found.arms["C1"].sizes == {"contacted": 1}


def test_assignments_are_trusted_over_contacts():
    sent = {"source": "shop", "source_id": "b", "occurred_at": datetime(2026, 2, 1),
            "channel": "dm", "campaign_id": "C1"}  # fmt: skip
    tables = client(
        contacts=[sent], assignments=assigned("control", "a"), identity_map=known("a", "b")
    )
    assert gather(tables, ("orders",), 0.4, AS_OF).arms["C1"].sizes == {"control": 1}


def test_only_the_campaigns_asked_for_are_looked_at():
    other = plan(campaign_id="C2", kind="points")
    tables = client([plan(), other], assignments=assigned("control", "a"), identity_map=known("a"))
    found = gather(tables, ("orders",), 0.4, AS_OF, lambda one: one.kind == "points")
    assert list(found.plans) == ["C2"]
    assert found.arms == {}
    assert found.readings == []
