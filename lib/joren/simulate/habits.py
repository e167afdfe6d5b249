"""Where people like to buy, which shop is theirs and what they like best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from joren.simulate.catalogue import CATEGORIES
from joren.simulate.world import AREAS, STORES, World

POS, WEB, MALL, TEIKI = range(4)  # positions in world.SYSTEMS

# share of people, and where their orders go: pos, web, mall ("mix": a share of their own)
PROFILES = (
    (0.42, (1.0, 0.0, 0.0)),
    (0.24, (0.0, 1.0, 0.0)),
    (0.22, (0.5, 0.5, 0.0)),
    (0.05, (0.0, 0.0, 1.0)),
    (0.05, (0.0, 0.6, 0.4)),
    (0.02, (0.4, 0.4, 0.2)),
)
AWAY_SHARE = 0.08  # till visits in a shop other than one's own


@dataclass(frozen=True)
class Habits:
    """Arrays over the chunk's people: order shares (n, 3), home shop and favourite category."""

    shares: np.ndarray
    store: np.ndarray
    category: np.ndarray

    def choose_systems(self, rng: np.random.Generator, person: np.ndarray) -> np.ndarray:
        """(m,) POS, WEB or MALL for each of the given people's orders."""
        bounds = np.cumsum(self.shares[person], axis=1)[:, :2]
        return (rng.random(len(person))[:, None] >= bounds).sum(axis=1).astype(np.int8)

    def choose_stores(self, rng: np.random.Generator, person: np.ndarray) -> np.ndarray:
        """(m,) position in STORES of each till visit."""
        away = rng.random(len(person)) < AWAY_SHARE
        return np.where(away, rng.integers(0, len(STORES), len(person)), self.store[person])


def draw_habits(world: World, chunk: int, people: pa.Table) -> Habits:
    """Draw the habits of a chunk's people; their shop is one of their area's."""
    rng = world.rng("habits", chunk)
    n = len(people)
    profile = rng.choice(len(PROFILES), size=n, p=[share for share, _ in PROFILES])
    shares = np.array([places for _, places in PROFILES])[profile]
    # people who use both the shops and the web differ in how much
    mixed = (shares[:, POS] > 0) & (shares[:, WEB] > 0)
    total = shares[:, POS] + shares[:, WEB]
    shares[:, POS] = np.where(mixed, total * rng.beta(2, 2, n), shares[:, POS])
    shares[:, WEB] = np.where(mixed, total - shares[:, POS], shares[:, WEB])
    return Habits(
        shares=shares,
        store=_home_stores(rng, people.column("area")),
        category=rng.choice(len(CATEGORIES), size=n, p=[c.share for c in CATEGORIES]),
    )


def _home_stores(rng: np.random.Generator, areas: pa.ChunkedArray) -> np.ndarray:
    area = np.asarray(areas.to_numpy(zero_copy_only=False), dtype=str)
    draw = rng.random(len(area))
    home = np.zeros(len(area), dtype=np.int64)
    for name in AREAS:
        stores = np.array([i for i, store in enumerate(STORES) if store.area == name])
        here = area == name
        home[here] = stores[(draw[here] * len(stores)).astype(np.int64)]
    return home
