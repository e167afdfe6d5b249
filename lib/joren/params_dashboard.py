"""Parameters of the dashboard: who may see it in which role, and how much it may take."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field, field_validator

from joren.params_section import Section
from joren.text import has

Role = Literal["viewer", "analyst", "manager"]
ROLES: tuple[str, ...] = get_args(Role)
NAME = r"^[a-z0-9][a-z0-9._@-]{0,63}$"


class User(Section):
    """One person; without a password hash only another login service can let them in."""

    name: Annotated[str, Field(pattern=NAME)]
    role: Role = "viewer"
    password: str | None = None
    admin: bool = False

    @field_validator("password")
    @classmethod
    def _never_plain(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith("scrypt$"):
            raise ValueError("must be a hash: `joren user CLIENT NAME` makes one")
        return value


class Dashboard(Section):
    """`targets` name figures that the report shows large, by their finding: ltv.repeat_rate: 0.35.

    A target is in the figure's own unit: a share as a fraction, money in the client's currency.
    """

    users: list[User] = []
    pages: Annotated[int, Field(ge=1, le=500)] = 20
    memory_megabytes: Annotated[int, Field(ge=256)] = 512
    idle_minutes: Annotated[float, Field(gt=0)] = 15
    targets: dict[str, float] = {}

    @field_validator("targets")
    @classmethod
    def _are_shown(cls, value: dict[str, float]) -> dict[str, float]:
        for key in value:
            if not has(f"{key}_tile"):
                raise ValueError(
                    f"{key!r} is no figure the report shows large; "
                    "its findings are named in report.json, such as ltv.repeat_rate"
                )
        return value
