"""What a campaign's readout costs: segments by nested Laplace, beside a row-level NUTS fit.

    python benchmarks/experiments.py
    python benchmarks/experiments.py --rows 16000 --limit 120

Hillstrom's test with 16 effects: 8 segments and 2 mails beside a control. The row-level model has
the same priors and one likelihood a customer (conversion) or a buyer (spend), and is fitted by
nutpie from nothing, as an analyst would who starts a campaign's notebook: compilation counts, and
two chains of 500 draws after as many of warm-up are all that is asked of it. If it is not done by
`--limit`, it is ended, and what it had taken by then is the least that it takes.
Processor time of each way in a process of its own; imports do not count. `laplace` and `nuts` are
the library's on sufficient statistics, 4,000 draws; of laplace the second readout of a process
counts too.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

DATA = Path(__file__).parents[1] / "tests" / "data" / "experiments" / "hillstrom.parquet"
ARMS = ("No E-Mail", "Mens E-Mail", "Womens E-Mail")
SEGMENTS, DRAWS = 8, 4000
ROW_DRAWS, ROW_CHAINS = 500, 2
WAYS = ("laplace", "again", "nuts", "rows")


def main() -> None:
    """Measure every way and print what it gives beside the row-level fit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("way", nargs="?", choices=WAYS)
    parser.add_argument("--rows", type=int, help="only so many customers, for a quick look")
    parser.add_argument("--limit", type=int, default=900, help="seconds for the row-level fit")
    given = parser.parse_args()
    if given.way:
        print(json.dumps(measure(given.way, given.rows)))
        return
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    limits = {"rows": given.limit}
    found = {way: _in_a_process(way, given.rows, limits.get(way)) for way in WAYS}
    for way, m in found.items():
        said = (
            f"spend lift {np.round(m['lift'], 3)}" if m["lift"] else "not done by then, and ended"
        )
        print(
            f"{way:8} {m['processor']:8.3f} s of processor time, {m['whole']:8.3f} s,"
            f" {m['memory']:5.0f} MB; {said}"
        )
    least = "" if found["rows"]["lift"] else "at least "
    for way in WAYS[:-1]:
        ratio = found["rows"]["processor"] / found[way]["processor"]
        print(f"{way:8} {least}{ratio:.0f} times less processor time than the row-level fit")


def measure(way: str, rows: int | None) -> dict:
    """Seconds, processor seconds, peak megabytes, and the mean spend lift of each mail."""
    customers = _customers(rows)
    fit = _rows(customers) if way == "rows" else _library(customers, way)
    if way == "again":
        fit()
    started, busy = time.perf_counter(), _processor()
    print(json.dumps({"lift": None, "whole": started, "processor": busy}), flush=True)
    lift = fit()
    return {
        "lift": lift,
        "whole": time.perf_counter() - started,
        "processor": _processor() - busy,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _customers(rows: int | None) -> pd.DataFrame:
    c = pd.read_parquet(DATA).astype({"spend": float, "history": float})
    big = c.history > c.history.median()
    c = c.assign(
        cell=c.newbie * 4 + (c.recency <= 5) * 2 + big, arm=c.segment.map(ARMS.index).astype(int)
    )
    return c if rows is None else c.sample(rows, random_state=1)


def _library(customers: pd.DataFrame, way: str):
    import nutpie  # noqa: F401  (imports do not count)
    import pymc  # noqa: F401
    from arviz_stats.base import array_stats  # noqa: F401

    from joren.stats.hierarchical import segment_effects
    from joren.stats.moments import Moments

    spend = customers.spend
    sums = pd.DataFrame(
        {
            "n": 1,
            "total": spend,
            "squares": spend**2,
            "positive": (spend > 0).astype(int),
            "positive_total": spend,
            "log_total": np.log(spend.where(spend > 0, 1.0)),
        }
    )
    grouped = sums.groupby([customers.cell, customers.arm]).sum()
    cells = {
        (str(s), ARMS[a]): Moments(int(n), t, q, int(p), pt, logs)
        for (s, a), n, t, q, p, pt, logs in grouped.itertuples(name=None)
    }

    def fit() -> list[float]:
        inference = "nuts" if way == "nuts" else "auto"
        found = segment_effects(cells, ARMS[0], "amount", 0.9, inference, DRAWS)
        return [found.totals[arm].absolute.value for arm in ARMS[1:]]

    return fit


def _rows(customers: pd.DataFrame):
    import nutpie
    import pymc as pm
    import pytensor.tensor as pt

    from joren.stats.hierarchical_model import PRIORS, SHAPE_PRIOR

    bought = customers[customers.spend > 0]
    unit = bought.spend.mean()

    def eta(kind: str, name: str):
        prior = PRIORS[kind]
        mu = pm.Normal(f"mu_{name}", prior.centre, prior.spread)
        m = pm.Normal(f"m_{name}", 0, prior.arm, shape=2)
        sigma = pm.HalfNormal(f"sigma_{name}", prior.between)
        tau = pm.HalfNormal(f"tau_{name}", prior.effect)
        base = mu + sigma * pm.Normal(f"z_base_{name}", 0, 1, shape=SEGMENTS)
        effect = m + tau * pm.Normal(f"z_effect_{name}", 0, 1, shape=(SEGMENTS, 2))
        changes = pt.concatenate([pt.zeros((SEGMENTS, 1)), effect], axis=1)
        return pm.Deterministic(name, base[:, None] + changes)

    def fit() -> list[float]:
        with pm.Model() as model:
            rate, size = eta("rate", "rate"), eta("size", "size")
            at, who = customers.cell.to_numpy(), customers.arm.to_numpy()
            pm.Bernoulli("bought", logit_p=rate[at, who], observed=customers.conversion.to_numpy())
            a = pt.exp(pm.Normal("log_shape", *SHAPE_PRIOR))
            mean = pt.exp(size[bought.cell.to_numpy(), bought.arm.to_numpy()])
            pm.Gamma("spend", alpha=a, beta=a / mean, observed=bought.spend.to_numpy() / unit)
        trace = nutpie.sample(
            nutpie.compile_pymc_model(model),
            draws=ROW_DRAWS,
            tune=ROW_DRAWS,
            chains=ROW_CHAINS,
            cores=2,
            seed=1,
            progress_bar=False,
        )
        rates, sizes = (trace.posterior[name].values for name in ("rate", "size"))
        value = (1 / (1 + np.exp(-rates)) * np.exp(sizes) * unit).mean((0, 1))
        shares = customers.groupby("cell").size().to_numpy() / len(customers)
        means = shares @ value
        return (means[1:] - means[0]).tolist()

    return fit


def _in_a_process(way: str, rows: int | None, limit: int | None) -> dict:
    """What `measure` finds, or what was taken by the limit: then `lift` is None."""
    asked = [sys.executable, __file__, way] + ([] if rows is None else ["--rows", str(rows)])
    busy = _processor()
    process = subprocess.Popen(asked, stdout=subprocess.PIPE, text=True)
    try:
        said, _ = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        process.kill()
        said, _ = process.communicate()
        begun = json.loads(said.splitlines()[0])
        taken = _processor() - busy - begun["processor"]
        whole = time.perf_counter() - begun["whole"]  # one clock for all processes
        return {"lift": None, "whole": whole, "processor": taken, "memory": float("nan")}
    if process.returncode:
        raise SystemExit(f"{way} ended with {process.returncode}")
    return json.loads(said.splitlines()[-1])


def _processor() -> float:
    return sum(
        resource.getrusage(who).ru_utime + resource.getrusage(who).ru_stime
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )


if __name__ == "__main__":
    main()
