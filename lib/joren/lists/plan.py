"""What a list is for: its campaign, its channels in order of choice, its share held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from joren.errors import JorenError

CHANNELS = ("email", "line", "dm", "call")


@dataclass(frozen=True)
class ListPlan:
    """One list of a run.

    Attributes
    ----------
    list_id : its name in state, unique to the day it is drawn for
    campaign_id : lists of one campaign share their control arm
    action : what is to be done, the `action` of table actions
    reason : text key of why these customers
    channels : of `CHANNELS`, the first choice first
    hold_out : share of its customers held out, 0..1; the same for all lists of a campaign
    priority : 1 before 2: who is on several lists is contacted for the first of them
    """

    list_id: str
    campaign_id: str
    action: str
    reason: str
    channels: tuple[str, ...]
    hold_out: float
    priority: int = 1


def check_plans(plans: Sequence[ListPlan]) -> None:
    """Refuse plans that contradict each other.

    Raises
    ------
    JorenError if two lists bear one name, a list has no channel or one that does not exist, or two
    lists of a campaign hold out different shares
    """
    shares: dict[str, float] = {}
    names: set[str] = set()
    for plan in plans:
        if plan.list_id in names:
            raise JorenError("two lists bear one name", plan.list_id, "give each its own")
        names.add(plan.list_id)
        if not plan.channels or set(plan.channels) - set(CHANNELS):
            raise JorenError(
                f"these channels cannot be used: {', '.join(plan.channels) or 'none'}",
                plan.list_id,
                f"choose of {', '.join(CHANNELS)}",
            )
        if shares.setdefault(plan.campaign_id, plan.hold_out) != plan.hold_out:
            raise JorenError(
                f"lists of campaign {plan.campaign_id} hold out different shares",
                plan.list_id,
                "hold out one share for all lists of a campaign",
            )
