"""The simulated retailer's fixed frame: its calendar, its shops, its systems and its randomness.

Every module draws from `World.rng(purpose, chunk)`, so what one module draws never moves what
another one draws, and a chunk of people comes out the same whether or not others are made.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np

START = datetime(2024, 4, 1)  # observed window: START <= t < END
END = datetime(2026, 4, 1)
FUTURE_END = datetime(2028, 4, 1)  # the true future: END <= t < FUTURE_END, no campaigns there
DAYS = (END - START).days
FUTURE_DAYS = (FUTURE_END - END).days
DAY = 86_400  # seconds
CHUNK = 20_000  # people simulated at once; fixed, because the draws depend on it
ORDER_NUMBERS = 10_000_000  # order and subscription numbers kept free for each chunk

SYSTEMS = ("pos", "web", "mall", "teiki")  # those that export orders


class Store(NamedTuple):
    """A shop: its name, the area its weather and its customers come from, and its phone."""

    store: str
    area: str
    phone: str


STORES = (
    Store("本店", "東京", "03-1111-0100"),
    Store("町田店", "東京", "042-111-0150"),
    Store("横浜店", "神奈川", "045-111-0200"),
    Store("大宮店", "埼玉", "048-111-0300"),
    Store("名古屋店", "愛知", "052-111-0400"),
    Store("梅田店", "大阪", "06-1111-0500"),
    Store("天神店", "福岡", "092-111-0600"),
)
AREAS = tuple(dict.fromkeys(store.area for store in STORES))
# where the people of a prefecture go shopping
AREA_OF_PREFECTURE = {
    "東京都": "東京", "神奈川県": "神奈川", "埼玉県": "埼玉", "千葉県": "東京", "愛知県": "愛知",
    "大阪府": "大阪", "京都府": "大阪", "兵庫県": "大阪", "福岡県": "福岡",
}  # fmt: skip


@dataclass(frozen=True)
class World:
    """One simulated retailer.

    Parameters
    ----------
    customers : people who buy at least once in the observed window
    seed : the same seed gives the same world
    """

    customers: int
    seed: int

    def rng(self, purpose: str, chunk: int) -> np.random.Generator:
        """The randomness of one purpose (a module's own word) for one chunk of people."""
        return np.random.default_rng([self.seed, zlib.crc32(purpose.encode()), chunk])

    def chunks(self) -> range:
        """Numbers of the chunks of people, from 0."""
        return range(-(-self.customers // CHUNK))

    def person_ids(self, chunk: int) -> np.ndarray:
        """(n,) person ids of a chunk; 1..customers over all chunks."""
        first = chunk * CHUNK
        return np.arange(first + 1, min(first + CHUNK, self.customers) + 1, dtype=np.int64)
