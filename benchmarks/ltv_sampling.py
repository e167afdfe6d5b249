"""How many effective draws a second: BG/NBD on CDNOW, beside the row-level library.

    python benchmarks/ltv_sampling.py
    python benchmarks/ltv_sampling.py --library /somewhere/bin/python

pymc-marketing 1.3 asks for PyMC below 6.4, so it cannot stand in this project's environment:
`--library` names the interpreter of one that has it. Without, its BetaGeoModel stands in as
documented: the same priors, one likelihood a customer, PyMC's own sampler. Every fit has a process
of its own and is run twice; the second run counts, which finds compiled code on disk. `sampling` is
what comes after compilation (for laplace the climb to the mode as well), `whole` the fit from data
to draws. The smallest bulk ESS of r, α, a and b counts.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

DATA = Path(__file__).parents[1] / "tests" / "data" / "ltv" / "cdnow_customers_summary.csv"
COLUMNS = ("frequency", "recency", "T")
PARAMETERS = ("r", "alpha", "a", "b")
DRAWS, CHAINS = 1000, 4
OURS = ("laplace", "nuts")


def main() -> None:
    """Measure every way of fitting and print what it gives beside the row-level library."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("way", nargs="?", choices=[*OURS, "rows", "library"])
    parser.add_argument("--library", type=Path, help="a Python that has pymc-marketing")
    given = parser.parse_args()
    if given.way:
        print(json.dumps(measure(given.way)))
        return
    rival = "library" if given.library else "rows"
    found = {way: _second_run(way, sys.executable) for way in OURS}
    found[rival] = _second_run(rival, str(given.library or sys.executable))
    for way, m in found.items():
        print(
            f"{way:8} {m['ess']:6.0f} ESS  sampling {m['sampling']:6.2f} s, whole fit"
            f" {m['whole']:6.2f} s, {m['processor']:6.2f} s of processor time"
        )
    for way in OURS:
        for clock in ("sampling", "whole", "processor"):
            ours, theirs = (found[w]["ess"] / found[w][clock] for w in (way, rival))
            print(
                f"{way:8} {ours:9.0f} ESS/s ({clock}), {rival} {theirs:7.1f}:"
                f" {ours / theirs:6.1f} times"
            )
    print("means    " + "; ".join(f"{w} {np.round(m['means'], 3)}" for w, m in found.items()))


def measure(way: str) -> dict:
    """ESS, seconds of sampling, of the whole fit and of the processor, and means (weeks)."""
    with DATA.open() as file:
        rows = [[float(row[c]) for c in COLUMNS] for row in csv.DictReader(file)]
    fit = {"laplace": _ours, "nuts": _ours, "rows": _row_by_row, "library": _library}[way]
    fit_once = fit(way, *np.array(rows).T)
    started, busy = time.perf_counter(), _processor()
    ess, means, sampling = fit_once()
    return {
        "ess": ess,
        "sampling": sampling,
        "whole": time.perf_counter() - started,
        "processor": _processor() - busy,
        "means": means,
    }


def _ours(way: str, x, recency, age):
    import nutpie

    from joren.ltv.bg_nbd import BG_NBD
    from joren.ltv.order_model import build
    from joren.ltv.statistics import purchase_statistics
    from joren.stats.inference import nuts_draws
    from joren.stats.laplace import density_of, laplace_draws

    def fit():
        model = build(BG_NBD, [purchase_statistics(x, recency, age)])
        if way == "laplace":
            density = density_of(model, PARAMETERS)
            density.evaluate(density.start)
            started = time.perf_counter()
            posterior = laplace_draws(density, DRAWS * CHAINS, seed=1)
        else:
            compiled = nutpie.compile_pymc_model(model)
            started = time.perf_counter()
            posterior = nuts_draws(compiled, PARAMETERS, DRAWS, CHAINS, seed=1)
        sampling = time.perf_counter() - started
        return float(posterior.ess_bulk.min()), posterior.mean().tolist(), sampling

    return fit


def _row_by_row(way: str, x, recency, age):
    import pymc as pm
    import pytensor.tensor as pt

    def fit():
        with pm.Model():
            alpha = pm.Weibull("alpha", alpha=2, beta=10)
            r = pm.Weibull("r", alpha=2, beta=1)
            phi = pm.Uniform("phi_dropout", 0, 1)
            kappa = pm.Pareto("kappa_dropout", alpha=1, m=1)
            a = pm.Deterministic("a", phi * kappa)
            b = pm.Deterministic("b", (1 - phi) * kappa)
            d1 = pt.gammaln(r + x) - pt.gammaln(r) + pt.gammaln(a + b) + pt.gammaln(b + x)
            d2 = r * pt.log(alpha) - (r + x) * pt.log(alpha + recency)
            c3 = ((alpha + recency) / (alpha + age)) ** (r + x)
            c4 = pt.switch(x > 0, a / (b + np.maximum(x, 1) - 1), 0.0)
            logp = d1 - pt.gammaln(b) - pt.gammaln(a + b + x) + d2 + pt.log(c3 + c4)
            pm.Potential("customers", logp.sum())
            trace = pm.sample(DRAWS, chains=CHAINS, cores=2, random_seed=1, progressbar=False)
        return _told(trace)

    return fit


def _library(way: str, x, recency, age):
    import pandas as pd
    from pymc_marketing.clv import BetaGeoModel

    frame = pd.DataFrame(
        {"customer_id": np.arange(len(x)), "frequency": x, "recency": recency, "T": age}
    )

    def fit():
        trace = BetaGeoModel().fit(
            frame, draws=DRAWS, chains=CHAINS, cores=2, random_seed=1, progressbar=False
        )
        return _told(trace)

    return fit


def _told(trace):
    import arviz as az

    values = [np.asarray(trace.posterior[name]) for name in PARAMETERS]
    ess = min(float(az.ess(value)) for value in values)
    sampling = float(trace.posterior.attrs["sampling_time"])
    return ess, [float(value.mean()) for value in values], sampling


def _second_run(way: str, python: str) -> dict:
    for _ in range(2):
        done = subprocess.run(
            [python, __file__, way], check=True, capture_output=True, text=True, env=os.environ
        )
    return json.loads(done.stdout.strip().splitlines()[-1])


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


if __name__ == "__main__":
    main()
