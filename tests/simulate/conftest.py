"""Shared fixtures: the behaviour of one whole chunk of people, to be asked in SQL."""

from __future__ import annotations

from dataclasses import fields

import duckdb
import pyarrow as pa
import pytest

from joren.simulate.behaviour import Behaviour, behave
from joren.simulate.catalogue import products
from joren.simulate.world import AREAS, CHUNK, World


@pytest.fixture(scope="session")
def lived() -> duckdb.DuckDBPyConnection:
    """A connection with the tables of a chunk's Behaviour, of 20,000 people in six areas."""
    world = World(CHUNK, seed=11)
    ids = world.person_ids(0)
    people = pa.table({"person_id": ids, "area": [AREAS[i % len(AREAS)] for i in ids]})
    behaviour = behave(world, 0, people)
    con = duckdb.connect()
    con.register("people", people)
    con.register("products", products())
    for field in fields(Behaviour):
        con.register(field.name, getattr(behaviour, field.name))
    return con
