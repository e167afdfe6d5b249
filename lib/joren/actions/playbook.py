"""The playbook: what is to be done for whom, through which channel, judged by what.

Entries are data (`playbook.yaml`); a client's parameters change or switch off each of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from joren.actions.kpis import KPIS
from joren.errors import JorenError, ParameterError
from joren.lists.plan import CHANNELS, ListPlan
from joren.params_actions import Actions

VALUES = ("ltv_365d", "subscription_value", "next_value")
_FIELDS = {
    "campaign", "when", "channels", "at_stake", "kpi", "hold_out", "readout_days", "offer_cost",
    "calls_share",
}  # fmt: skip


@dataclass(frozen=True)
class Play:
    """One entry of the playbook, as a client plays it.

    Attributes
    ----------
    id : the list's file, and the `action` of table actions
    campaign : lists of one campaign share their control arm
    when : fact → condition; see `conditions.holds`
    channels : the first choice first
    at_stake : of `VALUES`
    kpi : of `kpis.KPIS`
    hold_out : share, 0..1
    offer_cost : currency, for each customer who is sent the offer
    calls_share : of the calls that can be made, None where nobody is called
    owner : who answers for it, None if the client has not said
    readout_days : orders are counted for so many days from the draw on
    """

    id: str
    campaign: str
    when: Mapping[str, Any]
    channels: tuple[str, ...]
    at_stake: str
    kpi: str
    hold_out: float
    offer_cost: float = 0.0
    calls_share: float | None = None
    owner: str | None = None
    readout_days: int = 60

    def list_id(self, as_of: date) -> str:
        """The list's name in state: one a day."""
        return f"{self.id}-{as_of:%Y%m%d}"

    @property
    def condition(self) -> str:
        """Who is meant, as it stands in the playbook."""
        return json.dumps(self.when, ensure_ascii=False)

    def readout_on(self, as_of: date) -> date:
        """The day after the last whose orders count."""
        return as_of + timedelta(days=self.readout_days + 1)


@cache
def entries() -> dict[str, dict[str, Any]]:
    """The house playbook as it stands in the file: id → entry, in order of priority."""
    path = Path(__file__).with_name("playbook.yaml")
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def playbook(rules: Actions, hold_out: float) -> list[Play]:
    """The plays a client plays, in order of priority.

    Parameters
    ----------
    rules : the client's parameters
    hold_out : share held out where neither the playbook nor the client says another

    Raises
    ------
    ParameterError if a client's change cannot be played
    """
    plays = []
    for name, entry in entries().items():
        change = rules.plays.get(name)
        if change is not None and not change.enabled:
            continue
        said = {} if change is None else change.model_dump(exclude_none=True, exclude={"enabled"})
        play = Play(
            id=name,
            campaign=entry["campaign"],
            when=entry["when"],
            channels=tuple(said.get("channels", entry["channels"])),
            at_stake=entry["at_stake"],
            kpi=entry["kpi"],
            hold_out=said.get("hold_out", entry.get("hold_out", hold_out)),
            offer_cost=float(said.get("offer_cost", entry.get("offer_cost", 0))),
            calls_share=entry.get("calls_share"),
            owner=said.get("owner", rules.owner),
            readout_days=said.get("readout_days", entry.get("readout_days", rules.readout_days)),
        )
        check_play(play, entry)
        plays.append(play)
    return _with_one_hold_out(plays)


def check_play(play: Play, entry: Mapping[str, Any]) -> None:
    """Refuse an entry that cannot be played.

    Raises
    ------
    JorenError for a fault of the playbook; ParameterError for one of the client's channels
    """
    where = f"playbook, {play.id}"
    unknown = set(entry) - _FIELDS
    if unknown:
        raise JorenError(f"unknown field {min(unknown)}", where, "remove it")
    if play.at_stake not in VALUES:
        raise JorenError(f"unknown value {play.at_stake}", where, f"use {', '.join(VALUES)}")
    if play.kpi not in KPIS:
        raise JorenError(f"{play.kpi} is no KPI of a list", where, f"use {', '.join(KPIS)}")
    if set(play.channels) - set(CHANNELS):
        raise JorenError("unknown channel", where, f"use {', '.join(CHANNELS)}")
    for alone, reason in (
        ("dm", "a household gets one letter"),
        ("call", "calls are sized to seats"),
    ):
        if alone in play.channels and len(play.channels) > 1:
            raise ParameterError(
                f"`{alone}` stands beside other channels; {reason}",
                f"actions.plays.{play.id}.channels",
                f"give [{alone}] alone or leave it out",
            )
    if ("call" in play.channels) != (play.calls_share is not None):
        raise ParameterError(
            "only lists that have a share of the calls can be called, and they only called",
            f"actions.plays.{play.id}.channels",
            f"leave {entry['channels']}",
        )


def _with_one_hold_out(plays: list[Play]) -> list[Play]:
    """Lists of a campaign share their control arm: the largest share that one of them asks for."""
    from dataclasses import replace

    shares: dict[str, float] = {}
    for play in plays:
        shares[play.campaign] = max(play.hold_out, shares.get(play.campaign, 0.0))
    return [replace(play, hold_out=shares[play.campaign]) for play in plays]


def list_plans(plays: list[Play], as_of: date) -> list[ListPlan]:
    """What `lists.draw` needs to know of each list; the playbook's order is the priority."""
    return [
        ListPlan(
            play.list_id(as_of), play.campaign, play.id, f"actions.reason.{play.id}",
            play.channels, play.hold_out, place,
        )
        for place, play in enumerate(plays, start=1)
    ]  # fmt: skip
