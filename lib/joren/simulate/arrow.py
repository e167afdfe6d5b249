"""From arrays of positions and seconds to Arrow columns, -1 and infinity meaning null."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from joren.simulate.season import HORIZON, timestamps
from joren.simulate.world import DAY, World


def labels(names: Sequence[str], positions: np.ndarray) -> pa.Array:
    """The names at the given positions; -1 gives null."""
    return pa.array(list(names), pa.string()).take(pa.array(positions, mask=positions < 0))


def constant(text: str | None, n: int) -> pa.Array:
    """The same text, or null, n times."""
    return pa.array([text], pa.string()).take(pa.array(np.zeros(n, dtype=np.int64)))


def numbers(values: np.ndarray, known: np.ndarray | None = None) -> pa.Array:
    """Whole numbers, null where not known."""
    mask = None if known is None else ~known
    return pa.array(np.asarray(values, dtype=np.int64), mask=mask)


def moments(seconds: np.ndarray, known: np.ndarray | None = None) -> pa.Array:
    """Timestamps from seconds since START, null where not known."""
    return pa.array(timestamps(seconds), pa.timestamp("us"), mask=None if known is None else ~known)


def midnights(days: np.ndarray) -> pa.Array:
    """Timestamps from whole days since START, null from the horizon on."""
    within = days < HORIZON
    return moments(np.where(within, days, 0).astype(np.int64) * DAY, within)


def person_ids(world: World, chunk: int, person: np.ndarray) -> pa.Array:
    """Person ids from positions in the chunk; -1 gives null."""
    first = world.person_ids(chunk)[0]
    return numbers(first + person, person >= 0)
