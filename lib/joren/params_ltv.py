"""Parameters of stage 04: horizons, margin, and how the models are chosen and fitted."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from joren.params_section import Days, Section


class Ltv(Section):
    """`model: auto` chooses what fits best; `by` lets the cells of a column have their own numbers.

    With `pooling: hierarchical` cells learn from each other, with `separate` each is on its own.
    """

    horizon_days: list[Days] = [90, 180, 365, 730]
    margin_rate: Annotated[float, Field(ge=0, le=1)] = 0.4
    annual_discount_rate: Annotated[float, Field(ge=0, lt=10)] = 0.1
    model: Literal["auto", "mbg_nbd", "pareto_nbd", "mbg_cnbd_k", "bg_nbd"] = "auto"
    by: Literal["first_channel", "cohort", "first_category"] | None = None
    pooling: Literal["hierarchical", "separate"] = "hierarchical"
    inference: Literal["auto", "nuts", "laplace"] = "auto"
    draws: Annotated[int, Field(ge=100)] = 1000
    chains: Annotated[int, Field(ge=2)] = 4
    holdout_days: Days | None = None

    def horizons(self) -> list[int]:
        """The horizons of the ltv table in ascending order; 90 and 365 days are always there."""
        return sorted({*self.horizon_days, 90, 365})
