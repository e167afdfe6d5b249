"""A small table as the report shows it: headers and cells written in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from joren import text

if TYPE_CHECKING:
    import pandas as pd


def table_item(
    name: str,
    title: dict[str, str],
    frame: pd.DataFrame,
    columns: dict[str, tuple[str, str]],
    currency: str,
) -> dict[str, Any]:
    """The item of a table.

    Parameters
    ----------
    title : language → sentence
    columns : column → (text key of its header, format spec); a cell of spec `label` is itself a
        text key
    """
    rows = {
        language: [
            [
                _cell(value, spec, language, currency)
                for value, (_, spec) in zip(row, columns.values(), strict=True)
            ]
            for row in frame[list(columns)].itertuples(index=False)
        ]
        for language in text.LANGUAGES
    }
    headers = [
        {
            "header": {language: text.render(language, header) for language in text.LANGUAGES},
            "align": "left" if spec in ("", "label") else "right",
        }
        for header, spec in columns.values()
    ]
    return {"kind": "table", "name": name, "title": title, "columns": headers, "rows": rows}


def _cell(value: Any, spec: str, language: str, currency: str) -> str:
    if isinstance(value, text.Note):  # knows its languages
        return value.texts[language]
    if spec == "label":
        return text.render(language, str(value)) if text.has(str(value)) else str(value)
    return text.format_value(value, spec, language, currency)
