"""A designed plan is frozen before its campaign, and the parameters it gives make the same plan."""

from __future__ import annotations

from datetime import date, datetime
from io import StringIO

import pytest
from ruamel.yaml import YAML

from joren.campaigns.plan import plan_campaign
from joren.campaigns.plans import judge_plans
from joren.errors import ParameterError
from joren.experiments.design_plan import as_parameters, designed_plan, frozen_row
from joren.params_campaigns import CampaignPlan, Kpi

AS_OF, START, UNTIL = date(2026, 3, 31), date(2026, 4, 14), date(2026, 5, 14)
GIVEN = CampaignPlan(
    kpis=[Kpi(id="response_rate", metric="response_rate", target=0.02)], unit_cost=85
)


def designed():
    return designed_plan("C9", "初夏のDM", "dm", START, UNTIL, GIVEN, 0.2)


def test_the_next_run_finds_the_plan_that_was_frozen():
    plan = designed()
    log = frozen_row(plan, AS_OF, datetime(2026, 4, 1)).to_pylist()
    written = YAML(typ="safe").load(StringIO(as_parameters(plan, GIVEN)))["campaigns"]["C9"]
    row = {"campaign_id": "C9", "name": "初夏のDM", "kind": "dm", "starts_on": START,
           "ends_on": UNTIL}  # fmt: skip

    again = plan_campaign(row, CampaignPlan.model_validate(written))
    (found,), fresh = judge_plans([again], log, date(2026, 6, 30), datetime(2026, 7, 1))

    assert again.hash == plan.hash
    assert found.status == "frozen"
    assert [entry["results_opened"] for entry in fresh] == [True]


def test_a_plan_is_not_frozen_once_its_days_have_begun():
    with pytest.raises(ParameterError, match="before it starts"):
        frozen_row(designed(), START, datetime(2026, 4, 15))


def test_days_that_run_backwards_are_refused():
    with pytest.raises(ParameterError, match="ends after it began"):
        designed_plan("C9", "x", "dm", UNTIL, START, GIVEN, 0.2)
