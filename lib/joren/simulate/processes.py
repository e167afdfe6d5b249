"""Each person's true purchase process: when they come, how often they buy, until when.

1. First orders come with the season and with growth, all inside the observed window.
2. The rate of later orders is lambda ~ Gamma(RATE_SHAPE, mean RATE_MEAN per day), on the
   season's clock. 70 % buy as a Poisson process; 30 % are regular: their gaps are Erlang-3.
3. A relationship lasts an exponential time of rate mu ~ Gamma(DROPOUT_SHAPE, DROPOUT_DAYS), in
   calendar days from the first order (a Pareto lifetime); what happens on the way changes it
   (`touchpoints`, `subscriptions`). It ends with a day: the last orders are before midnight.
4. An order's goods are Gamma(SPEND_SHAPE, rate nu), nu ~ Gamma(SPEND_MIX, SPEND_SCALE yen).

Schmittlein, Morrison & Colombo (1987), Management Science 33(1), with the regularity of Platzer &
Reutterer (2016), Marketing Science 35(5); spend: Fader & Hardie (2013), note on Gamma-Gamma.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from joren.simulate.season import HORIZON, to_calendar, to_operational
from joren.simulate.world import DAYS, World

GROWTH = 0.6  # new customers a day at the window's end over those at its start, less one
REGULAR_SHARE = 0.3
REGULARITY = 3  # k of the Erlang gaps
RATE_SHAPE, RATE_MEAN = 1.1, 0.0275  # orders a day
DROPOUT_SHAPE, DROPOUT_DAYS = 0.8, 200.0
SPEND_SHAPE, SPEND_MIX, SPEND_SCALE = 4.0, 4.0, 2_600.0


@dataclass(frozen=True)
class Processes:
    """Arrays over the chunk's people: Erlang k, orders a day, yen an order, first day, last day.

    `acquired` and `ends` are days since START (fractions allowed); `ends` is the relationship's
    natural end, before anything that happens on the way.
    """

    k: np.ndarray
    rate: np.ndarray
    spend_mean: np.ndarray
    acquired: np.ndarray
    ends: np.ndarray


def draw_processes(world: World, chunk: int) -> Processes:
    """Draw the processes of a chunk's people."""
    rng = world.rng("processes", chunk)
    n = len(world.person_ids(chunk))
    acquired = _first_days(rng, n)
    lifetime = rng.standard_exponential(n) * DROPOUT_DAYS / rng.standard_gamma(DROPOUT_SHAPE, n)
    return Processes(
        k=np.where(rng.random(n) < REGULAR_SHARE, REGULARITY, 1),
        rate=rng.gamma(RATE_SHAPE, RATE_MEAN / RATE_SHAPE, n),
        spend_mean=SPEND_SHAPE * SPEND_SCALE / rng.standard_gamma(SPEND_MIX, n),
        acquired=acquired,
        ends=acquired + lifetime,
    )


def purchase_days(
    rng: np.random.Generator, processes: Processes, died: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Every order day from the first to the end of the relationship, future included.

    Parameters
    ----------
    rng : advanced
    processes : of n people
    died : (n,) the first day without them

    Returns
    -------
    (m,) person index, ascending, and (m,) day since START, ascending within a person
    """
    until = to_operational(np.minimum(died, HORIZON))
    active = np.arange(len(died))
    clock = to_operational(processes.acquired)
    people, clocks = [active], [clock]
    while active.size:
        k = processes.k[active]
        clock = clock + rng.standard_gamma(k) / (k * processes.rate[active])
        alive = clock < until[active]
        active, clock = active[alive], clock[alive]
        people.append(active)
        clocks.append(clock)
    person = np.concatenate(people)
    # rounds are in time order, so a stable sort by person leaves each person's orders in order
    order = np.argsort(person, kind="stable")
    person, day = person[order], to_calendar(np.concatenate(clocks)[order])
    kept = day < np.minimum(died, HORIZON)[person]  # the two clocks round differently
    return person[kept], day[kept]


def draw_goods(rng: np.random.Generator, spend_mean: np.ndarray) -> np.ndarray:
    """Yen of goods of one order each, around the given means."""
    return rng.standard_gamma(SPEND_SHAPE, len(spend_mean)) * spend_mean / SPEND_SHAPE


def _first_days(rng: np.random.Generator, n: int) -> np.ndarray:
    """Days with density proportional to season * (1 + GROWTH * share of the window passed)."""
    share = rng.random(n) * (1 + GROWTH / 2)
    passed = (np.sqrt(1 + 2 * GROWTH * share) - 1) / GROWTH
    window = to_operational(np.array(float(DAYS)))
    return np.minimum(to_calendar(passed * window), np.nextafter(DAYS, 0))
