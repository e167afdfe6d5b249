"""What a format says about a value: which cells it comes from and how they make one.

The vocabulary in which formats are written: texts, numbers, conditions, and choices between them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from joren.ingest.choices import When, when
from joren.ingest.conditions import (
    Condition,
    Filled,
    Mentions,
    OneOf,
    Positive,
    filled,
    mentions,
    one_of,
    positive,
)
from joren.ingest.numbers import Number, NumberOf, number, rounded
from joren.ingest.texts import (
    Cell,
    Clock,
    Const,
    Figure,
    First,
    Joined,
    Leading,
    Look,
    Rule,
    Word,
    cell,
    clock,
    const,
    first,
    joined,
    leading,
    word,
)

__all__ = [
    "Cell",
    "Clock",
    "Condition",
    "Const",
    "Figure",
    "Filled",
    "First",
    "Joined",
    "Leading",
    "Look",
    "Mentions",
    "Number",
    "NumberOf",
    "OneOf",
    "Positive",
    "Rule",
    "When",
    "Word",
    "cell",
    "clock",
    "const",
    "filled",
    "first",
    "joined",
    "leading",
    "mentions",
    "number",
    "one_of",
    "parts",
    "positive",
    "rounded",
    "when",
    "word",
]


def parts(rule: object) -> Iterator[object]:
    """A rule or condition and everything it is made of."""
    yield rule
    inner = rule if isinstance(rule, tuple) else ()
    if isinstance(rule, Rule | Condition) and is_dataclass(rule):
        inner = tuple(getattr(rule, one.name) for one in fields(rule))
    for part in inner:
        yield from parts(part)
