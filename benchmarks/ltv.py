"""How fast customers are forecast, how much memory that takes, and ten million end to end.

    python benchmarks/ltv.py prediction
    python benchmarks/ltv.py whole --customers 10000000 --model mbg_nbd

`prediction` sets the structured forecast of 50,000 customers × 1,000 posterior draws beside the
formula for every customer and draw, as row-level libraries evaluate it (Fader, Hardie & Lee 2005,
eq. 10, with SciPy's hypergeometric function). `whole` makes orders of BG/NBD customers with
Gamma-Gamma spend, writes them to Parquet, and runs the product's own functions from there to the
table `ltv`. Every measurement has a process of its own, so that the peak of memory is its own.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import numpy as np
from scipy.special import betaln, hyp2f1

TRUTH = (0.243, 4.414 * 7, 0.793, 2.426)
SPEND = (6.25, 3.74, 15.44 * 150)
HISTORY, AS_OF = 730, date(2025, 12, 31)
HORIZON = 365


def main() -> None:
    """Measure what the command line asks for, each part in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["prediction", "whole", "structured", "row_by_row"])
    parser.add_argument("--customers", type=int)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--model", default="mbg_nbd", help="ltv.model of the end-to-end run")
    parser.add_argument("--memory-gb", type=float, default=2.0, help="what the engine may take")
    parser.add_argument("--orders", type=Path, help="a Parquet file `whole` made before")
    parser.add_argument("--keep", action="store_true", help="keep the folder of `whole`")
    given = parser.parse_args()
    if given.what == "prediction":
        compare(given.customers or 50_000, given.draws)
    elif given.what == "whole" and given.orders:
        end_to_end(given.orders, given.model, given.memory_gb)
    elif given.what == "whole":
        make_and_run(given)
    else:
        print(json.dumps(predict(given.what, given.customers, given.draws)))


def compare(customers: int, draws: int) -> None:
    """Print time, memory and means of both ways of forecasting."""
    found = {}
    for way in ("row_by_row", "structured"):
        command = [sys.executable, __file__, way, "--customers", str(customers)]
        done = subprocess.run(
            [*command, "--draws", str(draws)], check=True, capture_output=True, text=True
        )
        found[way] = json.loads(done.stdout)
        told = found[way]
        print(
            f"{way:12} {told['seconds']:8.2f} s  {told['processor']:8.2f} s of processor time  "
            f"{told['megabytes']:8.1f} MB"
        )
    slow, fast = found["row_by_row"], found["structured"]
    apart = np.abs(np.array(fast["means"]) / np.array(slow["means"]) - 1).max()
    for name in ("seconds", "processor", "megabytes"):
        print(f"{name:12} {slow[name] / fast[name]:8.1f} times less")
    print(f"means differ by at most {apart:.1e} (of the first 1,000 customers)")


def predict(way: str, customers: int, draws: int) -> dict:
    """Seconds, megabytes above what was held before, and expected orders of the first customers."""
    from joren.ltv.order_models import ORDER_MODELS
    from joren.ltv.prediction import forecast_orders
    from joren.ltv.statistics import purchase_statistics

    rng = np.random.default_rng(1)
    x, recency, age = purchases(customers, rng)
    posterior = np.array(TRUTH) * np.exp(rng.normal(0, 0.03, (draws, 4)))
    key = np.column_stack([x, age, recency])
    model = ORDER_MODELS["bg_nbd"]
    # compiled code is on disk after the first run ever; it is not part of the comparison
    forecast_orders(purchase_statistics([1], [1], [2]), model, posterior[:2], [HORIZON])
    before, started, busy = peak(), time.perf_counter(), time.process_time()
    if way == "structured":
        unique = purchase_statistics(x, recency, age)
        mean = forecast_orders(unique, model, posterior, [HORIZON]).mean[:, 0]
    else:
        mean = row_by_row(posterior, x, recency, age, HORIZON)
    seconds, processor = time.perf_counter() - started, time.process_time() - busy
    if way == "structured":
        mean = mean[np.unique(key, axis=0, return_inverse=True)[1].ravel()[:1000]]
    return {
        "seconds": seconds,
        "processor": processor,
        "megabytes": peak() - before,
        "means": mean[:1000].tolist(),
    }


def row_by_row(draws, x, recency, age, horizon: float) -> np.ndarray:
    """Expected orders, P(alive) and P(no order) on (draws × customers) arrays; the first's means.

    The structured forecast gives all three, second moments and the time of the next order. The
    formulas are those of pymc-marketing 0.19, operation by operation.
    """
    r, alpha, a, b = draws.T[:, :, None]
    z = horizon / (alpha + age + horizon)
    lost = ((alpha + age) / (alpha + age + horizon)) ** (r + x)
    expected = (a + b + x - 1) / (a - 1) * (1 - lost * hyp2f1(r + x, b + x, a + b + x - 1, z))
    odds = (x > 0) * (a / (b + x - 1)) * ((alpha + age) / (alpha + recency)) ** (r + x)
    mean = (expected / (1 + odds)).mean(0)
    p_alive = np.where(x == 0, 1.0, 1 / (1 + odds)).mean(0)
    del z, lost, expected, odds
    stopped = betaln(a + 1, b + x - 1) - (r + x) * np.log(alpha + recency)
    silent = betaln(a, b + x) - (r + x) * np.log(alpha + age + horizon)
    going_on = betaln(a, b + x) - (r + x) * np.log(alpha + age)
    ahead, so_far = np.maximum(stopped, silent), np.maximum(stopped, going_on)
    none = np.exp(ahead - so_far) * (np.exp(stopped - ahead) + np.exp(silent - ahead))
    none /= np.exp(stopped - so_far) + np.exp(going_on - so_far)
    assert np.isfinite(none.mean(0) + p_alive).all()
    return mean


