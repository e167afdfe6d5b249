"""The people behind the records: singles and families with names, addresses and contacts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from joren.simulate.names import BUILDINGS, FAMILY_NAMES, MEN, QUARTERS, TOWNS, WOMEN

_FAMILY_WEIGHTS = [1 / (rank + 8) for rank in range(len(FAMILY_NAMES))]
_MAIL_WORDS = (
    "sakura", "neko", "hana", "yuki", "umi", "sora", "mikan", "kaze", "hoshi", "momo",
    "tsuki", "kumo", "mori", "nagi", "aki", "haru", "inu", "kuma", "rin", "taro",
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """One real person; what a register knows of them is decided elsewhere."""

    person_id: int
    household: int
    family: tuple[str, str]
    given: tuple[str, str]
    gender: str
    born: date
    phone: str
    email: str
    postal_code: str
    address: str


def make_people(rng: Random, count: int) -> list[Person]:
    """`count` people in households; families share family name, address and often a phone."""
    people: list[Person] = []
    contacts = _Contacts(rng)
    household = 0
    while len(people) < count:
        household += 1
        size = rng.choices((1, 2, 3, 4), weights=(78, 12, 6, 4))[0]
        people += _household(rng, contacts, household, size, len(people))
    return people[:count]


class _Contacts:
    """Phones and mail addresses that were not handed out before."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._taken: set[str] = set()

    def phone(self) -> str:
        # a middle block of one repeated digit marks the number as made up; the format is valid
        return self._new(
            lambda: (
                f"{self._rng.choice(('090', '080', '070'))}-{self._rng.choice('123456789') * 4}"
                f"-{self._rng.randrange(10_000):04d}"
            )
        )

    def email(self) -> str:
        return self._new(
            lambda: (
                f"{self._rng.choice(_MAIL_WORDS)}.{self._rng.choice(_MAIL_WORDS)}"
                f"{self._rng.randrange(1000)}@{self._rng.choice(('example.jp', 'example.com'))}"
            )
        )

    def _new(self, draw) -> str:
        while (value := draw()) in self._taken:
            continue
        self._taken.add(value)
        return value


def _household(
    rng: Random, contacts: _Contacts, household: int, size: int, first_id: int
) -> list[Person]:
    family = rng.choices(FAMILY_NAMES, weights=_FAMILY_WEIGHTS)[0]
    area, city = rng.choice(TOWNS)
    building = f" {rng.choice(BUILDINGS)}{rng.randrange(101, 912)}" if rng.random() < 0.35 else ""
    address = (
        f"{city}{rng.choice(QUARTERS)}{rng.randint(1, 6)}-{rng.randint(1, 30)}-"
        f"{rng.randint(1, 20)}{building}"
    )
    postal_code = f"{area}-{rng.randrange(1, 99):04d}"
    oldest = date(1935 if size < 3 else 1945, 1, 1) + timedelta(
        days=rng.randrange(365 * (68 if size < 3 else 27))
    )
    first_gender = rng.choice(("女", "女", "男"))
    shared_phone = contacts.phone() if size > 1 and rng.random() < 0.5 else None
    shared_mail = contacts.email() if size > 1 and rng.random() < 0.15 else None
    child_birth = oldest + timedelta(days=365 * 24 + rng.randrange(365 * 8))
    twins = size == 4 and rng.random() < 0.4
    used: set[str] = set()
    people = []
    for position in range(size):
        if position == 0:
            gender, born = first_gender, oldest
        elif position == 1:
            gender = "男" if first_gender == "女" else "女"
            born = oldest + timedelta(days=rng.randrange(-1500, 1500))
        else:
            gender = rng.choice(("女", "男"))
            born = child_birth
            if not twins:
                child_birth += timedelta(days=500 + rng.randrange(1200))
        choices = [name for name in (WOMEN if gender == "女" else MEN) if name[1] not in used]
        given = rng.choice(choices)
        used.add(given[1])
        people.append(
            Person(
                first_id + position + 1, household, family, given, gender, born,
                shared_phone or contacts.phone(), shared_mail or contacts.email(),
                postal_code, address,
            )
        )  # fmt: skip
    return people
