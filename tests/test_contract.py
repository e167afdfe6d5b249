"""Tables are held against contract.py at both borders, in the engine."""

from __future__ import annotations

import ibis
import pytest

from joren import engine
from joren.contract import CANONICAL, MONEY, TABLES, validate
from joren.errors import ContractError
from joren.params import INPUT_TABLES

KEYS = {
    "orders": "source, order_id",
    "customers": "source, source_id",
    "point_entries": "source, entry_id",
    "campaigns": "campaign_id",
}


@pytest.fixture
def backend():
    return engine.connect()


def _map(backend, **changes):
    columns = {
        "source": ["pos", "web"],
        "source_id": ["1", "1"],
        "customer_id": ["C1", "C1"],
        "household_id": ["H1", "H1"],
        "match_rule": ["single", "phone_name"],
        "match_probability": [None, 0.997],
    } | changes
    return backend.create_table("given", ibis.memtable(columns), overwrite=True)


def test_the_canonical_tables_are_the_input_tables_of_the_parameters():
    assert set(CANONICAL) == set(INPUT_TABLES)
    for name, key in KEYS.items():
        assert ", ".join(CANONICAL[name].key) == key


@pytest.mark.parametrize("name", sorted(TABLES))
def test_an_empty_table_of_the_declared_schema_passes(backend, name):
    table = backend.create_table(name.replace("/", "_"), schema=TABLES[name].ibis_schema())
    validate(table, name)


def test_a_good_table_passes_and_further_columns_are_welcome(backend):
    validate(_map(backend, note=["x", "y"]), "identity_map")


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"match_probability": [0.5, 1.5]}, "match_probability"),
        ({"customer_id": ["C1", None]}, "customer_id: not_nullable"),
        ({"match_rule": [1, 2]}, "match_rule"),
        ({"source": ["pos", "pos"]}, "1 repeated keys"),
    ],
)
def test_a_broken_table_is_refused_naming_the_column_not_the_value(backend, changes, fault):
    with pytest.raises(ContractError, match=fault) as caught:
        validate(_map(backend, **changes), "identity_map")
    assert "C1" not in str(caught.value)


def test_a_missing_column_is_named(backend):
    with pytest.raises(ContractError, match="lacks household_id, match_rule"):
        validate(_map(backend).drop("household_id", "match_rule"), "identity_map")


def test_an_array_column_must_be_an_array(backend):
    table = backend.create_table("c", schema=TABLES["customers"].ibis_schema())
    with pytest.raises(ContractError, match="channels: array"):
        validate(table.mutate(channels=ibis.literal("pos")), "customers")


def test_a_coupon_the_mall_pays_stands_apart_from_the_shops_own():
    columns = {column.name: column for column in CANONICAL["orders"].columns}
    own, mall = columns["discount"], columns["mall_discount"]
    assert (mall.type, mall.nullable) == (own.type, own.nullable) == (MONEY, True)
