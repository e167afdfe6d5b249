"""Parameters of segments: which presets are shown, their cut-offs, a client's own segments."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from joren.params_section import Days, Probability, Section, Share

Amount = Annotated[int, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]
FiveDays = Annotated[list[Days], Field(min_length=5, max_length=5)]
FiveCounts = Annotated[list[Count], Field(min_length=5, max_length=5)]
FiveAmounts = Annotated[list[Amount], Field(min_length=5, max_length=5)]


class LtvlabCpm(Section):
    """Ten cells by purchases, tenure and total; silent for `lapse_days` is 離脱."""

    lapse_days: Days = 240
    short_tenure_days: Days = 90
    long_tenure_days: Days = 210
    total: Amount = 70_000


class LtvlabRfm(Section):
    """Five cuts make six bins of each measure, ascending."""

    recency_days: FiveDays = [30, 60, 90, 180, 365]
    frequency: FiveCounts = [2, 3, 4, 6, 10]
    monetary: FiveAmounts = [3_000, 10_000, 30_000, 70_000, 150_000]

    @field_validator("recency_days", "frequency", "monetary")
    @classmethod
    def _ascends(cls, value: list[int]) -> list[int]:
        if sorted(set(value)) != value:
            raise ValueError("the five cuts must ascend")
        return value


class UchidenoCpm(Section):
    """Four ranks by purchases, stay and total; silent for `lapse_days` is 離脱客."""

    lapse_days: Days = 60
    stay_days: Days = 90
    total: Amount = 70_000


class Joren(Section):
    """Null cut-offs are read off the client's own purchases; see `segments.cut_offs`.

    `at_risk_quantile`: share of returns that come sooner than the silence called at_risk
    `dormant_quantile`: the same for dormant
    `loyal_share`: share of repeat customers, by past value, called loyal
    `high_share`: share of customers above whose expected LTV the rank high begins
    `high_probability`, `potential_probability`: least probability of lying above it
    `stable_days`: a segment held for fewer days is no move
    """

    at_risk_quantile: Probability = 0.9
    dormant_quantile: Probability = 0.98
    loyal_share: Share = 0.2
    loyal_purchases: Count = 3
    high_share: Probability = 0.2
    high_probability: Probability = 0.5
    potential_probability: Probability = 0.2
    stable_days: Days = 7


class Segments(Section):
    """`custom`: a client's own segments, name → rule (see `segments.rules`)."""

    presets: list[Literal["joren", "ltvlab_rfm", "ltvlab_cpm", "uchideno_cpm"]] = ["joren"]
    joren: Joren = Joren()
    ltvlab_cpm: LtvlabCpm = LtvlabCpm()
    ltvlab_rfm: LtvlabRfm = LtvlabRfm()
    uchideno_cpm: UchidenoCpm = UchidenoCpm()
    custom: dict[str, dict[str, Any]] = {}
