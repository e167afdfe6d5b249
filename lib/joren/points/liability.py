"""What outstanding points will cost: the table `point_liability`, by cohort and in all.

Outstanding points are those of lots. Debt of accounts (points taken that no lot covered) is not
netted: it is covered by points that have not been granted yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from joren.points.backtest import FEWEST_MONTHS, develop
from joren.points.redemption import Ahead, Breakage, redeem
from joren.points.triangle import Triangle
from joren.stats.arrays import Array

TOTAL = "total"


@dataclass(frozen=True)
class Valuation:
    """What is expected to be used of the points outstanding at the end of a month.

    cohorts : (n,) grant months; outstanding, expected, lower, upper : (n,) points
    total : outstanding, expected, lower, upper of all together
    late : expected points at ages that no cohort has come to; None where the method has none
    """

    month: np.datetime64
    method: str
    cohorts: NDArray[np.datetime64]
    outstanding: Array
    expected: Array
    lower: Array
    upper: Array
    total: tuple[float, float, float, float]
    late: float | None = None


def by_survival(breakage: Breakage, interval: float, seed: int) -> Valuation:
    """Value what is outstanding by the hazards of use; the interval holds chance, too."""
    ahead: Ahead = redeem(breakage, None, seed)
    tail = (1 - interval) / 2
    lower, upper = np.quantile(ahead.redeemed, [tail, 1 - tail], axis=0)
    draws = ahead.redeemed.sum(axis=1)
    total = (float(ahead.outstanding.sum()), draws.mean(), *np.quantile(draws, [tail, 1 - tail]))
    return Valuation(
        ahead.cohorts[-1], "survival", ahead.cohorts, ahead.outstanding.astype(float),
        ahead.redeemed.mean(axis=0), lower, upper, total, ahead.late,
    )  # fmt: skip


def by_chain_ladder(
    found: dict[str, Triangle], recent: int | None, interval: float
) -> Valuation:  # fmt: skip
    """Value what is outstanding by the chain ladder, Mack's errors taken as normal.

    No cohort can use more than it has, or less than nothing; the ladder does not know, so its
    values are held inside.
    """
    first = next(iter(found.values()))
    outstanding = sum(of.outstanding() for of in found.values()).astype(float)
    developed = develop(found, recent, None)
    width = -ndtri((1 - interval) / 2)

    def held(values: Array, most: Array | float) -> Array:
        return np.clip(values, 0, most)

    expected = held(developed.expected, outstanding)
    whole, error = expected.sum(), width * developed.total_se
    most = outstanding.sum()
    total = (most, whole, float(held(whole - error, most)), float(held(whole + error, most)))
    return Valuation(
        first.last, "chain_ladder", first.cohorts, outstanding, expected,
        held(developed.expected - width * developed.se, outstanding),
        held(developed.expected + width * developed.se, outstanding), total,
    )  # fmt: skip


def liability_rows(
    now: Valuation, earlier: list[Valuation], value_per_point: Decimal
) -> pd.DataFrame:
    """The rows of `point_liability`.

    Parameters
    ----------
    now : at the last closed month; gives a row for every cohort with points outstanding
    earlier : as they could be told at earlier month-ends; each gives its total
    value_per_point : what a used point takes off a price

    Returns
    -------
    month, cohort (`YYYY-MM` or `total`), outstanding_points, expected_redeemed, breakage_rate (of
    what is outstanding; none where nothing is), liability_amount, lower, upper (money), method
    """
    rows = [
        (as_date(now.month), str(cohort), *of, now.method)
        for cohort, *of in zip(
            now.cohorts, now.outstanding, now.expected, now.lower, now.upper, strict=True
        )
        if of[0] > 0
    ]
    rows += [(as_date(one.month), TOTAL, *one.total, one.method) for one in [*earlier, now]]
    frame = pd.DataFrame(
        rows, columns=["month", "cohort", "outstanding_points", "expected_redeemed", "lower",
                       "upper", "method"],
    )  # fmt: skip
    value = float(value_per_point)
    points = frame.outstanding_points.astype("int64")
    return frame.assign(
        outstanding_points=points,
        breakage_rate=(1 - frame.expected_redeemed / points.where(points > 0)).clip(0, 1),
        liability_amount=frame.expected_redeemed * value,
        lower=frame.lower * value,
        upper=frame.upper * value,
    )


def as_date(month: np.datetime64) -> date:
    """The first day of a month."""
    return month.astype("datetime64[D]").item()


def first_month_enough(found: dict[str, Triangle]) -> date | None:
    """The month at whose end there are months of grants enough; None where nothing was granted."""
    granted = sum((of.granted for of in found.values()), np.zeros(1))
    if not granted.any():
        return None
    cohorts = next(iter(found.values())).cohorts
    first = cohorts[int(np.flatnonzero(granted > 0)[0])]
    return as_date(first + (FEWEST_MONTHS - 1) * np.timedelta64(1, "M"))


def progress(found: dict[str, Triangle], now: Valuation) -> pd.DataFrame:
    """Each cohort's use month by month, and what is still ahead of it by today's estimate.

    Returns
    -------
    month, cohort (dates), granted, used (cumulative), ahead (points); a row per cohort and month
    """
    rows = []
    for month in now.cohorts:
        used = sum(of.until(month).used.sum(axis=1) for of in found.values())
        for i in range(len(used)):
            in_all = sum(int(of.used[i].sum()) for of in found.values())
            rows.append((
                as_date(month), as_date(now.cohorts[i]),
                sum(int(of.granted[i]) for of in found.values()), int(used[i]),
                float(in_all - used[i] + now.expected[i]),
            ))  # fmt: skip
    return pd.DataFrame(rows, columns=["month", "cohort", "granted", "used", "ahead"])
