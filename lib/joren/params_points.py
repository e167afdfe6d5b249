"""Parameters of stage 02: how points are consumed, when they lapse, what one is worth."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from joren.params_section import Section


class Points(Section):
    value_per_point: Annotated[float, Field(gt=0)] = 1
    consumption: Literal["nearest_expiry", "fifo", "limited_first"] = "nearest_expiry"
    expiry: dict[str, Any] = {"policy": "fixed", "months": 12}
    expiring_within_hours: Annotated[int, Field(ge=1)] = 48
    expiring_min_points: Annotated[int, Field(ge=1)] = 500
    expiring_channels: Annotated[
        list[Literal["email", "line", "dm", "call"]], Field(min_length=1)
    ] = [
        "email",
        "line",
    ]
    liability_cap: Annotated[float, Field(gt=0)] | None = None  # of what points may be owed, money
