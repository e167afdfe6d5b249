"""Parameters of the dashboard: who may see it in which role, and how much it may take."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field, field_validator

from joren.params_section import Section

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
    users: list[User] = []
    pages: Annotated[int, Field(ge=1, le=500)] = 20
    memory_megabytes: Annotated[int, Field(ge=256)] = 512
    idle_minutes: Annotated[float, Field(gt=0)] = 15
