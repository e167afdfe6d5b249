"""What the fuzzy model learned when everything was linked, kept in state for later runs.

New records are scored by the model, the calibration and the threshold of that time, so that a run
costs what is new and a pair's probability does not drift with every batch; a rebase learns anew.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Learned:
    """settings: Splink's own, with its parameters; fields: those it compares.

    prior: of a random pair, as the settings hold it; shift: log2, from there to the calibrated
    prior; family: log2 of matches per pair of family members; threshold: the probability from
    which to link.
    """

    settings: dict[str, Any]
    fields: tuple[str, ...]
    prior: float
    shift: float
    family: float
    threshold: float

    def as_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Learned:
        values = json.loads(text)
        return cls(**values | {"fields": tuple(values["fields"])})
