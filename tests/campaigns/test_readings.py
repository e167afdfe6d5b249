from tests.campaigns.handmade import plan
from tests.campaigns.test_plan import ROW

from joren.campaigns.metrics import CONTRACT_METRICS
from joren.campaigns.plan import house_kpi, plan_campaign
from joren.campaigns.readings import readings_of, windows_of
from joren.params_campaigns import CampaignPlan


def planned(*kpis: dict):
    return plan_campaign(ROW, CampaignPlan(kpis=list(kpis)))


def test_the_plans_kpi_is_marked_on_the_metric_it_is():
    found = readings_of(plan(), CONTRACT_METRICS)
    assert [r.metric.id for r in found] == list(CONTRACT_METRICS)
    assert [(r.metric.id, r.kpi) for r in found if r.main] == [("response_rate", "response_rate")]


def test_a_kpi_under_a_name_of_its_own_is_the_house_metric_if_it_counts_alike():
    found = readings_of(planned({"id": "spring", "metric": "orders"}), CONTRACT_METRICS)
    assert [(r.metric.id, r.kpi) for r in found if r.kpi] == [("orders", "spring")]


def test_a_kpi_of_other_days_is_read_beside_the_house_metric():
    found = readings_of(
        planned({"id": "orders", "metric": "orders", "window_days": 60}), CONTRACT_METRICS
    )
    own = [r for r in found if r.kpi]
    assert [(r.metric.id, r.window.name) for r in own] == [("orders_60", "readout_60")]
    assert "orders" in [r.metric.id for r in found]
    assert {w.name for w in windows_of(found)} == {"readout", "readout_60"}


def test_a_kpi_that_no_readout_has_is_added_under_the_registrys_name():
    found = readings_of(planned({"id": "visits", "metric": "purchase_frequency"}), ("orders",))
    assert [(r.metric.id, r.kpi) for r in found] == [
        ("orders", None), ("purchase_frequency", "visits"),
    ]  # fmt: skip


def test_a_kpi_of_the_clients_own_making_keeps_its_name():
    kpi = {"id": "margin_per_order", "numerator": "margin", "denominator": "orders"}
    (reading,) = readings_of(planned(kpi), ())
    assert (reading.metric.id, reading.metric.is_ratio, reading.main) == (
        "margin_per_order", True, True,
    )  # fmt: skip


def test_the_first_kpi_is_the_one_a_campaign_is_judged_by():
    kpis = {"id": "a", "metric": "orders"}, {"id": "b", "metric": "revenue"}
    found = readings_of(planned(*kpis), CONTRACT_METRICS)
    assert [(r.kpi, r.main) for r in found if r.kpi] == [("a", True), ("b", False)]
    assert house_kpi("orders").id == "orders"
