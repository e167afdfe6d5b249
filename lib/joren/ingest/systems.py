"""Which groups of files come from one system, and what that source is called.

Exports of one cart make one source. A member list or point history beside them belongs to the
system whose customer IDs it shares: IDs, not names of files, say what is connected.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from joren.ingest.grouping import Group, joined
from joren.ingest.matching import Guess, header_of
from joren.ingest.words import identifiers

_FITS = 0.3
_FEW_IDS = 3
_ORDER = ("customers", "orders", "order_lines", "subscriptions")


@dataclass
class System:
    """One source to be: its format, and for every table the group (and mapping) that holds it."""

    home: Path
    format: str
    tables: dict[str, tuple[Group, Guess | None]] = field(default_factory=dict)
    name: str = ""
    ids: set[str] = field(default_factory=set)

    def takes(self, group: Group) -> bool:
        """Whether the tables of a group are still free."""
        return not any(guess.table in self.tables for guess in group.guesses)

    def take(self, group: Group) -> None:
        """Add a group mapped by hand."""
        self.ids |= _ids(group)
        for guess in group.guesses:
            self.tables[guess.table] = (group, guess)


def systems_of(groups: Sequence[Group], taken: Iterable[str] = ()) -> list[System]:
    """Sources from groups; groups without a likely table are left out.

    Parameters
    ----------
    groups : what `groups_of` found
    taken : names that other sources bear already

    Returns
    -------
    sources with unique names, those with carts first in each folder
    """
    found: list[System] = []
    homes = list(dict.fromkeys(group.home for group in groups))
    for home in homes:
        own = [group for group in groups if group.home == home]
        carts = _carts(home, [group for group in own if group.found])
        found += _with_plain(home, carts, [group for group in own if group.guesses])
    _name(found, {*taken}, flat=len(homes) == 1)
    return found


def _carts(home: Path, groups: Sequence[Group]) -> list[System]:
    systems: list[System] = []
    for name in dict.fromkeys(group.cart.format.name for group in groups):
        own: list[System] = []
        for group in _with_own_table([g for g in groups if g.cart.format.name == name]):
            place = None if group.lacking else _place(own, group)
            if place is None:
                place = System(home, name), _tables_of(group)[0]
                own.append(place[0])
            system, table = place
            system.tables[table] = (group, None)
            system.ids |= _ids(group)
        systems += own
    return systems


def _place(systems: Sequence[System], group: Group) -> tuple[System, str] | None:
    """Where a cart's group can be listed: under its own table, else under another it gives."""
    free = (
        (system, table)
        for table in _tables_of(group)
        for system in systems
        if table not in system.tables
    )
    return next(free, None)


def _with_own_table(groups: Sequence[Group]) -> list[Group]:
    """Groups of one format, those of one table joined where one pattern names them all."""
    by_table: dict[str, list[Group]] = {}
    for group in groups:
        if not group.lacking:
            by_table.setdefault(_tables_of(group)[0], []).append(group)
    result: list[Group] = []
    for alike in by_table.values():
        whole = joined(alike) if len(alike) > 1 else alike[0]
        result += alike if whole is None else [whole]
    return [*result, *(group for group in groups if group.lacking)]


def _tables_of(group: Group) -> list[str]:
    """The tables that a cart's files may be listed under, the one they are named for first."""
    kind = group.cart.kind
    named = [t for t in kind.gives() if kind.name == t or kind.name.startswith(f"{t}_")]
    # a member list or point history beside the orders needs its own table
    rest = sorted(kind.gives(), key=lambda table: table in ("customers", "point_entries"))
    return list(dict.fromkeys([*named, kind.main, *rest]))


def _with_plain(home: Path, carts: list[System], groups: Sequence[Group]) -> list[System]:
    systems = list(carts)
    for group in sorted(groups, key=_rank):
        system = _best(systems, group)
        if system is None:
            system = System(home, "csv")
            systems.append(system)
        system.take(group)
    return systems


def _rank(group: Group) -> int:
    table = group.guesses[0].table
    return _ORDER.index(table) if table in _ORDER else len(_ORDER)


def _best(systems: Sequence[System], group: Group) -> System | None:
    """The system a group belongs to: the one with its IDs, else the only one of its folder."""
    ids = _ids(group)
    free = [system for system in systems if system.takes(group)]
    likely = max(free, key=lambda system: _fit(ids, system.ids), default=None)
    if likely is None or _fit(ids, likely.ids) >= _FITS:
        return likely
    several = sum(system.format != "csv" for system in systems) > 1
    strangers = min(len(ids), len(likely.ids)) >= _FEW_IDS and _fit(ids, likely.ids) == 0
    return None if several or strangers else likely


def _fit(one: set[str], other: set[str]) -> float:
    """The share of the smaller set of IDs that the other holds too."""
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller else 0.0


def _ids(group: Group) -> set[str]:
    """The customer IDs in a group's files."""
    headers: set[str] = set()
    for guess in group.guesses:
        headers |= {header_of(guess, "source_id") or ""}
    for file, found in zip(group.files, group.found, strict=False):
        buyer = found.kind.buyer
        cells = [] if buyer is None or buyer.member is None else buyer.member.cells()
        slots = [found.positions.get((cell.header, cell.occurrence)) for cell in cells]
        headers |= {file.header[n] for n in slots if n is not None}
    return identifiers(group.files, sorted(headers - {""})) if headers - {""} else set()


def _name(systems: Sequence[System], taken: set[str], flat: bool) -> None:
    for system in systems:
        beside = [other for other in systems if other.home == system.home]
        system.name = unique(_wish(system, beside, flat), taken)
        taken.add(system.name)


def _wish(system: System, beside: Sequence[System], flat: bool) -> str:
    folder = system.home.name
    if system.format != "csv":
        if flat:
            return system.format
        carts = {other.format for other in beside if other.format != "csv"}
        return folder if len(carts) == 1 else f"{folder}_{system.format}"
    if flat and len(beside) > 1:
        return next(iter(system.tables.values()))[0].file.path.stem.rstrip("0123456789_-")
    return folder


def unique(text: str, taken: Iterable[str]) -> str:
    """A source name made of a text that no other source bears."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", text).strip("_").lower() or "source"
    names, name, n = set(taken), plain, 1
    while name in names:
        n += 1
        name = f"{plain}_{n}"
    return name
