from datetime import date, datetime, timedelta

import ibis
import numpy as np
import pandas as pd
import pytest

from joren.routes.weather import (
    ALL,
    Money,
    fired_days,
    is_wet,
    point_rate,
    rain_effect,
    store_days,
    trigger,
)
from joren.simulate.weather import postpone_visits, wet_days
from joren.simulate.world import AREAS, DAYS, START, STORES, World

WORLD = World(500, seed=3)


@pytest.mark.parametrize(
    ("words", "wet"),
    [("雨", True), ("曇のち雨", True), ("大雪", True), ("晴れ", False), ("曇", False),
     ("快晴", False), ("雷雨", True), ("Light rain", True), ("Snow", True), ("Sunny", False),
     ("雨なし", False), ("No rain", False)],
)  # fmt: skip
def test_japanese_and_english_words_of_weather(words, wet):
    row = ibis.memtable({"condition": [words]})
    assert row.select(wet=is_wet(row.condition)).to_pandas().wet[0] == wet


def _simulated(visits: int, seed: int) -> pd.DataFrame:
    """Till visits of every simulated shop by day, as its rain left them."""
    rng = np.random.default_rng(seed)
    store = rng.integers(0, len(STORES), visits)
    day = postpone_visits(WORLD, rng, store, rng.random(visits) * DAYS, np.full(visits, DAYS * 1.0))
    wet = wet_days(WORLD)
    frames = []
    for i, shop in enumerate(STORES):
        orders = np.bincount(np.floor(day[store == i]).astype(int), minlength=DAYS)
        rain = wet[AREAS.index(shop.area)]
        frames.append(pd.DataFrame({
            "store": shop.store, "day": [START.date() + timedelta(days=d) for d in range(DAYS)],
            "orders": orders, "amount": 1000 * orders, "points": 10 * orders, "wet": rain,
            "wet_before": pd.Series(np.roll(rain, 1)).where(np.arange(DAYS) > 0, None),
        }))  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def test_the_simulators_rain_is_found_in_every_shop():
    found = rain_effect(_simulated(60_000, 1), 0.9).set_index("store")

    # a quarter of the visits of a wet day move to the next: after a dry day a quarter is missing,
    # after a wet one the day before makes it up to a fifth
    typical = found.loc[ALL]
    assert -0.25 < typical.change < -0.2
    assert typical.lower < typical.change < typical.upper < -0.15
    assert (found.upper.drop(ALL) < 0).all()
    assert (found.day_after.drop(ALL) > 0.1).all()


def test_without_an_effect_the_interval_holds_zero():
    frame = _simulated(20_000, 2)
    rng = np.random.default_rng(9)
    frame["wet"] = rng.random(len(frame)) < 0.3
    frame["wet_before"] = frame.groupby("store").wet.shift(1)
    typical = rain_effect(frame, 0.9).set_index("store").loc[ALL]

    assert typical.lower < 0 < typical.upper


def test_a_shop_with_too_few_days_is_left_out_and_one_shop_has_no_typical_one():
    frame = _simulated(20_000, 4)
    one = frame[frame.store == STORES[0].store]

    assert rain_effect(one.head(60), 0.9).empty
    assert rain_effect(one, 0.9).store.tolist() == [STORES[0].store]


def test_days_without_orders_count_and_days_without_weather_do_not(table):
    orders = [
        {"source": "pos", "order_id": str(d), "ordered_at": datetime(2026, 1, d, 12), "amount": 500,
         "store": "本店", "status": "valid", "points_granted": 5}
        for d in (1, 4)
    ]  # fmt: skip
    orders.append(orders[0] | {"order_id": "x", "status": "cancelled"})
    found = store_days(
        table("canonical/orders", orders),
        table("canonical/stores", [
            {"source": "c", "store": "本店", "name": "本店", "area": "東京"}
        ]),
        table("canonical/weather", [
            {"source": "c", "area": "東京", "date": date(2026, 1, d), "condition": w}
            for d, w in ((1, "雨"), (2, "晴"), (4, "曇"))
        ]),
    ).to_pandas()  # fmt: skip

    assert found.orders.tolist() == [1, 0, 1]
    assert found.wet.tolist() == [True, False, False]
    assert found.wet_before.isna().tolist() == [True, False, True]


def test_the_rule_fires_when_it_rains_and_says_what_it_must_bring():
    days = pd.DataFrame({
        "store": "A", "day": [date(2026, 1, d) for d in range(1, 7)], "orders": 10,
        "amount": 10_000, "points": 100, "wet": [True, True, True, False, True, False],
    })  # fmt: skip
    money = Money(margin_rate=0.4, point_rate=point_rate(days), value_per_point=1.0)
    (row,) = trigger(days, money).itertuples()

    assert row.fired == 4
    assert row.cost == pytest.approx(0.01 * 40_000)
    # 1 % of points against 40 % margin: u (m − 2c) = c
    assert row.needed_uplift == pytest.approx(0.01 / 0.38)
    assert row.needed_orders == pytest.approx(10 * 0.01 / 0.38)
    assert [d.day for d in fired_days(days, rest_days=1).day] == [5, 3, 1]


def test_points_worth_more_than_the_margin_never_pay():
    days = pd.DataFrame({"store": ["A"], "day": [date(2026, 1, 1)], "orders": [1],
                         "amount": [100], "points": [30], "wet": [True]})  # fmt: skip
    row = trigger(days, Money(0.4, point_rate(days), 1.0)).iloc[0]
    assert np.isnan(row.needed_uplift)
