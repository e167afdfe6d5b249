"""The weather of every area and day of the observed window; rain puts off some till visits."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pyarrow as pa

from joren.simulate.season import timestamps
from joren.simulate.world import AREAS, DAY, DAYS, STORES, World

RAIN_POSTPONES = 0.25  # chance that a till visit on a wet day is made the day after
WET_SHARE = (0.17, 0.2, 0.3, 0.32, 0.33, 0.45, 0.4, 0.3, 0.38, 0.32, 0.22, 0.16)  # by month
MEAN_CELSIUS = (5.4, 6.1, 9.4, 14.3, 18.8, 21.9, 25.7, 26.9, 23.3, 18.0, 12.5, 7.7)
_CONDITIONS = np.array(["晴", "曇", "雨", "雪"])
_STORE_AREA = np.array([AREAS.index(store.area) for store in STORES])


def weather(world: World) -> pa.Table:
    """area, date, condition (晴, 曇, 雨, 雪) and temperature (mean of the day, Celsius)."""
    condition, temperature = _draw(world)
    dates = timestamps(np.arange(DAYS) * DAY).astype("datetime64[D]")
    return pa.table(
        {
            "area": pa.array(np.repeat(np.array(AREAS), DAYS).tolist()),
            "date": pa.array(np.tile(dates, len(AREAS))),
            "condition": pa.array(_CONDITIONS[condition.ravel()].tolist()),
            "temperature": pa.array(temperature.ravel()),
        }
    )


def wet_days(world: World) -> np.ndarray:
    """(areas, DAYS) true where it rains or snows."""
    return _draw(world)[0] >= 2


def postpone_visits(
    world: World, rng: np.random.Generator, store: np.ndarray, day: np.ndarray, until: np.ndarray
) -> np.ndarray:
    """The days of till visits after the rain had its say.

    Parameters
    ----------
    world : gives the weather
    rng : advanced
    store : (n,) positions in STORES
    day : (n,) days since START, fractions allowed, all before END
    until : (n,) first day the visitor is no customer any more: nobody is put off beyond it

    Returns
    -------
    (n,) days, the same or one later
    """
    wet = wet_days(world)[_STORE_AREA[store], np.floor(day).astype(np.int64)]
    late = wet & (rng.random(len(day)) < RAIN_POSTPONES) & (day + 1 < np.minimum(until, DAYS))
    return day + late


@lru_cache(maxsize=2)
def _draw(world: World) -> tuple[np.ndarray, np.ndarray]:
    rng = world.rng("weather", 0)
    dates = timestamps(np.arange(DAYS) * DAY).astype("datetime64[M]").astype(int)
    month = dates % 12
    # neighbouring areas share most of their weather: one front for all, and a local part
    front, local = rng.standard_normal(DAYS), rng.standard_normal((len(AREAS), DAYS))
    dampness = np.argsort(np.argsort(0.8 * front + 0.6 * local, axis=1), axis=1) / DAYS
    wet = dampness > 1 - np.array(WET_SHARE)[month]
    noise = rng.standard_normal((len(AREAS), DAYS)) + rng.standard_normal(DAYS)
    temperature = np.round(np.array(MEAN_CELSIUS)[month] + 1.8 * noise - 2 * wet, 1)
    dry = np.where(dampness > 0.45, 1, 0)
    return np.where(wet, np.where(temperature < 1, 3, 2), dry), temperature
