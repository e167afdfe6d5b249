"""What must hold of a row for a rule to apply: a cell is filled, a word is one of several."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from joren.ingest.headers import folded
from joren.ingest.numbers import Number
from joren.ingest.texts import Cell, Look, Rule, as_rule

if TYPE_CHECKING:
    import ibis.expr.types as ir


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
        from joren.ingest import values

        found = values.among(self.rule.folded(look), [folded(word) for word in self.words])
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

        written = self.rule.folded(look)
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


def filled(rule: Rule | str) -> Filled:
    """The value is not empty; a string names a header."""
    return Filled(as_rule(rule))


def one_of(rule: Rule | str, *words: str) -> OneOf:
    """The value is one of the words; a string as `rule` names a header."""
    return OneOf(as_rule(rule), words)


def mentions(rule: Rule | str, *words: str) -> Mentions:
    """The value contains one of the words; a string as `rule` names a header."""
    return Mentions(as_rule(rule), words)


def positive(rule: Number) -> Positive:
    """The number is greater than zero."""
    return Positive(rule)
