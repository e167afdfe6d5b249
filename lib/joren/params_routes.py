"""Parameters of stage 03: how long a journey is, when silence is churn, how long memory may be."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from joren.params_section import Days, Section


class Routes(Section):
    window_days: Days = 180
    churn_after_days: Days | None = None
    max_order: Annotated[int, Field(ge=1, le=5)] = 3
