"""What every section of the parameters is made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
Probability = Annotated[float, Field(gt=0, lt=1)]
Days = Annotated[int, Field(ge=1)]


class Section(BaseModel):
    """A part of the parameters; unknown keys are errors and values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LocalizedText(Section):
    """A text a client reads, in both languages."""

    ja: str
    en: str
