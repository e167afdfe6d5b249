"""Ranks by probability."""

from __future__ import annotations

import ibis
import numpy as np
import pytest

from joren.engine import connect
from joren.params_segments import Joren
from joren.segments.ranks import hurdle_gamma_above, ltv_threshold, ranked


@pytest.fixture
def ltv_of():
    con = connect()

    def build(p, mean, sd):
        columns = {
            "customer_id": [f"c{i}" for i in range(len(p))],
            "p_order_365d": p, "ltv_365d": mean, "ltv_365d_sd": sd,
        }  # fmt: skip
        return con.create_table("ltv", ibis.memtable(columns).to_pyarrow(), overwrite=True)

    return build


@pytest.mark.parametrize(("p", "shape", "scale"), [(0.7, 2.0, 0.8), (1.0, 0.4, 3.0), (0.2, 9, 0.3)])
def test_the_chance_to_lie_above_is_that_of_brute_force_draws(p, shape, scale):
    rng = np.random.default_rng(2)
    draws = np.where(rng.random(400_000) < p, rng.gamma(shape, scale, 400_000), 0)
    found = hurdle_gamma_above(np.array([p]), np.array([draws.mean()]), np.array([draws.std()]))
    assert found[0] == pytest.approx((draws > 1).mean(), abs=0.01)


def test_who_never_buys_is_never_above():
    nothing = np.zeros(1)
    assert hurdle_gamma_above(nothing, nothing, nothing)[0] == 0


def test_ranks_follow_the_probability_and_not_the_mean(ltv_of):
    # one sure of 900, one with a small chance of much more; the threshold is 1,000
    ltv = ltv_of([1.0, 0.3, 1.0, 0.1], [900, 1_200, 3_000, 20], [10, 3_000, 500, 90])
    rows = ranked(ltv, Joren(), 1_000.0).order_by("customer_id").to_pyarrow().to_pylist()
    assert [row["rank"] for row in rows] == ["standard", "potential", "high", "standard"]
    assert rows[2]["score"] == 100


def test_yen_and_dollars_rank_alike(ltv_of):
    p, mean, sd = [0.9, 0.5, 0.2], np.array([90.0, 50.0, 9.0]), np.array([40.0, 60.0, 20.0])

    def ranks(unit):
        table = ltv_of(p, mean * unit, sd * unit)
        found = ranked(table, Joren(), ltv_threshold(table, Joren())).order_by("customer_id")
        return found.to_pyarrow().column("rank").to_pylist()

    assert ranks(1) == ranks(150)


def test_a_rank_is_lost_only_beyond_a_margin(ltv_of):
    ltv = ltv_of([0.48, 0.44, 0.52], [960.0, 880.0, 1_040.0], [1_000.0, 990.0, 1_000.0])
    rules = Joren(high_probability=0.46)
    free = ranked(ltv, rules, 1_000.0).order_by("customer_id").to_pyarrow().to_pylist()
    assert [row["rank"] for row in free] == ["high", "potential", "high"]
    before = ibis.memtable({"customer_id": ["c0", "c1"], "rank": ["potential", "high"]})
    kept = ranked(ltv, rules, 1_000.0, before).order_by("customer_id").to_pyarrow().to_pylist()
    assert [row["rank"] for row in kept] == ["potential", "high", "high"]
