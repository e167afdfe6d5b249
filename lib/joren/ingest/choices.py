"""One value where a condition holds, another where it does not: a text, or again a number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from joren.ingest.conditions import Condition
from joren.ingest.numbers import EXACT, Number
from joren.ingest.texts import Cell, Look, Rule, as_rule

if TYPE_CHECKING:
    import ibis.expr.types as ir


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

        other = ibis.null(EXACT) if self.otherwise is None else self.otherwise.value(look)
        chosen = self.number.value(look).cast(EXACT)
        return ibis.cases((self.condition.holds(look), chosen), else_=other.cast(EXACT))

    def unreadable(self, look: Look) -> ir.StringValue:
        import ibis

        other = self.otherwise
        left = ibis.null("string") if other is None else other.unreadable(look)
        return ibis.cases((self.condition.holds(look), self.number.unreadable(look)), else_=left)


def when(condition: Condition, rule: Rule | str, otherwise: Rule | str | None = None) -> Rule:
    """One value where a condition holds, another (or none) where it does not.

    Of numbers it is a number again: read from its text, it would be parsed anew at every level.
    """
    if isinstance(rule, Number) and (otherwise is None or isinstance(otherwise, Number)):
        return _Chosen(condition, rule, otherwise)
    return When(condition, as_rule(rule), None if otherwise is None else as_rule(otherwise))
