"""The plan of a designed campaign: frozen with its hash at once, and as text for the parameters."""

from __future__ import annotations

from datetime import date, datetime
from io import StringIO
from typing import Any

import pyarrow as pa
from ruamel.yaml import YAML

from joren.campaigns.plan import Plan, plan_campaign
from joren.campaigns.plans import log_table
from joren.errors import ParameterError
from joren.params_campaigns import CampaignPlan


def designed_plan(
    campaign: str,
    name: str,
    kind: str,
    starts_on: date,
    until: date,
    given: CampaignPlan,
    hold_out: float,
) -> Plan:
    """The plan of a new campaign, as it will be read once its row of `campaigns` arrives.

    Parameters
    ----------
    name, kind, starts_on, until : as they will stand in the table `campaigns`; `until` is the day
        after the last
    given : its section of the parameters
    hold_out : share held out, unless `given` names shares
    """
    if until <= starts_on:
        raise ParameterError("a campaign ends after it began", str(starts_on), "correct its days")
    shares = given.shares or {"control": hold_out, "treatment": round(1 - hold_out, 6)}
    row = {"campaign_id": campaign, "name": name, "kind": kind, "starts_on": starts_on,
           "ends_on": until}  # fmt: skip
    return plan_campaign(row, given.model_copy(update={"shares": shares}))


def frozen_row(plan: Plan, as_of: date, now: datetime) -> pa.Table:
    """The row of the state log `plans` that freezes a plan.

    Raises
    ------
    ParameterError if the data reach into the campaign's own days: it could not be frozen before
        anybody could look
    """
    if as_of >= plan.starts_on:
        raise ParameterError(
            f"the data reach to {as_of} and the campaign began on {plan.starts_on}",
            plan.campaign_id,
            "design a campaign before it starts",
        )
    row = {
        "campaign_id": plan.campaign_id, "hash": plan.hash, "plan": plan.text, "frozen_at": now,
        "as_of": as_of, "results_opened": False, "results_opened_at": None,
    }  # fmt: skip
    return log_table([row])


def as_parameters(plan: Plan, given: CampaignPlan) -> str:
    """What to put into params/<client>.yaml, so that the next run finds the plan it froze."""
    section: dict[str, Any] = given.model_dump(exclude_defaults=True, exclude_none=True)
    section["shares"] = dict(plan.shares or {})
    stream = StringIO()
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.dump({"campaigns": {plan.campaign_id: section}}, stream)
    return stream.getvalue()
