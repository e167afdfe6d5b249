from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from joren.ltv import loo
from joren.ltv.loo import leave_one_out
from joren.ltv.mbg_nbd import MBG_NBD
from joren.ltv.pareto_nbd import PARETO_NBD
from joren.ltv.statistics import PurchaseStatistics, purchase_statistics

DATA = Path(__file__).parents[1] / "data" / "ltv"


@pytest.fixture(scope="module")
def weeks() -> PurchaseStatistics:
    c = pd.read_csv(DATA / "cdnow_customers_summary.csv")
    return purchase_statistics(c.frequency, c.recency, c["T"])


def around(centre: tuple[float, ...], sd: float = 0.04, n: int = 400) -> np.ndarray:
    noise = np.random.default_rng(5).standard_normal((n, len(centre)))
    return np.array(centre) * np.exp(sd * noise)


MBG, PARETO = (0.525, 6.183, 0.891, 1.614), (0.553, 10.578, 0.606, 11.669)


def test_draws_that_are_all_one_leave_the_likelihood_itself(weeks):
    found = leave_one_out(MBG_NBD, [weeks], [around(MBG, sd=1e-9)], seed=1)
    assert found.elpd == pytest.approx(MBG_NBD.log_likelihood(weeks, *MBG), abs=1e-3)


def test_a_customer_left_out_is_less_expected_than_one_looked_at(weeks):
    draws = around(MBG)
    found = leave_one_out(MBG_NBD, [weeks], [draws], seed=1)
    density = MBG_NBD.pointwise(weeks, draws)
    seen = np.log(np.exp(density).mean(0)) @ weeks.customers
    held_out = -np.log(np.exp(-density).mean(0)) @ weeks.customers
    assert found.elpd < seen
    assert found.elpd == pytest.approx(held_out, abs=0.5)
    assert found.k_hat < 0.7
    assert found.sampling_se == 0


def test_the_order_of_draws_and_weighted_or_exploded_customers_do_not_matter():
    x, t, age = [0, 2, 2, 5], [0, 20, 25, 60], [50, 40, 90, 60]
    whole = purchase_statistics(x, t, age, [3, 1, 2, 1])
    exploded = purchase_statistics(*(np.repeat(c, [3, 1, 2, 1]) for c in (x, t, age)))
    draws = around((0.6, 20.0, 0.9, 2.1))
    one = leave_one_out(MBG_NBD, [whole], [draws], seed=1)
    other = leave_one_out(MBG_NBD, [exploded], [draws[::-1]], seed=1)
    assert one.elpd == pytest.approx(other.elpd, rel=1e-9)
    assert one.se == pytest.approx(other.se, rel=1e-9)


def test_the_lead_of_a_model_is_surer_than_either_density(weeks):
    mbg = leave_one_out(MBG_NBD, [weeks], [around(MBG)], seed=1)
    pareto = leave_one_out(PARETO_NBD, [weeks], [around(PARETO)], seed=1)
    lead, se = mbg.lead_over(pareto)
    assert lead == pytest.approx(mbg.elpd - pareto.elpd)
    assert 0 < se < mbg.se / 5


def test_a_sample_of_rows_stands_for_all_of_them(weeks, monkeypatch):
    draws = around(MBG)
    every = leave_one_out(MBG_NBD, [weeks], [draws], seed=1)
    monkeypatch.setattr(loo, "_MOST_ROWS", 200)
    some = leave_one_out(MBG_NBD, [weeks], [draws], seed=1)
    assert len(some.by_row) == 200
    assert 0 < some.sampling_se < 5
    assert abs(some.elpd - every.elpd) < 4 * some.sampling_se


def test_groups_with_one_set_of_parameters_add_up_to_the_whole(weeks):
    first = np.arange(len(weeks)) % 2 == 0
    halves = [weeks.rows(np.flatnonzero(first)), weeks.rows(np.flatnonzero(~first))]
    draws = around(MBG)
    apart = leave_one_out(MBG_NBD, halves, [draws, draws], seed=1)
    whole = leave_one_out(MBG_NBD, [weeks], [draws], seed=1)
    assert apart.elpd == pytest.approx(whole.elpd, rel=1e-12)


def test_customers_of_today_say_nothing_and_break_nothing():
    today = purchase_statistics([0, 2], [0, 8.0], [0, 20.0], [3, 1])
    found = leave_one_out(MBG_NBD, [today], [around(MBG)], seed=1)
    assert found.by_row[found.customers == 3] == pytest.approx([0.0], abs=1e-12)
