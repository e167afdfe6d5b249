"""What a format says about a value: which cells it comes from and how they make one.

The vocabulary in which formats are written: texts, numbers, conditions, and choices between them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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


def parts(described: object) -> Iterator[object]:
    """A rule, a condition, or what is described by some, and everything it is made of."""
    yield described
    inner: Iterable[object] = described if isinstance(described, tuple) else ()
    if isinstance(described, Mapping):
        inner = described.values()
    elif is_dataclass(described):
        inner = (getattr(described, one.name) for one in fields(described))
    for part in inner:
        yield from parts(part)
