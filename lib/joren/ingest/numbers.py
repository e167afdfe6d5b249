"""Values of a format that are exact numbers, and what is computed from them.

A part that cannot be read is handed on as it was written, in place of the whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from joren.ingest.texts import Cell, Const, Figure, Look, Rule, as_rule

if TYPE_CHECKING:
    import ibis.expr.types as ir

EXACT = "decimal(38, 8)"
"""The engine's type for a number between its steps."""


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

        return ibis.coalesce(self.unreadable(look), exact_text(self.value(look)))

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
        return ibis.cases((values.among(written, self.none), ibis.null("string")), else_=written)

    def _figure(self, look: Look) -> Figure:
        from joren.ingest import values

        if id(self) in look.figures:
            return look.figures[id(self)]
        written = self.written(look)
        return values.amount(values.narrowed(written)), written

    def value(self, look: Look) -> ir.DecimalValue:
        return self._figure(look)[0]

    def text(self, look: Look) -> ir.StringValue:
        return self._figure(look)[1]

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
        wide = "decimal(38, 4)"  # in the 64 bits of an amount large factors would not fit
        return self.left.value(look).cast(wide) * self.right.value(look).cast(wide)

    def unreadable(self, look: Look) -> ir.StringValue:
        import ibis

        return ibis.coalesce(self.left.unreadable(look), self.right.unreadable(look))


@dataclass(frozen=True)
class _Rounded(Number):
    number: Number

    def cells(self) -> Iterator[Cell]:
        return self.number.cells()

    def value(self, look: Look) -> ir.DecimalValue:
        return self.number.value(look).cast(EXACT).round(0).cast(EXACT)

    def unreadable(self, look: Look) -> ir.StringValue:
        return self.number.unreadable(look)


def exact_text(value: ir.DecimalValue) -> ir.StringValue:
    """A number as a string, to the fourth decimal; whole ones have none, as they are read faster.

    Most fit 64 bits, in which the engine writes them several times as fast.
    """
    import ibis

    fitting = value.try_cast("decimal(18, 4)").cast("string")
    large = value.cast(EXACT).round(4).cast("decimal(38, 4)").cast("string")
    return ibis.cases((fitting.notnull(), fitting), else_=large).replace(".0000", "")


def in_parts(texts: Mapping[str, Rule], look: Look) -> dict[str, ir.Value]:
    """What the texts of some rules are made of, each name's in columns that `put_together` finds.

    The text of a number repeats its value, which may be long.
    """
    found: dict[str, ir.Value] = {}
    for name, rule in texts.items():
        if _is_computed(rule):
            found[f"_value_{name}"] = rule.value(look)
            found[f"_unread_{name}"] = rule.unreadable(look)
        else:
            found[name] = rule.text(look)
    return found


def put_together(rows: ir.Table, texts: Mapping[str, Rule]) -> dict[str, ir.StringValue]:
    """The texts of some rules, of rows that hold their parts."""
    import ibis

    return {
        name: ibis.coalesce(rows[f"_unread_{name}"], exact_text(rows[f"_value_{name}"]))
        if _is_computed(rule)
        else rows[name]
        for name, rule in texts.items()
    }


def _is_computed(rule: Rule) -> bool:
    return isinstance(rule, Number) and not isinstance(rule, NumberOf)


def number(rule: Rule | str, none: tuple[str, ...] = ()) -> Number:
    """An exact number; `none` are the strings by which the system says there is none."""
    if isinstance(rule, Number) and not none:
        return rule
    return NumberOf(as_rule(rule), none)


def rounded(number: Number) -> Number:
    """A number without its fraction, halves away from zero."""
    return _Rounded(number)
