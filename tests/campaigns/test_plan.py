from datetime import date, datetime

from joren.campaigns.metrics import AFTER_DAYS
from joren.campaigns.plan import house_kpi, plan_campaign, read_plan
from joren.params_campaigns import CampaignPlan

ROW = {
    "campaign_id": "C1", "name": "春のDM", "kind": "dm", "starts_on": datetime(2026, 2, 1),
    "ends_on": datetime(2026, 3, 1), "objective": None, "kpi": None, "cost": None,
    "planned_shares": '{"control": 0.2, "treatment": 0.8}',
}  # fmt: skip


def test_without_parameters_the_house_default_holds_and_says_so():
    plan = plan_campaign(ROW, None)
    assert not plan.planned
    assert [kpi.metric for kpi in plan.kpis] == ["response_rate"]
    assert plan.shares == {"control": 0.2, "treatment": 0.8}
    assert (plan.starts_on, plan.last_day) == (date(2026, 2, 1), date(2026, 2, 28))


def test_a_kpi_the_table_names_is_the_default_if_the_registry_knows_it():
    assert plan_campaign(ROW | {"kpi": "orders"}, None).kpis[0].metric == "orders"
    assert plan_campaign(ROW | {"kpi": "売上"}, None).kpis[0].metric == "response_rate"


def test_parameters_override_the_table():
    given = CampaignPlan(shares={"control": 1, "treatment": 1}, unit_cost=85)
    plan = plan_campaign(ROW | {"cost": 5}, given)
    assert plan.planned
    assert plan.shares == {"control": 1, "treatment": 1}
    assert plan.unit_cost == 85
    assert plan_campaign(ROW | {"cost": 5}, None).unit_cost == 5


def test_a_plan_reads_back_as_written_and_has_the_same_hash():
    given = CampaignPlan(
        objective={"ja": "再来店", "en": "Return"},
        kpis=[{"id": "r60", "metric": "repeat_rate", "window_days": 60, "target": 0.02}],
        grants={"treatment": 500},
    )
    plan = plan_campaign(ROW, given)
    assert read_plan(plan.text) == plan
    assert read_plan(plan.text).hash == plan.hash
    assert len(plan.hash) == 64


def test_the_order_in_which_a_plan_was_written_does_not_matter_but_its_window_does():
    one = CampaignPlan(grants={"a": 1, "b": 2}, owner="x")
    other = CampaignPlan(owner="x", grants={"b": 2, "a": 1})
    assert plan_campaign(ROW, one).hash == plan_campaign(ROW, other).hash
    moved = ROW | {"ends_on": datetime(2026, 3, 2)}
    assert plan_campaign(moved, one).hash != plan_campaign(ROW, one).hash


def test_lapse_counts_after_the_campaign_and_fewer_is_better():
    kpi = house_kpi("lapse_rate")
    assert (kpi.window, kpi.window_days, kpi.better) == ("after", AFTER_DAYS, "fewer")
    own = plan_campaign(
        ROW, CampaignPlan(kpis=[{"id": "gone", "numerator": "lapsed", "denominator": "customers"}])
    )
    assert (own.kpis[0].window, own.kpis[0].better) == ("after", "fewer")
