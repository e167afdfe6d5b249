"""What arms are still to bring, joined back to the customers; nothing where there is too little."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import ibis
import numpy as np
import pyarrow as pa
import pytest

from joren.engine import connect
from joren.ltv.arms_ahead import LEAST, arms_ahead, order_model_of, since_start
from joren.ltv.mbg_nbd import MBG_NBD
from joren.ltv.pareto_nbd import PARETO_NBD

BEGIN, AS_OF = date(2026, 1, 1), date(2026, 6, 29)  # 180 days
START = datetime(2026, 1, 1)


def facts_of(con, rows) -> ibis.Table:
    columns = ("customer_id", "ordered_at", "margin", "is_purchase")
    table = pa.table({name: [row[i] for row in rows] for i, name in enumerate(columns)})
    made = con.create_table("facts", table)
    money = made.margin.cast("decimal(18, 4)")
    return made.mutate(day=made.ordered_at.date(), margin=money)


def people(con, arms: dict[str, int]) -> ibis.Table:
    rows = [(f"{arm}{i}", arm) for arm, n in arms.items() for i in range(n)]
    names = pa.table({"customer_id": [r[0] for r in rows], "arm": [r[1] for r in rows]})
    return con.create_table("people", names)


def test_the_clock_starts_with_the_campaign():
    con = connect()
    rows = [
        ("t0", START - timedelta(days=3), 900.0, True),
        ("t0", START + timedelta(hours=9), 100.0, True),
        ("t0", START + timedelta(hours=11), 50.0, True),
        ("t0", START + timedelta(days=20), -30.0, False),
        ("t0", START + timedelta(days=9), 200.0, True),
    ]
    found = since_start(people(con, {"t": 2}), facts_of(con, rows), BEGIN, AS_OF)
    first, second = found.order_by("customer_id").to_pyarrow().to_pylist()
    assert (first["frequency"], first["recency"], first["T"]) == (2, 10, 180)
    assert float(first["margin"]) == 320.0  # an order of before counts for nothing
    assert (second["frequency"], second["recency"], second["T"]) == (0, 0, 180)
    assert float(second["margin"]) == 0.0


def shop(con, n: int, seed: int = 3, margin: float = 100.0) -> ibis.Table:
    """Two arms; the treated order twice as often and bring half more an order."""
    rng, rows = np.random.default_rng(seed), []
    for arm, rate, worth in (("treatment", 2.0, 1.5 * margin), ("control", 1.0, margin)):
        for i in range(n):
            days = rng.uniform(0, 180, rng.poisson(rng.gamma(0.8, rate)))
            rows += [(f"{arm}{i}", START + timedelta(days=float(d)), worth, True) for d in days]
    assigned = people(con, {"treatment": n, "control": n})
    return since_start(assigned, facts_of(con, rows), BEGIN, AS_OF).cache()


@pytest.fixture(scope="module")
def found():
    since = shop(connect(), 400)
    ahead = arms_ahead(since, "control", MBG_NBD, 365, 0.0, 1)
    told = ahead["treatment"].customers.join(since, "customer_id")
    return ahead, told.to_pandas().astype({"expected": float, "margin": float})


def test_every_customer_of_both_arms_has_what_she_is_still_to_bring(found):
    ahead, told = found
    assert list(ahead) == ["treatment"]
    assert len(told) == 800
    assert ahead["treatment"].prior_sd >= 0
    means = told.groupby("arm").expected.mean()
    assert 2.0 < means["treatment"] / means["control"] < 4.5  # three times as much until now
    orders = told.groupby("arm").frequency.mean() * 365 / 180
    assert 0.4 * 100 * orders["control"] < means["control"] < 100 * orders["control"]


def test_customers_who_bring_more_than_their_orders_stand_for_move_the_mean(found):
    _ahead, told = found
    same = told[(told.arm == "control") & (told.frequency == 1)]
    assert same.groupby(["recency", "margin"]).expected.nunique().eq(1).all()


@pytest.mark.parametrize("short", [{"n": LEAST["customers"] - 1}, {"n": 400, "days": 60}])
def test_too_little_gives_no_model_of_each_arm(short):
    since = shop(connect(), short["n"])
    if "days" in short:
        since = since.mutate(T=ibis.literal(short["days"], "int64"))
        since = since.mutate(recency=ibis.least(since.recency, since["T"]))
    assert arms_ahead(since, "control", MBG_NBD, 365, 0.0, 1) == {}
    assert arms_ahead(since, "nobody", MBG_NBD, 365, 0.0, 1) == {}


@pytest.mark.parametrize(
    ("chosen", "taken"),
    [(["pareto_nbd"], PARETO_NBD), (["mbg_cnbd_2"], MBG_NBD), ([], MBG_NBD)],
)
def test_regular_buyers_are_taken_for_customers_without_memory(chosen, taken):
    names = [*chosen, "mbg_nbd"]
    table = pa.table({"model": names, "chosen": [name in chosen for name in names]})
    assert order_model_of(connect().create_table("models", table)) is taken
