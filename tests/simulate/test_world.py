"""The world's chunks and randomness."""

from __future__ import annotations

import numpy as np

from joren.simulate.world import AREA_OF_PREFECTURE, AREAS, CHUNK, World


def test_chunks_hold_everybody_once():
    world = World(2 * CHUNK + 5, seed=1)
    ids = np.concatenate([world.person_ids(chunk) for chunk in world.chunks()])
    assert ids.tolist() == list(range(1, 2 * CHUNK + 6))


def test_randomness_differs_by_purpose_chunk_and_seed_and_repeats():
    drawn = [
        World(100, seed).rng(purpose, chunk).random()
        for seed in (1, 2)
        for purpose in ("a", "b")
        for chunk in (0, 1)
    ]
    assert len(set(drawn)) == 8
    assert World(999, 1).rng("a", 0).random() == drawn[0]


def test_every_prefecture_shops_in_an_area_that_has_a_store():
    assert set(AREA_OF_PREFECTURE.values()) <= set(AREAS)
