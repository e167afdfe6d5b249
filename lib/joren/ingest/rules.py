"""What a format says about a value: which cells it comes from and how they make one.

Rules are data; `text` turns one into an engine expression over the strings of a file. Whatever a
rule cannot read it hands on as it stands, so that the row is doubted by name and never emptied.
The engine is imported where a rule becomes an expression: whoever only looks at headers needs none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING

from joren.ingest.headers import folded

if TYPE_CHECKING:
    import ibis.expr.types as ir

type Figure = tuple[ir.DecimalValue, ir.StringValue]
"""A number, and the string it was read from."""

_EXACT = "decimal(38, 8)"
_FOLDED_AWAY = r"[^\pL\pN]+"


@dataclass(frozen=True)
class Look:
    """Where rules find what they rest on.

    `cell` gives the cleaned string of a cell, null where it is empty or the file lacks the header.
    `figures` holds numbers that stand in columns already, by the identity of their rule: numbers
    are used many times over, and an expression that repeats how each is read grows without bound.
    """

    cell: Callable[[Cell], ir.StringValue]
    figures: Mapping[int, Figure] = field(default_factory=dict)

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


@dataclass(frozen=True)
class Cell(Rule):
    """The cell under a header; `occurrence` counts headers of the same name from 1."""

    header: str
    occurrence: int = 1

    def cells(self) -> Iterator[Cell]:
        yield self

    def text(self, look: Look) -> ir.StringValue:
        return look(self)


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
        word = _folded(written)
        known = {folded(name): meant for name, meant in self.meanings.items()}
        return word.cases(*known.items(), else_=written)


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


class Condition:
    """Something that holds of a row or not."""

    def cells(self) -> Iterator[Cell]:
        """The cells it rests on."""
        raise NotImplementedError

    def holds(self, look: Look) -> ir.BooleanValue:
        """Whether it holds; never null."""
        raise NotImplementedError

    def __and__(self, other: Condition) -> Condition:
        return _Both(self, other)

    def __or__(self, other: Condition) -> Condition:
        return ~(~self & ~other)

    def __invert__(self) -> Condition:
        return _Not(self)


@dataclass(frozen=True)
class Filled(Condition):
    """The value is not empty."""

    rule: Rule

    def cells(self) -> Iterator[Cell]:
        return self.rule.cells()

    def holds(self, look: Look) -> ir.BooleanValue:
        return self.rule.text(look).notnull()


@dataclass(frozen=True)
class OneOf(Condition):
    """The value is one of several words, whatever their width, case and punctuation."""

    rule: Rule
    words: tuple[str, ...]

    def cells(self) -> Iterator[Cell]:
        return self.rule.cells()

    def holds(self, look: Look) -> ir.BooleanValue:
        found = _folded(self.rule.text(look)).isin([folded(word) for word in self.words])
        return found.fill_null(False)


@dataclass(frozen=True)
class Mentions(Condition):
    """The value contains one of several words, whatever their width, case and punctuation."""

    rule: Rule
    words: tuple[str, ...]

    def cells(self) -> Iterator[Cell]:
        return self.rule.cells()

    def holds(self, look: Look) -> ir.BooleanValue:
        import ibis

        written = _folded(self.rule.text(look))
        found = ibis.or_(*(written.contains(folded(word)) for word in self.words))
        return found.fill_null(False)


@dataclass(frozen=True)
class Positive(Condition):
    """The number is greater than zero."""

    rule: Number

    def cells(self) -> Iterator[Cell]:
        return self.rule.cells()

    def holds(self, look: Look) -> ir.BooleanValue:
        return (self.rule.value(look) > 0).fill_null(False)


@dataclass(frozen=True)
class _Both(Condition):
    left: Condition
    right: Condition

    def cells(self) -> Iterator[Cell]:
        yield from self.left.cells()
        yield from self.right.cells()

    def holds(self, look: Look) -> ir.BooleanValue:
        return self.left.holds(look) & self.right.holds(look)


@dataclass(frozen=True)
class _Not(Condition):
    condition: Condition

    def cells(self) -> Iterator[Cell]:
        return self.condition.cells()

    def holds(self, look: Look) -> ir.BooleanValue:
        return ~self.condition.holds(look)


@dataclass(frozen=True)
class When(Rule):
    """One value where a condition holds, another (or none) where it does not."""

    condition: Condition
    rule: Rule
    otherwise: Rule | None = None

    def cells(self) -> Iterator[Cell]:
        yield from self.condition.cells()
        yield from self.rule.cells()
        if self.otherwise is not None:
            yield from self.otherwise.cells()

    def text(self, look: Look) -> ir.StringValue:
        import ibis

        other = ibis.null("string") if self.otherwise is None else self.otherwise.text(look)
        return ibis.cases((self.condition.holds(look), self.rule.text(look)), else_=other)


class Number(Rule):
    """An exact number; `+`, `-` and `*` make further ones.

    In a sum an empty cell counts as nothing, and a sum of nothing is empty; a product with an
    empty factor is empty. One part that cannot be read makes the text of the whole that part.
    """

    def value(self, look: Look) -> ir.DecimalValue:
        """Its value; null where it is empty or unreadable."""
        raise NotImplementedError

    def unreadable(self, look: Look) -> ir.StringValue:
        """The part that cannot be read, as written; null where all can."""
        raise NotImplementedError

    def text(self, look: Look) -> ir.StringValue:
        import ibis

        plain = self.value(look).cast(_EXACT).round(4).cast("decimal(38, 4)").cast("string")
        return ibis.coalesce(self.unreadable(look), plain)

    def __add__(self, other: Number) -> Number:
        return _Sum(self, other, 1)

    def __sub__(self, other: Number) -> Number:
        return _Sum(self, other, -1)

    def __mul__(self, other: Number) -> Number:
        return _Product(self, other)

    def __neg__(self) -> Number:
        return _Product(NumberOf(Const("-1")), self)


@dataclass(frozen=True)
class NumberOf(Number):
    """The number that a string is read as; `none` are strings that say there is none."""

    rule: Rule
    none: tuple[str, ...] = ()

    def cells(self) -> Iterator[Cell]:
        return self.rule.cells()

    def written(self, look: Look) -> ir.StringValue:
        """The string that it is read from; null where there is none."""
        import ibis

        from joren.ingest import values

        written = values.optional(self.rule.text(look))
        if not self.none:
            return written
        return ibis.cases((written.isin(self.none), ibis.null("string")), else_=written)

    def _figure(self, look: Look) -> Figure:
        from joren.ingest import values

        if id(self) in look.figures:
            return look.figures[id(self)]
        written = self.written(look)
        return values.amount(values.narrowed(written)), written

    def value(self, look: Look) -> ir.DecimalValue:
        return self._figure(look)[0]

    def unreadable(self, look: Look) -> ir.StringValue:
        import ibis

        value, written = self._figure(look)
        return ibis.cases((value.isnull(), written))


@dataclass(frozen=True)
class _Sum(Number):
    left: Number
    right: Number
    sign: int

    def cells(self) -> Iterator[Cell]:
        yield from self.left.cells()
        yield from self.right.cells()

    def _terms(self) -> Iterator[tuple[Number, int]]:
        """What is added, with its sign: a sum of sums is one sum."""
        for part, sign in ((self.left, 1), (self.right, self.sign)):
            if isinstance(part, _Sum):
                yield from ((term, sign * inner) for term, inner in part._terms())
            else:
                yield part, sign

    def value(self, look: Look) -> ir.DecimalValue:
        import ibis

        terms = [(term.value(look), sign) for term, sign in self._terms()]
        total = sum(value.fill_null(0) * sign for value, sign in terms)
        return ibis.cases((ibis.or_(*(value.notnull() for value, _ in terms)), total))

    def unreadable(self, look: Look) -> ir.StringValue:
        import ibis

        return ibis.coalesce(*(term.unreadable(look) for term, _ in self._terms()))


@dataclass(frozen=True)
class _Product(Number):
    left: Number
    right: Number

    def cells(self) -> Iterator[Cell]:
        yield from self.left.cells()
        yield from self.right.cells()

    def value(self, look: Look) -> ir.DecimalValue:
        return (self.left.value(look) * self.right.value(look)).cast(_EXACT)

    def unreadable(self, look: Look) -> ir.StringValue:
        import ibis

        return ibis.coalesce(self.left.unreadable(look), self.right.unreadable(look))


@dataclass(frozen=True)
class _Chosen(Number):
    condition: Condition
    number: Number
    otherwise: Number | None

    def cells(self) -> Iterator[Cell]:
        yield from self.condition.cells()
        yield from self.number.cells()
        if self.otherwise is not None:
            yield from self.otherwise.cells()

    def value(self, look: Look) -> ir.DecimalValue:
        import ibis

        other = ibis.null(_EXACT) if self.otherwise is None else self.otherwise.value(look)
        chosen = self.number.value(look).cast(_EXACT)
        return ibis.cases((self.condition.holds(look), chosen), else_=other.cast(_EXACT))

    def unreadable(self, look: Look) -> ir.StringValue:
        import ibis

        other = self.otherwise
        left = ibis.null("string") if other is None else other.unreadable(look)
        return ibis.cases((self.condition.holds(look), self.number.unreadable(look)), else_=left)


@dataclass(frozen=True)
class _Rounded(Number):
    number: Number

    def cells(self) -> Iterator[Cell]:
        return self.number.cells()

    def value(self, look: Look) -> ir.DecimalValue:
        return self.number.value(look).cast(_EXACT).round(0).cast(_EXACT)

    def unreadable(self, look: Look) -> ir.StringValue:
        return self.number.unreadable(look)


def cell(header: str, occurrence: int = 1) -> Cell:
    """The cell under a header."""
    return Cell(header, occurrence)


def const(value: str) -> Const:
    """The same text in every row."""
    return Const(value)


def first(*rules: Rule | str) -> First:
    """The first value that is not empty; a string names a header."""
    return First(tuple(_rule(rule) for rule in rules))


def joined(*rules: Rule | str, separator: str = "") -> Joined:
    """Values in one string, empty ones left out; a string names a header."""
    return Joined(tuple(_rule(rule) for rule in rules), separator)


def leading(rule: Rule | str) -> Leading:
    """The first item of a comma-separated list; a string names a header."""
    return Leading(_rule(rule))


def word(rule: Rule | str, meanings: Mapping[str, str]) -> Word:
    """A word of the format's vocabulary as ours; a string names a header."""
    return Word(_rule(rule), meanings)


