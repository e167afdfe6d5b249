"""What a printed report was made from: run, code, environment, inputs, soundness of its fits."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from joren import text
from joren.workspace import digest_of

_FITS = ("ltv_model", "backtest_model")


def certificate(
    run: Path, report: Mapping[str, Any], record: Mapping[str, Any], language: str
) -> list[list[str]]:
    """The rows of the certificate (what, value), input files as their number and one hash.

    The hash is that of all files' hashes in the order of their names; run.json has each.
    """

    def label(entry: str, **values: Any) -> str:
        return text.render(language, f"report.certificate.{entry}", **values)

    files = label("input")
    rows = [row for row in report["certificate"][language] if row[0] != files]
    inputs = sorted(record["inputs"].items())
    rows.append([files, label("inputs", value=len(inputs), digest=digest_of(inputs)[:16])])
    return [*rows, *_fits(run, label)]


def _fits(run: Path, label) -> list[list[str]]:
    """A row for every model that was chosen: least ESS, largest R-hat, divergences."""
    import duckdb

    rows = []
    for table in _FITS:
        path = run / "tables" / f"{table}.parquet"
        if not path.is_file():
            continue
        found = duckdb.execute(
            "select model, min(ess_bulk), max(r_hat), sum(divergences) from read_parquet(?) "
            "where chosen group by model order by model",
            [str(path)],
        ).fetchall()
        for model, ess, r_hat, divergences in found:
            parts = [f"ESS {ess:,.0f}" if ess is not None else None]
            parts += [f"R-hat {r_hat:.3f}" if r_hat is not None else None]
            parts += [label("divergences", value=divergences) if divergences is not None else None]
            rows.append([f"{table}: {model}", " · ".join(part for part in parts if part)])
    return rows
