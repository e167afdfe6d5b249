"""Parameters of the report: its forms, when it is due, who receives it, by which mail server."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, field_validator

from joren.params_section import Section

_ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+")


class Smtp(Section):
    """Where mail is handed over; the password is a secret, never a parameter."""

    host: str = "localhost"
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    sender: str | None = None
    user: str | None = None


class Report(Section):
    """`failure_recipients` are told when a scheduled run fails; nobody is unless named here."""

    pdf: bool = True
    xlsx: bool = False
    pptx: bool = False
    schedule: Literal["month_end_18h", "business_month_end_18h"] = "month_end_18h"
    recipients: list[str] = []
    failure_recipients: list[str] = []
    smtp: Smtp = Smtp()

    @field_validator("recipients", "failure_recipients")
    @classmethod
    def _are_addresses(cls, value: list[str]) -> list[str]:
        for address in value:
            if not _ADDRESS.fullmatch(address):
                raise ValueError(f"{address!r} is no mail address")
        return value
