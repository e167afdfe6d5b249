"""Answer check of the liability: hide the last months, forecast what was used in them, compare.

Forecasters are the hazards of use (`survival`), the chain ladder with all and with the last
diagonals only, and one that needs no model: what was used of as many points before (`naive`).
Origins overlap, so that their errors are not independent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import ndtri

from joren.params import Ltv
from joren.points.chain_ladder import chain_ladder
from joren.points.redemption import Breakage, fit_breakage, redeem
from joren.points.triangle import Triangle, redeemed_since, until, usual
from joren.stats.arrays import Array

FEWEST_MONTHS = 6  # of grants, before anything is forecast
HORIZON = 6  # months forecast and compared; 3 where the history is short
RECENT = (None, 12, 6, 3)  # diagonals tried for the chain ladder
_ONE = np.timedelta64(1, "M")


@dataclass(frozen=True)
class Developed:
    """Points still to be used by the chain ladder, all classes together, which are independent.

    expected, se : (n_cohorts,); total_se : of the sum
    """

    expected: Array
    se: Array
    total_se: float


def develop(found: dict[str, Triangle], recent: int | None, steps: int | None) -> Developed:
    """Develop the triangle of every class.

    Parameters
    ----------
    recent : diagonals the factors are learned from; None for all
    steps : months ahead; None to the last age
    """
    parts = [chain_ladder(of.cumulative(), recent, steps) for of in found.values()]
    return Developed(
        sum(part.ibnr for part in parts),
        np.sqrt(sum(part.se**2 for part in parts)),
        float(np.sqrt(sum(part.total_se**2 for part in parts))),
    )


def name_of(recent: int | None) -> str:
    """The predictor's name of the chain ladder with the last diagonals."""
    return "chain_ladder" if recent is None else f"chain_ladder_{recent}"


def origins(found: dict[str, Triangle]) -> list[np.datetime64]:
    """The month-ends from which something can be forecast, the last one included."""
    cohorts = next(iter(found.values())).cohorts
    granted = sum(of.granted for of in found.values())
    first = int(np.flatnonzero(granted > 0)[0]) + FEWEST_MONTHS - 1
    return list(cohorts[first:])


def fits(
    found: dict[str, Triangle], months: list[np.datetime64], params: Ltv, seed: int
) -> dict[np.datetime64, Breakage]:
    """The hazards as they could be told at the end of each month.

    The last month is sampled as the parameters say; the earlier ones, of which there are many and
    which serve to compare, by fewer draws and never by NUTS.

    Parameters
    ----------
    months : from `origins`
    """
    quick = params.model_copy(update={"inference": "laplace", "draws": 500, "chains": 2})
    last = max(months)
    return {
        month: fit_breakage(until(found, month), params if month == last else quick, seed)
        for month in months
    }


def backtest(
    found: dict[str, Triangle], at: dict[np.datetime64, Breakage], interval: float, seed: int
) -> pd.DataFrame:
    """Forecasts of every origin beside what happened, grant months out of the ordinary left out.

    Parameters
    ----------
    found : the triangles as they are known now
    at : origin → the hazards told then, from `fits`
    interval : probability of the intervals

    Returns
    -------
    origin (datetime64), months, predictor, outstanding, forecast, lower, upper (none for `naive`),
    actual, cohorts and cohorts_held (cohorts with points then, and of them those whose interval
    held what was used); empty where the history is too short
    """
    found = usual(found)
    last = next(iter(found.values())).last
    known = list(at)
    horizon = next((h for h in (HORIZON, 3) if known and known[0] + h * _ONE <= last), None)
    rows = []
    for month in known:
        if horizon is None or month + horizon * _ONE > last:
            break
        cut = until(found, month)
        outstanding = sum(of.outstanding() for of in cut.values())
        actual = redeemed_since(found, month, horizon)
        live = outstanding > 0
        base = {"origin": month, "months": horizon, "outstanding": int(outstanding.sum()),
                "actual": int(actual.sum()), "cohorts": int(live.sum())}  # fmt: skip
        told = replace(at[month], triangles=cut)
        for name, forecast, lower, upper, held in _forecasts(
            cut, told, horizon, interval, seed, actual
        ):
            rows.append(base | {
                "predictor": name, "forecast": forecast, "lower": lower, "upper": upper,
                "cohorts_held": int(held[live].sum()),
            })  # fmt: skip
        share = _used_before(cut, month, horizon)
        if share is not None:
            rows.append(base | {
                "predictor": "naive", "forecast": share * outstanding.sum(), "lower": np.nan,
                "upper": np.nan, "cohorts_held": 0,
            })  # fmt: skip
    return pd.DataFrame(rows)


