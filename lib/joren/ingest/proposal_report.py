"""What `joren new` prints: which file is which table of which source, and what comes next."""

from __future__ import annotations

from pathlib import Path

from rich.cells import cell_len

from joren.ingest.proposal import Proposal, Row

_HEADER = ("files", "source", "table", "format", "confidence")


def proposal_report(proposal: Proposal, target: Path, client: str) -> str:
    """The files with what they were taken for, how many questions are open, the next command.

    Parameters
    ----------
    proposal : the outcome of `propose`
    target : the parameter file that was written
    client : the client's name
    """
    parts = [_table(proposal.rows)] if proposal.rows else []
    if proposal.questions:
        n = len(proposal.questions)
        parts.append(
            f"{n} question{'s' if n > 1 else ''} for the client: the lines that begin with "
            "`# ?` at the end of the file, in Japanese and English"
        )
    parts.append(f"wrote {target}; read it through, then run `joren check {client}`")
    return "\n\n".join(parts)


def _table(rows: tuple[Row, ...]) -> str:
    cells = [_HEADER, *(_cells(row) for row in rows)]
    widths = [max(cell_len(line[n]) for line in cells) for n in range(len(_HEADER))]
    return "\n".join(
        "  ".join(
            text + " " * (width - cell_len(text)) for text, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in cells
    )


def _cells(row: Row) -> tuple[str, ...]:
    confidence = "" if row.confidence is None else f"{row.confidence:.2f}"
    files = " ".join(row.files.split())
    return (files, row.source or "-", row.table or "?", row.format or "-", confidence)
