"""Does a segment respond less from campaign to campaign? An alarm for offers that wear out.

Effects of past campaigns on one segment are held against time, in a random-effects regression:
campaigns differ by more than chance, by a variance τ² found by moments (DerSimonian & Laird 1986).
The slope's test is one-sided, by Student's t with k − 2 degrees of freedom, and false alarms among
all segments are held down by Benjamini & Hochberg.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from scipy.stats import t as student

from joren.stats.arrays import Array
from joren.stats.discoveries import q_values

LEAST_CAMPAIGNS = 4
ALARM = 0.1  # false discovery rate
_YEAR = 365.25


@dataclass(frozen=True)
class Drift:
    """How the effect on one segment moved.

    slope, lower, upper : change of the effect per year, in its unit
    p, q : of a decline, alone and among all segments
    campaigns : how many the slope rests on
    """

    segment: str
    slope: float
    lower: float
    upper: float
    p: float
    q: float
    campaigns: int

    @property
    def alarm(self) -> bool:
        return self.q < ALARM


def drifts(
    readout: Sequence[Mapping[str, Any]], starts: Mapping[str, date], metric: str, level: float
) -> list[Drift]:
    """The drift of every segment that enough campaigns were read out for, by segment.

    Parameters
    ----------
    readout : rows of experiment_readout; of several arms of a campaign the first by name counts
    starts : campaign → first day
    metric : whose effects are looked at
    level : of the intervals
    """
    found: dict[str, dict[str, tuple[float, float]]] = defaultdict(dict)
    for row in sorted(readout, key=lambda row: (row["campaign_id"], row["arm"])):
        if row["metric"] == metric and row["grade"] == "A" and row["se"]:
            found[row["segment"]].setdefault(row["campaign_id"], (row["effect"], row["se"]))
    told = []
    for segment, own in sorted(found.items()):
        names = sorted(own)
        days = np.array([starts[name].toordinal() for name in names], float)
        if len(names) < LEAST_CAMPAIGNS or np.ptp(days) == 0:
            continue
        effects, errors = np.array([own[name] for name in names]).T
        slope, se = slope_over_time(days / _YEAR, effects, errors)
        df = len(names) - 2
        reach = float(student.ppf((1 + level) / 2, df)) * se
        p = float(student.cdf(slope / se, df))
        told.append((segment, slope, slope - reach, slope + reach, p, len(names)))
    q = q_values(np.array([row[4] for row in told])) if told else []
    return [Drift(*row[:5], float(own), row[5]) for row, own in zip(told, q, strict=True)]


def slope_over_time(years: Array, effects: Array, errors: Array) -> tuple[float, float]:
    """Slope per year and its standard error, with the variance between campaigns taken in.

    Parameters
    ----------
    years, effects, errors : (k,) of each campaign, k ≥ 3
    """
    design = np.column_stack([np.ones_like(years), years - years.mean()])
    weights = 1 / errors**2
    bread = np.linalg.inv(design.T @ (design * weights[:, None]))
    rest = effects - design @ (bread @ design.T @ (weights * effects))
    chi2 = float(weights @ rest**2)
    hat = np.einsum("ij,jk,ik->i", design, bread, design) * weights
    spread = float((weights * (1 - hat)).sum())
    tau2 = max((chi2 - (len(years) - 2)) / spread, 0.0) if spread > 0 else 0.0
    weights = 1 / (errors**2 + tau2)
    bread = np.linalg.inv(design.T @ (design * weights[:, None]))
    coefficients = bread @ design.T @ (weights * effects)
    return float(coefficients[1]), float(np.sqrt(bread[1, 1]))
