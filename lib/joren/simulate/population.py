"""The people behind every record: singles and families with names, addresses and contacts."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from joren.simulate.names import (
    BUILDINGS,
    FAMILY_NAMES,
    MEN,
    MORE_FAMILY_NAMES,
    MORE_MEN,
    MORE_WOMEN,
    PLACES,
    QUARTERS,
    WOMEN,
)
from joren.simulate.world import AREA_OF_PREFECTURE, CHUNK, World

HOUSEHOLD_SIZES = (0.78, 0.12, 0.06, 0.04)  # share of households with 1, 2, 3 and 4 customers
WOMEN_SHARE = 2 / 3  # of those who open a household
SHARED_PHONE, SHARED_MAIL = 0.5, 0.15  # share of families with one phone, one mail address
TWINS = 0.4  # share of households of four whose children were born on one day
IN_A_BUILDING = 0.35

_FAMILIES = FAMILY_NAMES + MORE_FAMILY_NAMES
_GIVEN = {"f": WOMEN + MORE_WOMEN, "m": MEN + MORE_MEN}
_GIVEN_STEP = 9  # families take every ninth name: a step at which no two of them sound alike
_MAIL_WORDS = (
    "sakura", "neko", "hana", "yuki", "umi", "sora", "mikan", "kaze", "hoshi", "momo",
    "tsuki", "kumo", "mori", "nagi", "aki", "haru", "inu", "kuma", "rin", "taro",
)  # fmt: skip
_MAIL_DOMAINS = ("example.jp", "example.com")
_MAIL_NUMBERS = 10_000
_PREFIXES = ("090", "080", "070")
_PLAIN_PHONES = 9 * 10_000  # a middle block of one repeated digit marks a number as made up
_LARGEST_PLAIN_WORLD = 200_000
_DAY = np.timedelta64(1, "D")


def make_population(world: World, chunk: int) -> pa.Table:
    """The people of one chunk, in households that do not cross chunks.

    Returns
    -------
    person_id, household_id int64; family, family_kana, given, given_kana; gender f or m;
    born date32; phone 090-1234-5678; email; postal_code 154-0012; prefecture, city, street;
    area of the shops they live near. Phones and mail addresses are nobody else's, but for
    families that share one.
    """
    rng = world.rng("population", chunk)
    ids = world.person_ids(chunk)
    home, position, size = _households(rng, len(ids))
    homes = int(home[-1]) + 1
    gender = _genders(rng, home, position, homes)
    family = _drawn_family(rng, homes)[home]
    given, given_kana = _given_names(rng, home, position, gender, homes)
    # numbers handed out in another order than people are counted; the first of a household is the
    # one whose contact a family shares
    slot = chunk * CHUNK + rng.permutation(CHUNK)[: len(ids)]
    eldest = slot[np.arange(len(ids)) - position]
    shares_phone = (rng.random(homes) < SHARED_PHONE)[home]
    shares_mail = (rng.random(homes) < SHARED_MAIL)[home]
    columns = {
        "person_id": ids,
        "household_id": chunk * CHUNK + home + 1,
        "family": _taken([name for name, _ in _FAMILIES], family),
        "family_kana": _taken([kana for _, kana in _FAMILIES], family),
        "given": given,
        "given_kana": given_kana,
        "gender": _taken(["f", "m"], gender),
        "born": pa.array(_births(rng, home, position, size, homes)),
        "phone": _phones(world, np.where(shares_phone, eldest, slot)),
        "email": _emails(world, np.where(shares_mail, eldest, slot)),
        **_addresses(rng, home, homes),
    }
    return pa.table(columns)


def _households(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(n,) household from 0, position in it from 0, and its size, of each person."""
    drawn = rng.choice(np.arange(1, 5), size=count, p=HOUSEHOLD_SIZES)
    home = np.repeat(np.arange(count), drawn)[:count]
    first = np.searchsorted(home, home)
    return home, np.arange(count) - first, np.bincount(home)[home]


def _genders(
    rng: np.random.Generator, home: np.ndarray, position: np.ndarray, homes: int
) -> np.ndarray:
    """(n,) 0 for a woman, 1 for a man; couples are one of each."""
    first = (rng.random(homes) >= WOMEN_SHARE).astype(np.int64)[home]
    own = rng.integers(0, 2, len(home))
    return np.select([position == 0, position == 1], [first, 1 - first], own)


def _drawn_family(rng: np.random.Generator, homes: int) -> np.ndarray:
    weights = 1 / (np.arange(len(_FAMILIES)) + 8.0)
    return rng.choice(len(_FAMILIES), size=homes, p=weights / weights.sum())


