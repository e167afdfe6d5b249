"""From arrays to Arrow columns."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from joren.simulate.arrow import constant, labels, midnights, moments, numbers, person_ids
from joren.simulate.season import HORIZON
from joren.simulate.world import CHUNK, World


def test_nulls_stand_where_nothing_is_known():
    assert labels(("a", "b"), np.array([1, -1, 0])).to_pylist() == ["b", None, "a"]
    assert numbers(np.array([5, 6]), np.array([True, False])).to_pylist() == [5, None]
    assert midnights(np.array([1.0, HORIZON])).to_pylist() == [datetime(2024, 4, 2), None]
    assert moments(np.array([61])).to_pylist() == [datetime(2024, 4, 1, 0, 1, 1)]
    assert constant(None, 2).to_pylist() == [None, None]


def test_empty_columns_keep_their_type():
    nothing = np.array([], dtype=np.int64)
    columns = [labels(("a",), nothing), numbers(nothing), moments(nothing), constant("a", 0)]
    assert [str(column.type) for column in columns] == [
        "string", "int64", "timestamp[us]", "string",
    ]  # fmt: skip


def test_people_of_later_chunks_have_later_ids():
    world = World(CHUNK + 10, seed=1)
    assert person_ids(world, 1, np.array([0, 9, -1])).to_pylist() == [20_001, 20_010, None]
