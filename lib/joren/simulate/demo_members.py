"""Who registered where, how their records came out, and which of their orders each record made."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from joren.simulate.dirt import (
    half_width,
    loose_kana,
    older_kanji,
    spoiled_email,
    spoiled_phone,
)
from joren.simulate.names import FAMILY_NAMES, STORES
from joren.simulate.people import Person
from joren.simulate.purchases import Purchase


@dataclass
class Members:
    """Member rows of both systems, orders as (source_id, home store, purchase), and the truth."""

    pos: list[tuple] = field(default_factory=list)
    web: list[tuple] = field(default_factory=list)
    pos_orders: list[tuple[str, str, Purchase]] = field(default_factory=list)
    web_orders: list[tuple[str, Purchase]] = field(default_factory=list)
    answer_key: list[tuple[str, str, int]] = field(default_factory=list)


def register_members(
    rng: Random, people: list[Person], purchases: dict[int, list[Purchase]], end: datetime
) -> Members:
    """Register everybody with the shops, the web store or both, and hand out their orders."""
    members = Members()
    for person in people:
        place = rng.choices(("pos", "web", "both"), weights=(40, 27, 33))[0]
        shop_share = {"pos": 1.0, "web": 0.0, "both": rng.betavariate(2, 2)}[place]
        bought = purchases[person.person_id]
        if rng.random() < 0.06:
            bought = []  # registered, never bought
        in_shop = [purchase for purchase in bought if rng.random() < shop_share]
        online = [purchase for purchase in bought if purchase not in in_shop]
        card = None
        if place != "web":
            card = _register_pos(rng, members, person, in_shop, end)
        if place != "pos":
            _register_web(rng, members, person, online, end, card)
    return members


def _register_pos(
    rng: Random, members: Members, person: Person, bought: list[Purchase], end: datetime
) -> str:
    """One POS card, or two when the first was lost; returns the number of the last card."""
    store, store_phone = rng.choice(STORES)
    parts = [bought]
    if rng.random() < 0.04:
        middle = len(bought) // 2
        parts = [bought[:middle], bought[middle:]]
    for part in parts:
        number = len(members.pos) + 1
        source_id, card = f"P{number:05d}", f"29{number * 7919 % 100_000_000:08d}"
        joined = part[0].at if part else end - timedelta(days=rng.randint(1, 700))
        members.pos.append(_pos_row(rng, person, source_id, card, joined, store_phone))
        members.pos_orders += [(source_id, store, purchase) for purchase in part]
        members.answer_key.append(("pos", source_id, person.person_id))
    return card


def _pos_row(
    rng: Random, person: Person, source_id: str, card: str, joined: datetime, store_phone: str
) -> tuple:
    name = f"{person.family[0]}　{person.given[0]}"
    if rng.random() < 0.25:
        name = older_kanji(rng, name, "cp932")
    kana = f"{person.family[1]} {person.given[1]}"
    kind = rng.choices(("own", "shop", "zeros", "none"), weights=(85, 5, 2, 8))[0]
    phone = {
        "own": spoiled_phone(rng, person.phone), "shop": store_phone, "zeros": "000-0000-0000",
        "none": "",
    }[kind]  # fmt: skip
    has_address = rng.random() < 0.6
    return (
        source_id,
        name if rng.random() < 0.92 else "",
        half_width(loose_kana(rng, kana) if rng.random() < 0.15 else kana),
        phone,
        spoiled_email(rng, person.email) if rng.random() < 0.45 else "",
        person.postal_code.replace("-", "") if has_address else "",
        person.address if has_address and rng.random() < 0.8 else "",
        f"{_birth_date(rng, person):%Y/%m/%d}" if rng.random() < 0.78 else "",
        person.gender if rng.random() < 0.7 else "",
        f"{joined:%Y/%m/%d}",
        card,
        int(rng.random() < 0.8),
        int(rng.random() < 0.55),
    )


def _register_web(
    rng: Random,
    members: Members,
    person: Person,
    bought: list[Purchase],
    end: datetime,
    card: str | None,
) -> None:
    parts = [bought]
    if rng.random() < 0.02:
        parts = [bought[: len(bought) // 2], bought[len(bought) // 2 :]]
    for part in parts:
        source_id = f"W{len(members.web) + 1:05d}"
        joined = part[0].at if part else end - timedelta(days=rng.randint(1, 700))
        linked = card if card and rng.random() < 0.15 else ""
        updated = min(joined + timedelta(days=rng.randrange(60)), end - timedelta(seconds=1))
        members.web.append(_web_row(rng, person, source_id, (joined, updated), linked))
        members.web_orders += [(source_id, purchase) for purchase in part]
        members.answer_key.append(("web", source_id, person.person_id))


def _web_row(
    rng: Random, person: Person, source_id: str, dates: tuple[datetime, datetime], card: str
) -> tuple:
    family, family_kana = person.family
    if person.gender == "女" and rng.random() < 0.01:
        family, family_kana = rng.choice(FAMILY_NAMES)  # registered under her maiden name
    given = person.given[0]
    if rng.random() < 0.1:
        family = older_kanji(rng, family, "utf-8")
    if rng.random() < 0.02:
        given = f"{given}\U000e0100"  # an ideographic variation selector, invisible on screen
    has_kana = rng.random() < 0.92
    kana = (family_kana, person.given[1])
    if rng.random() < 0.08:
        kana = (loose_kana(rng, kana[0]), loose_kana(rng, kana[1]))
    gender = {"女": "女性", "男": "男性"}[person.gender]
    return (
        source_id,
        family,
        given,
        *(kana if has_kana else ("", "")),
        spoiled_phone(rng, person.phone) if rng.random() < 0.93 else "",
        spoiled_email(rng, person.email) if rng.random() < 0.98 else "",
        person.postal_code,
        person.address,
        f"{_birth_date(rng, person):%Y-%m-%d}" if rng.random() < 0.6 else "",
        gender if rng.random() < 0.5 else "",
        *(f"{at:%Y-%m-%d %H:%M:%S}" for at in dates),
        card,
        int(rng.random() < 0.65),
    )


def _birth_date(rng: Random, person: Person) -> date:
    """The birth date, mistyped once in two hundred."""
    if rng.random() < 0.005:
        return person.born + timedelta(days=rng.choice((-10, -1, 1, 10)))
    return person.born
