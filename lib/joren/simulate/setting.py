"""What the retailer keeps about itself: campaigns, products, shops, staff, weather and stock."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from joren.simulate.campaigns import campaign_table
from joren.simulate.catalogue import products
from joren.simulate.season import timestamps
from joren.simulate.weather import weather
from joren.simulate.world import DAY, DAYS, STORES, World

ROLES = {"店長": 160, "販売": 320, "レジ": 240}  # hours a month and shop
STOCK_EVERY_DAYS = 30
STOCK_MEAN = 120


@dataclass(frozen=True)
class Setting:
    """The tables that do not depend on people; columns as the contract's tables of their name."""

    campaigns: pa.Table
    products: pa.Table
    stores: pa.Table
    staff: pa.Table
    weather: pa.Table
    stock: pa.Table


def setting(world: World) -> Setting:
    """The retailer's own tables; only weather and stock depend on the seed."""
    goods = products()
    return Setting(
        campaigns=campaign_table(),
        products=goods,
        stores=pa.Table.from_pylist([{**s._asdict(), "name": s.store} for s in STORES]),
        staff=pa.Table.from_pylist(
            [
                {"store": store.store, "role": role, "hours": hours}
                for store in STORES
                for role, hours in ROLES.items()
            ]
        ),
        weather=weather(world),
        stock=_stock(world, goods.column("product_id").to_pylist()),
    )


def _stock(world: World, product_ids: list[str]) -> pa.Table:
    rng = world.rng("stock", 0)
    days = np.arange(STOCK_EVERY_DAYS - 1, DAYS, STOCK_EVERY_DAYS)
    dates = timestamps(days * DAY).astype("datetime64[D]")
    return pa.table(
        {
            "product_id": [product for product in product_ids for _ in days],
            "date": pa.array(np.tile(dates, len(product_ids))),
            "quantity": rng.poisson(STOCK_MEAN, len(days) * len(product_ids)),
        }
    )
