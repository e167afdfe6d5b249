"""Which of a customer's values survives, field by field, as a client's parameters say.

A field takes a rule (newest, oldest, most_frequent and, for texts, longest) or a list of sources
in the order they are trusted. What a rule leaves equal goes to the newest record.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainValidator

NEWEST, OLDEST, MOST_FREQUENT, LONGEST = "newest", "oldest", "most_frequent", "longest"
_OF_ANY_VALUE = (NEWEST, OLDEST, MOST_FREQUENT)


def _one_of(rules: tuple[str, ...]) -> Callable[[Any], str | tuple[str, ...]]:
    def check(value: Any) -> str | tuple[str, ...]:
        if isinstance(value, str) and value in rules:
            return value
        listed = isinstance(value, list | tuple) and all(isinstance(name, str) for name in value)
        if listed and value and len(set(value)) == len(value):
            return tuple(value)
        near = difflib.get_close_matches(str(value), rules, n=1)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise ValueError(
            f"choose {', '.join(rules)}, or list sources once each, the most trusted first{meant}"
        )

    return check


Rule = Annotated[str | tuple[str, ...], PlainValidator(_one_of(_OF_ANY_VALUE))]
TextRule = Annotated[str | tuple[str, ...], PlainValidator(_one_of((*_OF_ANY_VALUE, LONGEST)))]


class Survivorship(BaseModel):
    """The rule of each golden field."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    full_name: TextRule = NEWEST
    full_kana: TextRule = NEWEST
    phone: Rule = NEWEST
    email: Rule = NEWEST
    postal_code: Rule = NEWEST
    address: TextRule = NEWEST
    birth_date: Rule = NEWEST
    gender: Rule = NEWEST

    def trusted(self) -> Iterator[tuple[str, str]]:
        """Each (field, source) that a list names."""
        for field, rule in self:
            if not isinstance(rule, str):
                yield from ((field, source) for source in rule)
