"""Parameters of what to do next: which lists, how many calls, what a contact costs, who owns it."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field, field_validator

from joren.params_section import Days, Section, Share

Amount = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]
Weekday = Annotated[int, Field(ge=1, le=7)]
Channel = Literal["email", "line", "dm", "call"]
Play = Literal[
    "cancel_watch", "complaint_care", "high_value_at_risk", "payment_ended", "new_subscriber",
    "subscriber_care", "high_value_care", "new_high_value", "win_back_letter",
    "win_back_subscriber", "yearly_buyer", "one_time_return", "win_back_message", "payment_watch",
    "second_purchase", "new_customer", "newly_loyal", "use_points", "third_purchase", "restock",
    "at_risk", "lapsed", "birthday", "subscribe_offer", "subscriber_add_on", "cross_sell",
    "second_channel", "potential_growth", "first_purchase", "never_bought",
]  # fmt: skip
PLAYS: tuple[str, ...] = get_args(Play)
_LOCAL = ("127.0.0.1", "[::1]", "localhost")


class PlayChanges(Section):
    """What a client changes in one entry of the playbook; null leaves it as it is."""

    enabled: bool = True
    channels: Annotated[list[Channel], Field(min_length=1)] | None = None
    hold_out: Share | None = None
    owner: str | None = None
    readout_days: Days | None = None
    offer_cost: Amount | None = None


class UnitCosts(Section):
    """What one contact costs, in currency."""

    email: Amount = 1
    line: Amount = 5
    dm: Amount = 85
    call: Amount = 400


class Calls(Section):
    """The call centre until the next list: seats, calls a seat makes in a day, working days.

    `weekdays` (1 Monday to 7 Sunday) on which calls are made, public holidays of `country` apart.
    """

    seats: Count = 2
    calls_a_day: Count = 30
    days: Days = 20
    weekdays: Annotated[tuple[Weekday, ...], Field(min_length=1)] = (1, 2, 3, 4, 5)
    country: str = "JP"

    @field_validator("country")
    @classmethod
    def _is_known(cls, value: str) -> str:
        from holidays import list_supported_countries

        if value not in list_supported_countries():
            raise ValueError(f"no holidays of {value!r} are known; give an ISO 3166 code, like JP")
        return value


class Service(Section):
    """Staff hours for known customers: a share of each month's, and minutes for one customer.

    `minutes` by role override `minutes_each`; 0 leaves a role out.
    """

    share_of_hours: Share = 0.05
    minutes_each: Annotated[float, Field(gt=0)] = 20
    minutes: dict[str, Amount] = {}
    hold_out: Share = 0.1


class HandOver(Section):
    """Where `joren hand-over` posts lists; the secret comes from the environment, never here."""

    url: str | None = None

    @field_validator("url")
    @classmethod
    def _is_private(cls, value: str | None) -> str | None:
        from urllib.parse import urlsplit

        if value is None:
            return None
        parts = urlsplit(value)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        if parts.username or parts.password:
            raise ValueError("a user or password may not stand in the address")
        if parts.scheme == "https" and host:
            return value
        if parts.scheme == "http" and host in _LOCAL:
            return value
        raise ValueError("lists go to https, or to http on this machine only")


class Actions(Section):
    """`owner` answers for every list without an owner of its own.

    `lists_a_customer`: how many of the playbook's lists a customer may be on at once
    `due_days`: until when messages are to be sent; `readout_days`: orders counted from the draw on
    `lapsed_days`: silence after which a customer is on the list of lapsed ones
    `complaint_touchpoints`, `referral_touchpoints`: as they stand in events
    """

    enabled: bool = True
    owner: str | None = None
    lists_a_customer: Annotated[int, Field(ge=1)] = 1
    due_days: Days = 7
    readout_days: Days = 60
    lapsed_days: Days = 60
    unit_costs: UnitCosts = UnitCosts()
    calls: Calls = Calls()
    service: Service = Service()
    plays: dict[Play, PlayChanges] = {}
    complaint_touchpoints: list[str] = ["苦情", "complaint"]
    referral_touchpoints: list[str] = ["紹介", "referral"]
    hand_over: HandOver = HandOver()
