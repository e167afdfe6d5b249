"""The weather and the visits it puts off."""

from __future__ import annotations

import numpy as np

from joren.simulate.weather import RAIN_POSTPONES, postpone_visits, weather, wet_days
from joren.simulate.world import AREAS, DAYS, World

WORLD = World(500, seed=5)


def test_every_area_has_weather_every_day_and_june_is_wetter_than_december():
    table = weather(WORLD).to_pandas()
    assert len(table) == len(AREAS) * DAYS
    assert not table.duplicated(["area", "date"]).any()
    month = table["date"].astype("datetime64[ns]").dt.month
    wet = table["condition"].isin(["雨", "雪"])
    assert wet[month == 6].mean() > 2 * wet[month == 12].mean()
    assert wet.to_numpy().reshape(len(AREAS), DAYS).tolist() == wet_days(WORLD).tolist()
    assert table["temperature"][month == 8].min() > table["temperature"][month == 1].max()


def test_rain_puts_off_a_quarter_of_the_visits_by_one_day_but_not_beyond_the_end():
    n = 60_000
    rng = np.random.default_rng(1)
    day = rng.random(n) * (DAYS - 2)
    until = np.where(rng.random(n) < 0.5, DAYS, np.floor(day) + 1)
    moved = np.round(postpone_visits(WORLD, rng, np.zeros(n, dtype=int), day, until) - day, 9)
    wet = wet_days(WORLD)[0][np.floor(day).astype(int)]
    free = until == DAYS
    assert set(moved) == {0.0, 1.0}
    assert not moved[~wet].any()
    assert not moved[~free].any()
    share = moved[wet & free].mean()
    assert abs(share - RAIN_POSTPONES) < 4 * np.sqrt(0.25 * 0.75 / (wet & free).sum())
