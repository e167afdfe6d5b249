"""What the retailer sells: categories of goods on a ladder of prices, and subscription courses."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa


class Category(NamedTuple):
    """A category: its goods, the sizes each comes in, its tax rate and its share of favourites."""

    name: str
    goods: tuple[str, ...]
    sizes: tuple[str, ...]
    tax_rate: int
    share: float


CATEGORIES = (
    Category("お茶", ("ほうじ茶", "煎茶", "玄米茶", "紅茶", "抹茶", "玉露"),
             ("お試し", "小袋", "徳用", "缶入り"), 8, 0.26),
    Category("お菓子", ("煎餅", "羊羹", "どら焼き", "金平糖", "最中", "カステラ"),
             ("一個", "小箱", "中箱", "大箱"), 8, 0.24),
    Category("食品", ("海苔", "味噌", "だしパック", "梅干し", "蜂蜜", "佃煮"),
             ("小瓶", "中瓶", "大瓶", "詰合せ"), 8, 0.18),
    Category("器", ("箸置き", "湯呑み", "小皿", "急須", "茶碗", "大皿"),
             ("並", "上", "特上", "作家もの"), 10, 0.1),
    Category("暮らし", ("手ぬぐい", "巾着", "お香", "風呂敷", "座布団", "盆"),
             ("小", "中", "大", "揃い"), 10, 0.1),
    Category("化粧品", ("石けん", "ハンドクリーム", "化粧水", "乳液", "美容液", "クリーム"),
             ("ミニ", "標準", "大容量", "限定"), 10, 0.12),
)  # fmt: skip
RUNGS = 24  # products a category, each some 22 % dearer than the one before
LOWEST_PRICE, HIGHEST_PRICE = 200, 20_000
LADDER = np.geomspace(LOWEST_PRICE, HIGHEST_PRICE, RUNGS)
COST_SHARE = {8: 0.52, 10: 0.42}


class Course(NamedTuple):
    """A subscription product with its survival: theta ~ Beta(a, b), duration exponent c."""

    name: str
    category: str
    price: int
    tax_rate: int
    cycle_days: int
    commitment_orders: int
    first_discount: int  # yen off the first order, paid by the shop
    share: float
    a: float
    b: float
    c: float


COURSES = (
    Course("青汁 定期便", "定期便", 3_980, 8, 30, 1, 1_000, 0.5, 1.2, 7.0, 0.9),
    Course("美容液 定期便", "定期便", 5_480, 10, 30, 3, 3_500, 0.3, 0.9, 3.2, 0.8),
    Course("お茶 頒布会", "定期便", 2_700, 8, 60, 1, 0, 0.2, 1.5, 12.0, 1.0),
)
GOODS = len(CATEGORIES) * RUNGS  # product_no 1..GOODS are goods, then come the courses


def products() -> pa.Table:
    """All products: product_no, product_id, name, category, unit_cost, price (yen), tax_rate.

    Returns
    -------
    one row a product, in the order of product_no, which starts at 1
    """
    rows = [_good(category, rung) for category in CATEGORIES for rung in range(RUNGS)]
    rows += [(c.name, c.category, c.price, c.tax_rate) for c in COURSES]
    numbers = range(1, len(rows) + 1)
    return pa.table(
        {
            "product_no": pa.array(numbers, pa.int64()),
            "product_id": [f"G{number:04d}" for number in numbers],
            "name": [row[0] for row in rows],
            "category": [row[1] for row in rows],
            "unit_cost": [round(row[2] * COST_SHARE[row[3]]) for row in rows],
            "price": [row[2] for row in rows],
            "tax_rate": [row[3] for row in rows],
        }
    )


def product_near(category: np.ndarray, unit_price: np.ndarray) -> np.ndarray:
    """The product_no in each category whose list price is nearest; a day's price moves around it.

    Parameters
    ----------
    category : (n,) positions in CATEGORIES
    unit_price : (n,) yen

    Returns
    -------
    (n,) product_no
    """
    bounds = np.sqrt(LADDER[1:] * LADDER[:-1])
    return category * RUNGS + np.searchsorted(bounds, unit_price) + 1


def _good(category: Category, rung: int) -> tuple[str, str, int, int]:
    size, good = divmod(rung, len(category.goods))
    name = f"{category.goods[good]} {category.sizes[size]}"
    return name, category.name, round(LADDER[rung] / 10) * 10, category.tax_rate
