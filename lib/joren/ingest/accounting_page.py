"""What the page on accounting says: how many totals agree, and the others with their candidates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from joren import text
from joren.contract import TABLES
from joren.ingest.accounting import AGREES, NOT_KNOWN, UNEXPLAINED


@dataclass(frozen=True)
class Account:
    """Of so many totals how many agree, differ with a candidate, without one, or lack a figure."""

    totals: int
    agreeing: int
    explained: int
    unexplained: int
    not_known: int


def summary(rows: Sequence[dict]) -> Account:
    """The account of `reconcile`'s rows; its parts add up to the totals."""
    reasons = [row["reason"] for row in rows]
    counted = [reasons.count(reason) for reason in (AGREES, UNEXPLAINED, NOT_KNOWN)]
    agreeing, unexplained, not_known = counted
    return Account(len(rows), agreeing, len(rows) - sum(counted), unexplained, not_known)


def as_table(rows: Sequence[dict]) -> pa.Table:
    """The rows of `reconcile` as `accounting_reconciliation`, amounts exact."""
    schema = TABLES["accounting_reconciliation"].ibis_schema()
    return pa.Table.from_pylist(list(rows), schema=schema.to_pyarrow())


def differences(rows: Sequence[dict]) -> pd.DataFrame:
    """The totals that do not agree, largest first, reasons and figures in both languages.

    Returns
    -------
    month, source, figure (text key), accounting, joren, difference, reason (a note)
    """
    differing = [row for row in rows if row["reason"] != AGREES]
    differing.sort(key=lambda row: (-abs(row["difference"] or 0), row["month"], row["figure"]))
    frame = pd.DataFrame(differing)
    frame["figure"] = "ingest.accounting.figure_" + frame.figure
    # object: pandas' own string type would lose the languages
    reasons = [_reason(row["reason"]) for row in differing]
    frame["reason"] = pd.Series(reasons, index=frame.index, dtype=object)
    return frame


def _reason(reason: str) -> text.Note:
    texts = {}
    for language in text.LANGUAGES:
        texts[language] = " / ".join(
            " + ".join(
                text.render(language, f"ingest.accounting.reason_{name}") for name in one.split("+")
            )
            for one in reason.split(" | ")
        )
    return text.named(texts)