def clock(rule: Rule | str) -> Clock:
    """A time of day written as a number; a string names a header."""
    return Clock(_rule(rule))


def number(rule: Rule | str, none: tuple[str, ...] = ()) -> Number:
    """An exact number; `none` are the strings by which the system says there is none."""
    if isinstance(rule, Number) and not none:
        return rule
    return NumberOf(_rule(rule), none)


def rounded(number: Number) -> Number:
    """A number without its fraction, halves away from zero."""
    return _Rounded(number)


def when(condition: Condition, rule: Rule | str, otherwise: Rule | str | None = None) -> Rule:
    """One value where a condition holds, another (or none) where it does not.

    Of numbers it is a number again: read from its text, it would be parsed anew at every level.
    """
    if isinstance(rule, Number) and (otherwise is None or isinstance(otherwise, Number)):
        return _Chosen(condition, rule, otherwise)
    return When(condition, _rule(rule), None if otherwise is None else _rule(otherwise))


def filled(rule: Rule | str) -> Filled:
    """The value is not empty; a string names a header."""
    return Filled(_rule(rule))


def one_of(rule: Rule | str, *words: str) -> OneOf:
    """The value is one of the words; a string as `rule` names a header."""
    return OneOf(_rule(rule), words)


def mentions(rule: Rule | str, *words: str) -> Mentions:
    """The value contains one of the words; a string as `rule` names a header."""
    return Mentions(_rule(rule), words)


def positive(rule: Number) -> Positive:
    """The number is greater than zero."""
    return Positive(rule)


def _rule(rule: Rule | str) -> Rule:
    return Cell(rule) if isinstance(rule, str) else rule


def _folded(text: ir.StringValue) -> ir.StringValue:
    from joren.ingest import values

    return values.narrowed(text).lower().re_replace(_FOLDED_AWAY, "")


def parts(rule: object) -> Iterator[object]:
    """A rule or condition and everything it is made of."""
    yield rule
    inner = rule if isinstance(rule, tuple) else ()
    if isinstance(rule, Rule | Condition) and is_dataclass(rule):
        inner = tuple(getattr(rule, one.name) for one in fields(rule))
    for part in inner:
        yield from parts(part)
