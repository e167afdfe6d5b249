from dataclasses import replace
from datetime import date, datetime

from joren.campaigns.plan import Plan, house_kpi
from joren.campaigns.plans import changes, judge_plans, log_table, plans_table

BEFORE, DURING, AFTER = date(2026, 1, 31), date(2026, 2, 10), date(2026, 3, 1)
FIRST, SECOND, THIRD = datetime(2026, 2, 1, 9), datetime(2026, 3, 1, 9), datetime(2026, 4, 1, 9)
PLAN = Plan(
    "C1", "春のDM", "dm", date(2026, 2, 1), date(2026, 3, 1), (house_kpi("response_rate"),),
    None, None, None, 85.0, 0.0, {}, True,
)  # fmt: skip
CHANGED = replace(PLAN, kpis=(house_kpi("orders"),))


def one(plan, log, as_of, now):
    (status,), rows = judge_plans([plan], log, as_of, now)
    return status, rows


def test_a_plan_seen_before_its_campaign_is_frozen_and_opens_with_the_last_day():
    status, rows = one(PLAN, [], BEFORE, FIRST)
    assert (status.status, status.opens) == ("frozen", False)
    assert [(r["hash"], r["results_opened"]) for r in rows] == [(PLAN.hash, False)]
    status, more = one(PLAN, rows, AFTER, SECOND)
    assert (status.status, status.opens, status.frozen_as_of) == ("frozen", True, BEFORE)
    assert [(r["hash"], r["results_opened"], r["results_opened_at"]) for r in more] == [
        (PLAN.hash, True, SECOND)
    ]
    status, none = one(PLAN, rows + more, AFTER, THIRD)
    assert (status.status, status.opened_at, none) == ("frozen", SECOND, [])


def test_results_open_on_the_campaigns_last_day_and_not_the_day_before():
    assert one(PLAN, [], date(2026, 2, 28), FIRST)[0].opens
    assert not one(PLAN, [], date(2026, 2, 27), FIRST)[0].opens


def test_a_plan_first_seen_once_the_campaign_ran_is_after_the_fact():
    assert one(PLAN, [], DURING, FIRST)[0].status == "after_fact"
    status, rows = one(PLAN, [], AFTER, FIRST)
    assert status.status == "after_fact"
    assert [row["results_opened"] for row in rows] == [False, True]


def test_a_plan_may_change_before_the_campaign_and_nobody_minds():
    _, rows = one(PLAN, [], BEFORE, FIRST)
    status, more = one(CHANGED, rows, BEFORE, SECOND)
    assert status.status == "frozen"
    assert one(CHANGED, rows + more, AFTER, THIRD)[0].status == "frozen"


def test_a_plan_changed_while_the_campaign_runs_is_after_the_fact():
    _, rows = one(PLAN, [], BEFORE, FIRST)
    assert one(CHANGED, rows, DURING, SECOND)[0].status == "after_fact"


def test_a_plan_changed_after_results_were_opened_is_edited_for_good():
    _, first = one(PLAN, [], BEFORE, FIRST)
    _, second = one(PLAN, first, AFTER, SECOND)
    log = first + second
    status, third = one(CHANGED, log, AFTER, THIRD)
    assert (status.status, status.earlier_hash) == ("edited", PLAN.hash)
    assert "kpis.0.metric" in status.changed
    back, _ = one(PLAN, log + third, AFTER, datetime(2026, 5, 1))
    assert (back.status, back.changed) == ("edited", ())


def test_a_plan_taken_away_is_missed():
    _, first = one(PLAN, [], BEFORE, FIRST)
    _, second = one(PLAN, first, AFTER, SECOND)
    gone = replace(PLAN, planned=False)
    assert one(gone, first, BEFORE, SECOND)[0].status == "withdrawn"
    assert one(gone, first + second, AFTER, THIRD)[0].status == "withdrawn"


def test_a_campaign_without_plan_is_said_to_have_none_also_once_opened():
    bare = replace(PLAN, planned=False)
    status, rows = one(bare, [], AFTER, FIRST)
    assert (status.status, len(rows)) == ("none", 1)
    late, _ = one(PLAN, rows, AFTER, SECOND)
    assert late.status == "after_fact"


def test_what_changed_is_named_by_its_place():
    moved = replace(PLAN, until=date(2026, 4, 1), grants={"treatment": 500})
    assert changes(PLAN.text, moved.text) == ["grants.treatment", "until"]
    assert changes(PLAN.text, replace(PLAN, kpis=()).text) == ["kpis"]


def test_the_log_and_the_table_keep_their_types_when_columns_are_empty():
    statuses, rows = judge_plans([PLAN], [], BEFORE, FIRST)
    assert str(log_table(rows).schema.field("results_opened_at").type) == "timestamp[us]"
    table = plans_table(statuses)
    assert str(table.schema.field("earlier_hash").type) == "string"
    assert table.to_pylist()[0]["changed"] == []
