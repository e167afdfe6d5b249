"""Codes as the reader of a list calls them; IDs that come back with outcomes stay as they are."""

from __future__ import annotations

import ibis.expr.types as ir

from joren import text

_BETWEEN = "\u241f"  # stands in no reason


def labelled(column: ir.StringValue, prefix: str, language: str) -> ir.StringValue:
    """A column of codes in words; a code without words stays, null stays null.

    Parameters
    ----------
    prefix : of the text keys, `<prefix>.<code>`
    """
    words = [(code, text.render(language, f"{prefix}.{code}")) for code in text.entries(prefix)]
    return column.cases(*words, else_=column)


def labelled_reasons(reasons: ir.ArrayValue, language: str) -> ir.StringValue:
    """Reasons of a risk (`<kind>` or `<kind>:<level>`) in one line, the strongest first."""
    kinds = ("order", "first_channel", "cohort", "cycle", "payment")
    named = {kind: text.render(language, f"churn.reason.{kind}") for kind in kinds}
    named["course"] = text.render(language, "churn.column.course")
    # what these say needs no level beside it
    alone = ("cycle", "payment")
    told = reasons.join(_BETWEEN)
    for kind, name in named.items():
        level = "" if kind in alone else " \\2"
        told = told.re_replace(f"(^|{_BETWEEN}){kind}(?::([^{_BETWEEN}]*))?", f"\\1{name}{level}")
    return told.replace(_BETWEEN, "、" if language == "ja" else ", ")