def _forecasts(
    cut: dict[str, Triangle], breakage: Breakage, steps: int, interval: float, seed: int,
    actual: Array,
):  # fmt: skip
    tail = (1 - interval) / 2
    ahead = redeem(breakage, steps, seed)
    total = ahead.redeemed.sum(axis=1)
    lower, upper = np.quantile(ahead.redeemed, [tail, 1 - tail], axis=0)
    held = (lower <= actual) & (actual <= upper)
    yield "survival", total.mean(), *np.quantile(total, [tail, 1 - tail]), held
    width = -ndtri(tail)
    for recent in RECENT:
        found = develop(cut, recent, steps)
        expected = found.expected.sum()
        held = np.abs(actual - found.expected) <= width * found.se + 0.5
        yield (
            name_of(recent), expected, expected - width * found.total_se,
            expected + width * found.total_se, held,
        )  # fmt: skip


def _used_before(cut: dict[str, Triangle], month: np.datetime64, steps: int) -> float | None:
    """Share used within as many months of what was outstanding so many months earlier."""
    first = next(iter(cut.values())).cohorts[0]
    if month - steps * _ONE < first:
        return None
    earlier = until(cut, month - steps * _ONE)
    before = sum(of.outstanding() for of in earlier.values()).sum() if earlier else 0
    return redeemed_since(cut, month - steps * _ONE, steps).sum() / before if before > 0 else None


def scores(tested: pd.DataFrame) -> pd.DataFrame:
    """How every predictor did over all origins, the best first.

    Returns
    -------
    predictor, origins, error (sum of absolute errors of the totals over what was used), bias (sum
    of forecasts over what was used, less one), held, cohorts_held (share of totals, and of cohorts,
    inside their intervals; none for `naive`)
    """
    if tested.empty:
        return pd.DataFrame(
            columns=["predictor", "origins", "error", "bias", "held", "cohorts_held"]
        )
    # every predictor is judged on the origins that all of them could be asked at
    counts = tested.groupby("origin").predictor.nunique()
    common = tested[tested.origin.isin(counts[counts == counts.max()].index)]
    rows = []
    for name, of in common.groupby("predictor", sort=True):
        used = max(of.actual.sum(), 1)
        inside = (of.lower <= of.actual) & (of.actual <= of.upper)
        told = of.lower.notna()
        rows.append({
            "predictor": name, "origins": len(of),
            "error": (of.forecast - of.actual).abs().sum() / used,
            "bias": of.forecast.sum() / used - 1,
            "held": inside[told].mean() if told.any() else np.nan,
            "cohorts_held": of.cohorts_held.sum() / of.cohorts.sum() if told.any() else np.nan,
        })  # fmt: skip
    return pd.DataFrame(rows).sort_values(["error", "predictor"], ignore_index=True)


def best_recent(scored: pd.DataFrame) -> int | None:
    """The number of recent diagonals with which the chain ladder erred least; None for all."""
    place = {name: i for i, name in enumerate(scored.predictor)}
    return min(RECENT, key=lambda recent: place.get(name_of(recent), len(place)))


def best_method(scored: pd.DataFrame) -> str:
    """`survival` or `chain_ladder`, whichever erred less; without an answer check the former."""
    place = {name: i for i, name in enumerate(scored.predictor)}
    ladder = min((place[name_of(r)] for r in RECENT if name_of(r) in place), default=len(place))
    return "survival" if place.get("survival", -1) < ladder else "chain_ladder"
