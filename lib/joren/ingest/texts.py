"""Values of a format that are strings: a cell, the first of several, a word of its vocabulary.

Rules are data; `text` turns one into an engine expression over the strings of a file. Whatever a
rule cannot read it hands on as it stands, so that the row is doubted by name and never emptied.
The engine is imported where a rule becomes an expression: whoever only looks at headers needs none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from joren.ingest.headers import folded

if TYPE_CHECKING:
    import ibis.expr.types as ir

type Figure = tuple[ir.DecimalValue, ir.StringValue]
"""A number, and the string it was read from."""

_FOLDED_AWAY = r"[^\pL\pN]+"


@dataclass(frozen=True)
class Look:
    """Where rules find what they rest on.

    `cell` gives the cleaned string of a cell, null where it is empty or the file lacks the header.
    `figures` holds numbers that stand in columns already, by the identity of their rule: numbers
    are used many times over, and an expression that repeats how each is read grows without bound.
    `words` gives the folded string of a cell where it stands in a column, None where it does not.
    """

    cell: Callable[[Cell], ir.StringValue]
    figures: Mapping[int, Figure] = field(default_factory=dict)
    words: Callable[[Cell], ir.StringValue | None] = lambda cell: None

    def __call__(self, cell: Cell) -> ir.StringValue:
        return self.cell(cell)


class Rule:
    """How one value is made."""

    def cells(self) -> Iterator[Cell]:
        """The cells it rests on."""
        raise NotImplementedError

    def text(self, look: Look) -> ir.StringValue:
        """Its value as a string; null for none."""
        raise NotImplementedError

    def folded(self, look: Look) -> ir.StringValue:
        """Its value as words are compared, as `headers.folded` writes them."""
        return folded_text(self.text(look))


@dataclass(frozen=True)
class Cell(Rule):
    """The cell under a header; `occurrence` counts headers of the same name from 1."""

    header: str
    occurrence: int = 1

    def cells(self) -> Iterator[Cell]:
        yield self

    def text(self, look: Look) -> ir.StringValue:
        return look(self)

    def folded(self, look: Look) -> ir.StringValue:
        known = look.words(self)
        return super().folded(look) if known is None else known


@dataclass(frozen=True)
class Const(Rule):
    """The same text in every row."""

    value: str

    def cells(self) -> Iterator[Cell]:
        return iter(())

    def text(self, look: Look) -> ir.StringValue:
        import ibis

        return ibis.literal(self.value, type="string")


@dataclass(frozen=True)
class First(Rule):
    """The first of several values that is not empty."""

    rules: tuple[Rule, ...]

    def cells(self) -> Iterator[Cell]:
        for rule in self.rules:
            yield from rule.cells()

    def text(self, look: Look) -> ir.StringValue:
        import ibis

        return ibis.coalesce(*(rule.text(look) for rule in self.rules))

    def folded(self, look: Look) -> ir.StringValue:
        import ibis

        return ibis.cases(*((rule.text(look).notnull(), rule.folded(look)) for rule in self.rules))


@dataclass(frozen=True)
class Joined(Rule):
    """Several values in one string; empty ones are left out."""

    rules: tuple[Rule, ...]
    separator: str = ""

    def cells(self) -> Iterator[Cell]:
        for rule in self.rules:
            yield from rule.cells()

    def text(self, look: Look) -> ir.StringValue:
        import ibis

        parts = [rule.text(look) for rule in self.rules]
        made = ibis.literal(self.separator).join(parts) if len(parts) > 1 else parts[0]
        return made.nullif("")


@dataclass(frozen=True)
class Leading(Rule):
    """The first item of a comma-separated list."""

    rule: Rule

    def cells(self) -> Iterator[Cell]:
        return self.rule.cells()

    def text(self, look: Look) -> ir.StringValue:
        from joren.ingest import values

        return values.cleaned(self.rule.text(look).re_extract(r"^([^,，、]*)", 1))


@dataclass(frozen=True)
class Word(Rule):
    """A word of the format's vocabulary as ours; one that it does not know stays as written."""

    rule: Rule
    meanings: Mapping[str, str]

    def cells(self) -> Iterator[Cell]:
        return self.rule.cells()

    def text(self, look: Look) -> ir.StringValue:
        written = self.rule.text(look)
        if not self.meanings:
            return written
        known = {folded(name): meant for name, meant in self.meanings.items()}
        return self.rule.folded(look).cases(*known.items(), else_=written)


@dataclass(frozen=True)
class Clock(Rule):
    """A time of day written as a number that lost its leading zeros: 93309 is 09:33:09."""

    rule: Rule

    def cells(self) -> Iterator[Cell]:
        return self.rule.cells()

    def text(self, look: Look) -> ir.StringValue:
        import ibis

        written = self.rule.text(look)
        padded = written.lpad(6, "0").re_replace(r"^(\d\d)(\d\d)(\d\d)$", r"\1:\2:\3")
        return ibis.cases((written.re_search(r"^\d{1,6}$"), padded), else_=written)


def cell(header: str, occurrence: int = 1) -> Cell:
    """The cell under a header."""
    return Cell(header, occurrence)


def const(value: str) -> Const:
    """The same text in every row."""
    return Const(value)


def first(*rules: Rule | str) -> First:
    """The first value that is not empty; a string names a header."""
    return First(tuple(as_rule(rule) for rule in rules))


def joined(*rules: Rule | str, separator: str = "") -> Joined:
    """Values in one string, empty ones left out; a string names a header."""
    return Joined(tuple(as_rule(rule) for rule in rules), separator)


def leading(rule: Rule | str) -> Leading:
    """The first item of a comma-separated list; a string names a header."""
    return Leading(as_rule(rule))


def word(rule: Rule | str, meanings: Mapping[str, str]) -> Word:
    """A word of the format's vocabulary as ours; a string names a header."""
    return Word(as_rule(rule), meanings)


def clock(rule: Rule | str) -> Clock:
    """A time of day written as a number; a string names a header."""
    return Clock(as_rule(rule))


def as_rule(rule: Rule | str) -> Rule:
    """The rule itself; a string names a header."""
    return Cell(rule) if isinstance(rule, str) else rule


def folded_text(text: ir.StringValue) -> ir.StringValue:
    """A string as words are compared: no case, spaces, punctuation, and all digits narrow."""
    from joren.ingest import values

    return values.narrowed(text).lower().re_replace(_FOLDED_AWAY, "")
