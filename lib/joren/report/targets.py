"""What the client aims at for the figures shown large, as its parameters say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from joren.text import LANGUAGES, format_value, has, template

Texts = dict[str, str]


def targets_of(
    stages: Sequence[Mapping[str, Any]], aims: Mapping[str, float], currency: str
) -> dict[str, Texts]:
    """Targets of the figures that a report shows large, written as the figures are.

    Parameters
    ----------
    stages : of the report
    aims : `dashboard.targets` of the parameters, finding → value
    currency : ISO 4217 code

    Returns
    -------
    finding → the target by language
    """
    items = [item for stage in stages for step in stage["steps"] for item in step["items"]]
    large = {item["key"] for item in items if item.get("tile") and item.get("key")}
    return {
        key: {lang: _written(key, aim, lang, currency) for lang in LANGUAGES}
        for key, aim in aims.items()
        if key in large and has(f"{key}_tile")
    }


def _written(key: str, value: float, language: str, currency: str) -> str:
    spec = template(language, f"{key}_tile").rpartition("{value:")[2].rstrip("}")
    return format_value(value, spec, language, currency)
