"""Every sentence a client reads, in Japanese and English, by key.

Catalogs are `text/<language>/<room>.yaml`; `ltv.repeat_rate` is the entry `repeat_rate` of `ltv`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from joren.errors import JorenError
from joren.text.formats import Certainty, format_interval, format_value

LANGUAGES = ("ja", "en")
_FOLDER = Path(__file__).parent


def render(language: str, key: str, *, currency: str = "JPY", **values: Any) -> str:
    """The sentence of `key` with its numbers written as readers of `language` write them.

    Parameters
    ----------
    language : ja or en
    key : `<room>.<entry>`
    currency : ISO 4217 code, for money
    values : what the template's placeholders name

    Raises
    ------
    JorenError if there is no such entry, or a placeholder has no value
    """
    try:
        return _LocalFormatter(language, currency).vformat(template(language, key), (), values)
    except KeyError as missing:
        raise JorenError(f"the text {key} needs {missing}", f"language {language}") from None


class Note(str):
    """A remark in English that also knows its other languages; made by `note`.

    As a value of another sentence it stands there in that sentence's language.
    """

    texts: dict[str, str]


def note(key: str, **values: Any) -> Note:
    """The sentence of `key`, in every language."""
    texts = {language: render(language, key, **values) for language in LANGUAGES}
    return named(texts)


def named(texts: dict[str, str]) -> Note:
    """A name that differs by language, for a placeholder of a sentence.

    Parameters
    ----------
    texts : language → name
    """
    name = Note(texts["en"])
    name.texts = texts
    return name


def has(key: str) -> bool:
    """Whether both languages know the entry."""
    room, _, entry = key.partition(".")
    return all(entry in _catalog(language, room) for language in LANGUAGES)


def entries(prefix: str) -> list[str]:
    """The codes that have words under a prefix, `<prefix>.<code>`, in the catalog's order."""
    room, _, inner = prefix.partition(".")
    known = [entry for entry in _catalog(LANGUAGES[0], room) if entry.startswith(f"{inner}.")]
    return [entry.removeprefix(f"{inner}.") for entry in known]


def rooms() -> list[str]:
    """The names of all catalogs."""
    return sorted(path.stem for path in (_FOLDER / "ja").glob("*.yaml"))


def catalog_path(language: str, room: str) -> Path:
    return _FOLDER / language / f"{room}.yaml"


def template(language: str, key: str) -> str:
    """The unfilled sentence of `key`."""
    room, _, entry = key.partition(".")
    catalog = _catalog(language, room)
    if entry not in catalog:
        raise JorenError(
            f"there is no text {key!r} in {language}",
            f"text/{language}/{room}.yaml",
            "add it in both languages",
        )
    return catalog[entry]


@cache
def _catalog(language: str, room: str) -> dict[str, str]:
    from ruamel.yaml import YAML

    path = catalog_path(language, room)
    if not path.is_file():
        return {}
    return dict(_flat(YAML(typ="safe").load(path.read_text(encoding="utf-8")) or {}))


def _flat(node: dict[str, Any], prefix: str = ""):
    for name, value in node.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(value)


class _LocalFormatter(Formatter):
    def __init__(self, language: str, currency: str) -> None:
        self.language, self.currency = language, currency

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, Certainty):
            return value.describe(self.language, format_spec, self.currency)
        if isinstance(value, Note):
            return value.texts[self.language]
        return format_value(value, format_spec, self.language, self.currency)


__all__ = [
    "LANGUAGES", "Certainty", "Note", "catalog_path", "entries", "format_interval", "format_value",
    "has", "named", "note", "render", "rooms", "template",
]  # fmt: skip
