"""What the client aims at for the figures shown large, as its parameters say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from joren.serve.history import tiles_of
from joren.text import LANGUAGES, format_value, has, template

Texts = dict[str, str]


def targets_of(run: Path, report: dict[str, Any]) -> dict[str, Texts]:
    """Targets of the figures that this report shows large, written as the figures are.

    Parameters
    ----------
    run : folder of the run, whose run.json holds its parameters
    report : what is shown of its report

    Returns
    -------
    finding → the target by language
    """
    try:
        record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        # the record of a run being shown may be gone; its figures are not
        return {}
    aims = record.get("parameters", {}).get("dashboard", {}).get("targets", {})
    return {
        key: {lang: _written(key, aims[key], lang, report["currency"]) for lang in LANGUAGES}
        for key in tiles_of(report)
        if key in aims and has(f"{key}_tile")
    }


def _written(key: str, value: float, language: str, currency: str) -> str:
    spec = template(language, f"{key}_tile").rpartition("{value:")[2].rstrip("}")
    return format_value(value, spec, language, currency)
