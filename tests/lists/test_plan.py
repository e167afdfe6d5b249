"""Plans that contradict each other are refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from joren.errors import JorenError
from joren.lists.plan import ListPlan, check_plans

PLAN = ListPlan("l1", "c", "remind", "lists.reason.expiring", ("email", "line"), 0.1)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({}, "one name"),
        ({"list_id": "l2", "hold_out": 0.2}, "different shares"),
        ({"list_id": "l2", "channels": ("fax",)}, "fax"),
        ({"list_id": "l2", "channels": ()}, "none"),
    ],
)
def test_contradictions_are_named(changes, fault):
    with pytest.raises(JorenError, match=fault):
        check_plans([PLAN, replace(PLAN, **changes)])


def test_two_campaigns_may_hold_out_what_they_like():
    check_plans([PLAN, replace(PLAN, list_id="l2", campaign_id="d", hold_out=0.5)])
