"""Numbers turned to sentences, in one place.

Every figure a client sees carries its interval and n, or the stated reason why it has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from joren import text
from joren.errors import JorenError


@dataclass(frozen=True)
class Finding:
    """One sentence in both languages with the numbers it was built from."""

    key: str
    text: dict[str, str]
    value: float
    lower: float | None
    upper: float | None
    n: int
    accent: bool
    language: str
    subject: str | None = None
    tile: dict[str, dict[str, str]] | None = None

    def __str__(self) -> str:
        return self.text[self.language]

    def _repr_markdown_(self) -> str:
        return f"**{self}**"

    def as_item(self) -> dict[str, Any]:
        """The finding as the report and the dashboard read it."""
        return {
            "kind": "finding",
            "key": self.key,
            "subject": self.subject,
            "text": self.text,
            "value": _plain(self.value),
            "lower": _plain(self.lower),
            "upper": _plain(self.upper),
            "n": int(self.n),
            "accent": self.accent,
            "tile": self.tile,
            "in_title": False,
        }


def compose(
    key: str,
    *,
    value: float,
    lower: float | None,
    upper: float | None,
    n: int,
    why_no_interval: str | None,
    accent: bool,
    level: float,
    as_of: date,
    currency: str,
    language: str,
    facts: dict[str, Any],
) -> Finding:
    """Build the sentence of `key` in both languages.

    Parameters
    ----------
    value, lower, upper : the estimate and its interval
    n : how many units it rests on
    why_no_interval : text key of the reason, needed where there is no interval
    level : the interval's probability
    facts : what else the template names; `subject` tells findings of one key apart

    A catalog entry `<key>_tile` of the form `label|{value:spec}` also makes it a tile on the
    report's first page.

    Raises
    ------
    JorenError if there is neither an interval nor a reason
    """
    if (lower is None or upper is None) and why_no_interval is None:
        raise JorenError(
            f"the finding {key} has neither interval nor reason",
            "",
            "give lower and upper, or why_no_interval",
        )
    certainty = text.Certainty(lower, upper, level, int(n), as_of, why_no_interval)
    values = facts | {"value": value, "n": n, "as_of": as_of, "certainty": certainty}
    sentences = {
        lang: text.render(lang, key, currency=currency, **values) for lang in text.LANGUAGES
    }
    subject = facts.get("subject")
    return Finding(
        key,
        sentences,
        value,
        lower,
        upper,
        int(n),
        accent,
        language,
        None if subject is None else str(subject),
        _tile(key, certainty, currency, values),
    )


def _tile(
    key: str, certainty: text.Certainty, currency: str, values: dict[str, Any]
) -> dict[str, dict[str, str]] | None:
    entry = f"{key}_tile"
    if not text.has(entry):
        return None
    tile = {}
    for language in text.LANGUAGES:
        label, _, value = text.render(language, entry, currency=currency, **values).partition("|")
        spec = text.template(language, entry).rpartition("{value:")[2].rstrip("}")
        sure = certainty.describe(language, spec, currency).strip("()（） ")
        tile[language] = {"label": label, "value": value, "sure": sure}
    return tile


def _plain(value: Any) -> float | None:
    return None if value is None else float(value)
