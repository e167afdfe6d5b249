"""Holds the forecast against the true future of simulated clients: `python -m joren.ltv.calibrate`.

People are known from the answer key, so that what is judged is the forecast and not the linking of
records. The model is chosen by leave-one-out and the holdout as in a run. A client passes where the
total of orders lies within 2.5 predictive standard deviations of the truth and, from 30,000
customers on, within 3 %, and where the holdout's counts fell where their distributions said.

A forecast supposes that the client goes on as before, but the true future holds no campaigns. The
orders that campaigns of the past brought, as the answer key tells, are therefore taken off it.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scipy.special import ndtri

from joren.engine import connect, read_parquet, write_parquet
from joren.ltv.backtest import score as score_holdout
from joren.ltv.forecast import Ahead, forecast_customers, ltv_columns
from joren.ltv.group_totals import group_totals
from joren.ltv.holdout import choose_cut, split
from joren.ltv.holdout_choice import choose_by_holdout, with_model
from joren.ltv.measures import MODEL
from joren.ltv.models import fit_together
from joren.ltv.segments import EVERYBODY, in_groups
from joren.ltv.summary import purchase_summary
from joren.params_ltv import Ltv
from joren.purchases import counted_orders, identified_orders
from joren.simulate.client import simulate
from joren.simulate.exam import Score, open_exam
from joren.simulate.score import show
from joren.simulate.score_forecast import LAST_DAY, score_forecast

SIZES = (30_000, 250_000)
_SEED = 20261121
_DAYS = 365
_INTERVAL = 0.9
_MOST_DEVIATIONS, _MOST_BIAS, _LARGE = 2.5, 0.03, 25_000
_LARGEST_PIT_DISTANCE = 0.05


@dataclass(frozen=True)
class Calibration:
    """How a client's forecast stands against the truth.

    customers, model : how many were forecast, and by which model
    campaigns : share of the orders so far that campaigns brought
    bias : forecast total of orders without that share, over what happened, less one
    deviations : the same in predictive standard deviations of the total
    pit_distance, coverage, interval_mass : of the holdout's counts
    scores : from the answer key
    """

    customers: int
    model: str
    campaigns: float
    bias: float
    deviations: float
    pit_distance: float
    coverage: float
    interval_mass: float
    scores: list[Score]

    def failures(self) -> list[str]:
        """What misses its bound."""
        missed = {
            "deviations": abs(self.deviations) > _MOST_DEVIATIONS,
            "bias": self.customers >= _LARGE and abs(self.bias) > _MOST_BIAS,
            "pit_distance": self.pit_distance > _LARGEST_PIT_DISTANCE,
            "coverage": abs(self.coverage - self.interval_mass) > 0.03,
        }
        return [name for name, misses in missed.items() if misses]


def calibrate(key: Path, run: Path, settings: Ltv, seed: int = _SEED) -> Calibration:
    """Forecast a simulated client and score the forecast.

    Parameters
    ----------
    key : the client's `answer_key/`
    run : an empty folder, for the tables that are scored
    settings : how to fit
    seed : of the fits
    """
    con = connect()
    people = read_parquet(con, key / "records.parquet")
    people = people.mutate(customer_id=people.person_id.cast("string")).drop("person_id")
    orders = read_parquet(con, key / "canonical" / "orders.parquet")
    orders = identified_orders(orders, people)
    summary = purchase_summary(counted_orders(orders, LAST_DAY), LAST_DAY).cache()
    first_day = summary.first_ordered_at.min().to_pyarrow().as_py().date()
    cut = choose_cut(first_day, LAST_DAY, settings.holdout_days)
    known = split(orders, cut).cache()
    choice = choose_by_holdout(known, fit_together(known, settings, seed), cut)
    holdout = {
        (row["measure"], row["predictor"]): row["value"]
        for row in score_holdout(known, choice.fit, cut, _INTERVAL).to_pylist()
        if row["group_name"] == EVERYBODY
    }
    fitted = with_model(fit_together(summary, settings, seed), choice.fit.model.name)
    ahead = Ahead(
        settings.horizons(),
        as_of=LAST_DAY,
        margin_rate=settings.margin_rate,
        annual_discount_rate=settings.annual_discount_rate,
        interval=_INTERVAL,
    )
    customers = forecast_customers(summary, fitted, None, ahead)
    _names, totals = group_totals(in_groups(customers, []), fitted, [_DAYS], _INTERVAL)
    orders_ahead = totals["orders", _DAYS]
    (run / "tables").mkdir(parents=True)
    write_parquet(ltv_columns(customers), run / "tables" / "ltv.parquet", ["customer_id"])
    write_parquet(people, run / "tables" / "identity_map.parquet", ["source", "source_id"])
    scores = score_forecast(open_exam(run, key))
    surplus = next(s.value for s in scores if s.measure == f"expected_orders_{_DAYS}d: total bias")
    extra = read_parquet(con, key / "outcomes.parquet").extra_orders.sum().to_pyarrow().as_py()
    campaigns = float(extra or 0) / summary.orders.sum().to_pyarrow().as_py()
    expected = float(orders_ahead.mean[0])
    happened = expected / (1 + surplus)
    sd = (orders_ahead.upper[0] - expected) / ndtri((1 + _INTERVAL) / 2)
    return Calibration(
        int(orders_ahead.customers[0]),
        fitted.model.title,
        campaigns,
        float((1 + surplus) * (1 - campaigns) - 1),
        float((expected * (1 - campaigns) - happened) / sd),
        holdout["pit_distance", MODEL],
        holdout["coverage", MODEL],
        holdout["coverage", "interval_mass"],
        scores,
    )


def main(arguments: Sequence[str]) -> int:
    """Simulate clients of the sizes given, print how they were forecast; 1 if one fails."""
    failed = False
    for customers in [int(argument) for argument in arguments] or SIZES:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            simulate("calibration", customers, _SEED, folder / "data", folder / "client.yaml")
            found = calibrate(folder / "data" / "answer_key", folder / "run", Ltv())
        failures = found.failures()
        failed |= bool(failures)
        print(show(found.scores))
        print(
            f"{found.customers:,} customers, {found.model}: total {found.bias:+.2%}"
            f" ({found.deviations:+.2f} sd) without the {found.campaigns:.2%} that campaigns"
            f" brought, PIT distance {found.pit_distance:.3f},"
            f" coverage {found.coverage:.1%} of {found.interval_mass:.1%};"
            f" {'misses ' + ', '.join(failures) if failures else 'calibrated'}",
            flush=True,
        )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
