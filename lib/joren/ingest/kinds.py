"""How a system's export files are described: their headers, and the records their rows make.

A format is one module under `formats/`, with one `Kind` per file the system exports. Kinds are
told apart by their headers, never by file names or positions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from joren.ingest.rules import Cell, Condition, Number, Rule


@dataclass(frozen=True)
class Projection:
    """How the rows of one kind of file make records of one canonical table.

    `columns` maps canonical column → rule. Without `key` every row (for which `where` holds) is a
    record. With `key`, rows of one file with the same key are one record, made from its first (or
    last) row in which `head` is filled; a row without key is a record of its own. `agree` names
    canonical columns whose non-empty values must be the same in all rows of a record: where they
    are not, the record is quarantined as `conflicting:<column>`. `lowest` takes the row with the
    smallest number instead. Records with `fills` only fill what the records of other projections
    (of any kind of the source) with the same contract key leave empty, and stand for themselves
    where there are none. With `of_valid_orders` a record counts only where its `order_id` is an
    accepted order of the source with status `valid`, whichever file says so. `items` are cells
    with comma-separated lists, aligned with each other: each item makes a record, and in rules the
    cell is the item. `summed` names columns of numbers that are added up over the rows of a record
    (reports that state no order total).
    """

    columns: Mapping[str, Rule]
    key: Rule | None = None
    where: Condition | None = None
    head: Rule | None = None
    take: Literal["first", "last"] = "first"
    lowest: Number | None = None
    agree: tuple[str, ...] = ()
    summed: tuple[str, ...] = ()
    fills: bool = False
    of_valid_orders: bool = False
    items: tuple[Cell, ...] = ()

    def cells(self) -> Iterator[Cell]:
        """Every cell it rests on."""
        rules = [*self.columns.values(), self.key, self.where, self.head, self.lowest, *self.items]
        for rule in rules:
            if rule is not None:
                yield from rule.cells()


@dataclass(frozen=True)
class Buyer:
    """Who bought, as the order rows tell it.

    Where `member` is empty the buyer is a guest: orders with the same `contact` (e-mail, phone and
    name, compared folded; dummy phones count as empty) are one guest, `guest:<first order>`; with
    no contact at all the guest has this one order. `anonymous` systems (tills) leave such an order
    without customer instead. `columns` describe the customer; where a member file of the same
    source holds the member, that file is right and these are not used. `identifying=False` (Amazon)
    keeps pseudo-customers apart for ever: they bear no contact.
    """

    columns: Mapping[str, Rule] = field(default_factory=dict)
    member: Rule | None = None
    contact: tuple[Rule, ...] = ()
    anonymous: bool = False
    identifying: bool = True

    def cells(self) -> Iterator[Cell]:
        """Every cell it rests on."""
        for rule in (*self.columns.values(), *self.contact):
            yield from rule.cells()
        if self.member is not None:
            yield from self.member.cells()


@dataclass(frozen=True)
class Totals:
    """What an order's figures must add up to, for the reconciliation that `joren check` prints.

    `goods` is what the amounts of the order's lines should sum to. `parts` should equal `billed`.
    """

    goods: Number | None = None
    parts: Number | None = None
    billed: Number | None = None

    def cells(self) -> Iterator[Cell]:
        """Every cell it rests on."""
        for rule in (self.goods, self.parts, self.billed):
            if rule is not None:
                yield from rule.cells()


@dataclass(frozen=True)
class Kind:
    """One kind of file that a system exports.

    Parameters
    ----------
    name : `orders`, `order_lines`, `customers`, ... with a suffix for versions (`orders_legacy`)
    title : what the system calls the file, with its version
    headers : every header known, in the vendor's order; one may stand there twice
    required : headers without which the file cannot be read or told from others
    aliases : header → other spellings (beyond width, case, brackets and punctuation)
    prefixes : headers that are followed by a legend and match by their beginning
    orders : the projection to orders; `source_id` and the customers come from `buyer`
    tables : canonical table → further projections
    """

    name: str
    title: str
    headers: tuple[str, ...]
    required: tuple[str, ...]
    orders: Projection | None = None
    buyer: Buyer | None = None
    tables: Mapping[str, tuple[Projection, ...]] = field(default_factory=dict)
    totals: Totals | None = None
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    prefixes: tuple[str, ...] = ()

    def cells(self) -> list[Cell]:
        """Every cell that some rule rests on, each once, in a stable order."""
        parts = [self.orders, self.buyer, self.totals]
        found = [cell for part in parts if part is not None for cell in part.cells()]
        found += [c for many in self.tables.values() for one in many for c in one.cells()]
        return sorted(set(found), key=lambda cell: (cell.header, cell.occurrence))

    @property
    def main(self) -> str:
        """The table that rows are accounted for under which make no record at all."""
        return "orders" if self.orders is not None else next(iter(self.tables))

    def gives(self) -> list[str]:
        """The canonical tables that its files hold records of."""
        own = [] if self.orders is None else ["orders"]
        bought = [] if self.buyer is None else ["customers"]
        return [*bought, *own, *self.tables]


@dataclass(frozen=True)
class Format:
    """One system: its name in the parameters, its title, and the kinds of files it exports."""

    name: str
    title: str
    kinds: tuple[Kind, ...]


def header_names(block: str) -> tuple[str, ...]:
    """Headers from a comma-joined block of text, whose line breaks are layout.

    >>> header_names("Name,Email,\\nFinancial Status")
    ('Name', 'Email', 'Financial Status')
    """
    return tuple(name.strip() for name in block.replace("\n", " ").split(","))