def make_and_run(given: argparse.Namespace) -> None:
    """Write orders to a new folder, then run on them in a process of its own."""
    with tempfile.TemporaryDirectory(delete=not given.keep) as folder:
        path = Path(folder) / "orders.parquet"
        with stage(f"make orders in {folder}"):
            make_orders(path, given.customers or 10_000_000)
        print(f"orders            {path.stat().st_size / 1e6:10,.0f} MB")
        command = [sys.executable, __file__, "whole", "--orders", str(path)]
        options = ["--model", given.model, "--memory-gb", str(given.memory_gb)]
        started = time.perf_counter()
        subprocess.run([*command, *options], check=True, env={**os.environ, "TMPDIR": folder})
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(f"whole             {time.perf_counter() - started:10,.1f} s")
        print(f"processor time    {used.ru_utime + used.ru_stime:10,.1f} s")
        print(f"peak memory       {used.ru_maxrss / 1024:10,.0f} MB")


def end_to_end(path: Path, model: str, memory_gb: float) -> None:
    """From orders in Parquet to the table `ltv` in Parquet, by the product's own functions."""
    from joren.engine import connect, read_parquet, write_parquet
    from joren.ltv.gamma_gamma import spend_moments
    from joren.ltv.models import fit
    from joren.ltv.prediction import forecast_orders
    from joren.ltv.summary import purchase_summary
    from joren.ltv.value import customer_table, ltv_table
    from joren.params import Ltv
    from joren.purchases import counted_orders

    settings = Ltv(model=model, horizon_days=[90, 365])
    engine = connect(memory_gb)
    engine.raw_sql("SET threads = 2")
    with stage("summary"):
        orders = counted_orders(read_parquet(engine, path), AS_OF)
        summary = purchase_summary(orders, AS_OF).cache()
    with stage("statistics, fit"):
        fitted = fit(summary, settings, seed=1)
    with stage("forecast"):
        forecast = forecast_orders(
            fitted.purchases,
            fitted.model,
            fitted.order_draws(),
            settings.horizons(),
            settings.annual_discount_rate,
        )
        spend = spend_moments(fitted.spend_draws(), fitted.frequencies())
    with stage("customer table"):
        customers = customer_table(
            summary,
            fitted.purchases,
            forecast,
            spend,
            as_of=AS_OF,
            margin_rate=settings.margin_rate,
            interval=0.9,
        )
    with stage("write"):
        write_parquet(ltv_table(customers), path.with_name("ltv.parquet"))
    print(f"unique customers  {len(fitted.purchases):10,} by {fitted.model.title}")


def make_orders(path: Path, customers: int) -> None:
    """Orders of so many customers, a million at a time; the engine makes text and decimals."""
    import pandas as pd

    from joren.engine import connect

    rng, engine = np.random.default_rng(11), connect(2.0)
    engine.raw_sql("CREATE TABLE made (customer INTEGER, day SMALLINT, amount INTEGER)")
    p, q, v = SPEND
    for first in range(0, customers, 1_000_000):
        n = min(1_000_000, customers - first)
        x, recency, age = purchases(n, rng)
        customer = np.repeat(np.arange(n), x + 1)
        is_first = np.r_[True, np.diff(customer) > 0]
        is_last = np.r_[is_first[1:], True]
        since = np.floor(rng.random(len(customer)) * recency[customer])
        since = np.where(is_first, 0, np.where(is_last, recency[customer], since))
        amount = rng.gamma(p, 1 / rng.gamma(q, 1 / v, n)[customer])
        made = pd.DataFrame(
            {
                "customer": first + customer,
                "day": HISTORY - age[customer] + since,
                "amount": np.maximum(amount.round(), 1),
            }
        ).astype({"customer": "int32", "day": "int16", "amount": "int32"})
        engine.insert("made", made)
    engine.raw_sql(f"""
        COPY (
            SELECT format('C{{:08d}}', customer) AS customer_id, 'shop' AS source,
                format('M{{:08d}}', customer) AS source_id,
                format('{{:09d}}', row_number() OVER ()) AS order_id,
                (DATE '{AS_OF}' - {HISTORY} + day::INTEGER)::TIMESTAMP AS ordered_at,
                DATE '{AS_OF}' - {HISTORY} + day::INTEGER AS day,
                amount::DECIMAL(18, 4) AS value, 'valid' AS status
            FROM made
        ) TO '{path}' (FORMAT PARQUET, COMPRESSION ZSTD)
    """)


def purchases(customers: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Frequency, recency and age in whole days of BG/NBD customers who came over two years."""
    r, alpha, a, b = TRUTH
    age = rng.uniform(1, HISTORY, customers)
    rate = rng.gamma(r, 1 / alpha, customers)
    possible = rng.poisson(rate * age)
    last = rng.geometric(np.maximum(rng.beta(a, b, customers), 1e-12))
    x = np.minimum(possible, last)
    # given how many orders there could have been, the x-th of them lies at a beta's place
    place = rng.beta(np.maximum(x, 1), possible - x + 1)
    age = np.floor(age).astype(int)
    recency = np.where(x > 0, np.clip(np.ceil(place * age), 1, age), 0).astype(int)
    return np.minimum(x, recency), recency, age


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Print how long the block took and the peak of memory so far."""
    started, busy = time.perf_counter(), time.process_time()
    yield
    seconds, processor = time.perf_counter() - started, time.process_time() - busy
    print(f"{name:17} {seconds:10,.1f} s   {processor:8,.1f} s of processor   {peak():8,.0f} MB")


def peak() -> float:
    """Megabytes this process has held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
