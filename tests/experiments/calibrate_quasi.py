"""How often quasi-experiments hold a planted effect, and how often their checks are wrong.

    python -m tests.experiments.calibrate_quasi --seeds 200

For each design: the share of worlds in which the interval holds the effect, in which a check
raises a false alarm, and in which a planted violation is noticed by at least one of its checks.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable

import ibis
import numpy as np
import pandas as pd
from tests.experiments.quasi_worlds import EFFECT, customers, daily, stores, threshold, uplift_test

from joren.experiments.checks.backdated import backdated
from joren.experiments.checks.continuity import continuity
from joren.experiments.checks.density import density
from joren.experiments.checks.leave_one_out import leave_one_out
from joren.experiments.checks.placebo_dates import placebo_dates
from joren.experiments.checks.placebo_in_time import placebo_in_time
from joren.experiments.checks.placebo_space import placebo_space
from joren.experiments.checks.pre_fit import pre_fit
from joren.experiments.checks.pre_trend import pre_trend
from joren.experiments.did import difference_in_differences
from joren.experiments.evidence import Evidence
from joren.experiments.feature_cells import feature_cells
from joren.experiments.interrupted_time_series import interrupted_time_series
from joren.experiments.qini import qini, ranked
from joren.experiments.regression_discontinuity import regression_discontinuity
from joren.experiments.synthetic_control import Series, synthetic_control
from joren.experiments.threshold_bins import of_rows
from joren.experiments.uplift import fit_uplift
from joren.stats.checks import ALARM

LEVEL = 0.9
NOTICED = 0.8  # of planted violations, at least


def _did(seed: int, **how) -> Evidence:
    world = customers(seed, **how)
    found = difference_in_differences(*world, 5, LEVEL)
    return found.with_checks(pre_trend(*world, 5), placebo_dates(*world, 5, seed))


def _synthetic_control(seed: int, **how) -> Evidence:
    treated, donors = stores(seed, **how)
    world = Series(treated, donors, tuple(map(str, range(donors.shape[1]))), 40)
    found = synthetic_control(world, LEVEL)
    return found.with_checks(
        pre_fit(world), backdated(world), placebo_space(world, found), leave_one_out(world, found)
    )


def _sharp(seed: int, **how) -> Evidence:
    return _discontinuity(seed, False, **how)


def _fuzzy(seed: int, **how) -> Evidence:
    return _discontinuity(seed, True, follow=0.6, **how)


def _discontinuity(seed: int, fuzzy: bool, **how) -> Evidence:
    x, y, treated, past = threshold(seed, **how)
    bins = of_rows(x, y, treated)
    found = regression_discontinuity(bins, LEVEL, fuzzy=fuzzy)
    return found.with_checks(density(bins), continuity({"past": of_rows(x, past)}))


def _series(seed: int, **how) -> Evidence:
    sales = daily(seed, **how)
    values = pd.Series(sales, pd.date_range("2024-01-01", periods=len(sales)))
    start = values.index[200].date()
    found = interrupted_time_series(values, start, LEVEL)
    return found.with_checks(placebo_in_time(values, start))


# design → how its world is read, and a violation of what it assumes
DESIGNS: dict[str, tuple[Callable[..., Evidence], dict[str, float]]] = {
    "did": (_did, {"drift": 40.0}),
    "synthetic control, outside": (_synthetic_control, {"outside": 1.5}),
    "synthetic control, drift": (_synthetic_control, {"late_drift": 8.0}),
    "discontinuity, sharp": (_sharp, {"pushed": 0.5}),
    "discontinuity, fuzzy": (_fuzzy, {"pushed": 0.5}),
    "interrupted series": (_series, {"bend": 2.0}),
}


def rates(name: str, seeds: int) -> tuple[float, dict[str, float], float]:
    """Coverage, false alarms by check, and the share of violations that at least one notices."""
    read, violation = DESIGNS[name]
    held, alarms, noticed = 0, Counter(), 0
    for seed in range(seeds):
        sound = read(seed)
        held += sound.lower <= EFFECT <= sound.upper
        for check in sound.checks:
            alarms[check.name] += check.outcome == "failed"
        noticed += read(seed + seeds, **violation).grade == "D"
    return held / seeds, {k: alarms[k] / seeds for k in sorted(alarms)}, noticed / seeds


def uplift_claims(seeds: int, differ: float) -> float:
    """Share of tests whose Qini interval lies above zero."""
    claimed = 0
    for seed in range(seeds):
        rows, _true = uplift_test(seed, differ=differ)
        cells = feature_cells(ibis.memtable(rows), ["a", "b", "c"])
        order = ranked(cells, fit_uplift(cells, "dr", 1).scores)
        claimed += qini(order, LEVEL, seed).lower > 0
    return claimed / seeds


def noise(rate: float, seeds: int) -> float:
    """Three standard deviations of a rate over seeds."""
    return 3 * float(np.sqrt(rate * (1 - rate) / seeds))


def main() -> None:
    """Print every rate; fail where one is beyond its claim by more than noise."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--uplift-seeds", type=int, default=40)
    given = parser.parse_args()
    wrong = []
    for name in DESIGNS:
        held, alarms, noticed = rates(name, given.seeds)
        told = ", ".join(f"{check} {rate:.1%}" for check, rate in alarms.items())
        print(f"{name:28} held {held:.1%}; false alarms {told}; noticed {noticed:.1%}", flush=True)
        sound = held >= LEVEL - noise(LEVEL, given.seeds) and noticed >= NOTICED
        quiet = all(rate <= ALARM + noise(ALARM, given.seeds) for rate in alarms.values())
        if not (sound and quiet):
            wrong.append(name)
    tail = (1 - LEVEL) / 2
    none, some = (uplift_claims(given.uplift_seeds, differ) for differ in (0.0, 1.0))
    print(f"{'uplift':28} claimed {some:.1%} where effects differ, {none:.1%} where not")
    if none > tail + noise(tail, given.uplift_seeds) or some < NOTICED:
        wrong.append("uplift")
    if wrong:
        raise SystemExit(f"beyond their claim: {', '.join(wrong)}")


if __name__ == "__main__":
    main()
