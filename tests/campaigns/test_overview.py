from datetime import date, datetime

from tests.campaigns.handmade import plan
from tests.campaigns.test_verdicts import row

from joren.campaigns.arms import Arms
from joren.campaigns.gather import Gathered
from joren.campaigns.overview import arm_key, arms_overview, effects_overview, plans_overview
from joren.campaigns.plans import judge_plans
from joren.campaigns.statistics import Cells
from joren.stats.srm import sample_ratio


def test_plans_show_the_start_of_their_hash_and_the_kpi_they_are_judged_by():
    statuses, _ = judge_plans(
        [plan(), plan(campaign_id="C2", planned=False)], [], date(2026, 1, 1), datetime(2026, 1, 1)
    )
    found = plans_overview(statuses)
    assert list(found.hash) == [plan().hash[:12], "–"]
    assert set(found.kpi) == {"campaigns.metric.response_rate"}
    assert list(found.status) == ["campaigns.status.frozen", "campaigns.status.none"]


def test_found_shares_stand_beside_planned_ones():
    sizes = {"control": 20, "treatment": 80}
    arms = Arms("C1", sizes, 2, sample_ratio(sizes, {"control": 1, "treatment": 4}))
    shares = {"control": 1.0, "treatment": 4.0}
    gathered = Gathered({"C1": plan(shares=shares)}, {}, {"C1": arms}, [], Cells({}), None, None)
    found = arms_overview(gathered)
    assert list(found.planned) == [0.2, 0.8]
    assert list(found.found) == [0.2, 0.8]
    assert set(found.mixed) == {2}


def test_effects_are_written_in_the_unit_of_their_metric():
    found = effects_overview([row(0.05, 0.01, 0.09), row(0.5, 0.1, 0.9, "orders")], {"C1": plan()})
    assert list(found.effect) == ["5.0 %", "0.50"]
    assert list(found.method) == ["campaigns.method.unpooled"] * 2
    assert arm_key("contacted") == "campaigns.arm.contacted"