def _given_names(
    rng: np.random.Generator,
    home: np.ndarray,
    position: np.ndarray,
    gender: np.ndarray,
    homes: int,
) -> tuple[pa.Array, pa.Array]:
    women, men = _GIVEN["f"], _GIVEN["m"]
    start = rng.integers(0, len(women), homes)[home]
    name = (start + _GIVEN_STEP * position) % len(women)
    row = name + gender * len(women)
    both = women + men
    return _taken([name for name, _ in both], row), _taken([kana for _, kana in both], row)


def _births(
    rng: np.random.Generator,
    home: np.ndarray,
    position: np.ndarray,
    size: np.ndarray,
    homes: int,
) -> np.ndarray:
    """(n,) birth dates: the elder two are of an age, children follow after 24 to 32 years."""
    small = size < 3
    spread = np.where(small, 365 * 68, 365 * 27)
    oldest = np.where(small, np.datetime64("1935-01-01"), np.datetime64("1945-01-01"))
    eldest = oldest + (rng.random(homes)[home] * spread).astype(np.int64) * _DAY
    partner = eldest + rng.integers(-1500, 1500, homes)[home] * _DAY
    child = eldest + (365 * 24 + rng.integers(0, 365 * 8, homes)[home]) * _DAY
    twins = (rng.random(homes) < TWINS)[home]
    sibling = child + np.where(twins, 0, 500 + rng.integers(0, 1200, homes)[home]) * _DAY
    return np.select(
        [position == 0, position == 1, position == 2], [eldest, partner, child], sibling
    )


def _phones(world: World, owner: np.ndarray) -> pa.Array:
    """One number for each owner; no two owners have the same."""
    if world.customers <= _LARGEST_PLAIN_WORLD:
        number = _scattered(world, owner, 3 * _PLAIN_PHONES)
        rest = number % _PLAIN_PHONES
        middle = (rest // 10_000 + 1) * 1111
        last = rest % 10_000
        prefix = number // _PLAIN_PHONES
    else:
        number = _scattered(world, owner, 3 * 9000 * 10_000)
        prefix, rest = number // 90_000_000, number % 90_000_000
        middle, last = 1000 + rest // 10_000, rest % 10_000
    return pc.binary_join_element_wise(
        _taken(_PREFIXES, prefix), _figures(middle, 4), _figures(last, 4), "-"
    )


def _emails(world: World, owner: np.ndarray) -> pa.Array:
    words, domains = len(_MAIL_WORDS), len(_MAIL_DOMAINS)
    number = _scattered(world, owner, words * words * domains * _MAIL_NUMBERS)
    figure, rest = number % _MAIL_NUMBERS, number // _MAIL_NUMBERS
    local = pc.binary_join_element_wise(
        _taken(_MAIL_WORDS, rest % words), _taken(_MAIL_WORDS, rest // words % words), "."
    )
    domain = _taken(_MAIL_DOMAINS, rest // (words * words))
    return pc.binary_join_element_wise(local, pc.cast(figure, pa.string()), "@", domain, "")


def _scattered(world: World, ids: np.ndarray, size: int) -> np.ndarray:
    """(n,) a number below `size` for each id, all different while ids are fewer than `size`."""
    step = int(size * 0.6180339887) + world.seed % 1000
    while math.gcd(step, size) != 1:
        step += 1
    return (ids % size) * step % size


def _addresses(rng: np.random.Generator, home: np.ndarray, homes: int) -> dict[str, pa.Array]:
    place = rng.integers(0, len(PLACES), homes)
    postal = pc.binary_join_element_wise(
        _taken([code for code, _, _ in PLACES], place), _figures(rng.integers(1, 99, homes), 4), "-"
    )
    block = pc.binary_join_element_wise(
        *(pc.cast(rng.integers(1, high, homes), pa.string()) for high in (31, 21)), "-"
    )
    quarter = pc.binary_join_element_wise(
        _taken(QUARTERS, rng.integers(0, len(QUARTERS), homes)),
        pc.cast(rng.integers(1, 7, homes), pa.string()),
        "",
    )
    room = pc.binary_join_element_wise(
        " ",
        _taken(BUILDINGS, rng.integers(0, len(BUILDINGS), homes)),
        pc.cast(rng.integers(101, 912, homes), pa.string()),
        "",
    )
    room = pc.if_else(pa.array(rng.random(homes) < IN_A_BUILDING), room, "")
    street = pc.binary_join_element_wise(quarter, "-", block, room, "")
    return {
        "postal_code": postal.take(home),
        "prefecture": _taken([prefecture for _, prefecture, _ in PLACES], place[home]),
        "city": _taken([city for _, _, city in PLACES], place[home]),
        "street": street.take(home),
        "area": _taken([AREA_OF_PREFECTURE[p] for _, p, _ in PLACES], place[home]),
    }


def _figures(numbers: np.ndarray, width: int) -> pa.Array:
    return pc.utf8_lpad(pc.cast(pa.array(numbers), pa.string()), width, "0")


def _taken(values, rows: np.ndarray) -> pa.Array:
    return pa.array(list(values), pa.string()).take(pa.array(rows))
