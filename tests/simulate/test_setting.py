"""The retailer's own tables."""

from __future__ import annotations

from dataclasses import fields

import pytest

from joren.contract import CANONICAL
from joren.simulate.campaigns import CAMPAIGNS
from joren.simulate.setting import Setting, setting
from joren.simulate.world import STORES, World

WORLD = World(500, seed=5)


@pytest.mark.parametrize("name", [field.name for field in fields(Setting)])
def test_columns_are_those_of_the_contract(name):
    table = getattr(setting(WORLD), name)
    needed = {c.name for c in CANONICAL[name].columns if not c.nullable} - {"source"}
    assert needed <= set(table.column_names)
    assert table.num_rows > 0


def test_shops_and_campaigns_are_the_worlds():
    made = setting(WORLD)
    assert made.stores["store"].to_pylist() == [store.store for store in STORES]
    assert made.campaigns["campaign_id"].to_pylist() == [c.campaign_id for c in CAMPAIGNS]
    assert set(made.staff["store"].to_pylist()) == {store.store for store in STORES}


def test_only_weather_and_stock_depend_on_the_seed():
    one, two, again = setting(WORLD), setting(World(500, seed=6)), setting(WORLD)
    assert one == again
    same = {
        name.name for name in fields(Setting) if getattr(one, name.name) == getattr(two, name.name)
    }
    assert same == {"campaigns", "products", "stores", "staff"}
