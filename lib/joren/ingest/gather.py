"""Which files a client's folders, patterns and paths name, for proposals."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from joren.errors import InputError

SUFFIXES = (".csv", ".txt", ".tsv", ".parquet")
ANSWER_KEY = "answer_key"
"""The folder in which a simulated client keeps the truth: no client exports it."""


@dataclass(frozen=True)
class Gathered:
    """Files in order, each once; `named` are those that were asked for by their own path."""

    files: tuple[Path, ...]
    named: frozenset[Path]


def gather(given: Sequence[Path]) -> Gathered:
    """Every file that paths, folders (with all below them) and patterns name.

    Parameters
    ----------
    given : files, folders and glob patterns. Of folders and patterns only CSV, TXT, TSV and
        Parquet files count, without hidden files, locks of spreadsheets and `answer_key` folders

    Raises
    ------
    InputError if a path is not there, or a folder or pattern holds no such file
    """
    found: set[Path] = set()
    named: set[Path] = set()
    for path in given:
        if path.is_file():
            named.add(path.resolve())
            continue
        if path.is_dir():
            below = [file for file in path.rglob("*") if _is_export(file.relative_to(path))]
        elif glob.has_magic(str(path)):
            base, pattern = _split(path)
            below = [file for file in base.glob(pattern) if _is_export(file.relative_to(base))]
        else:
            raise InputError("there is no such file", str(path), "check the path")
        below = [file for file in below if file.is_file()]
        if not below:
            raise InputError(
                "there is no CSV, TXT, TSV or Parquet file", str(path), "check the path"
            )
        found |= {file.resolve() for file in below}
    return Gathered(tuple(sorted(found | named)), frozenset(named))


def _is_export(path: Path) -> bool:
    hidden = any(part.startswith((".", "~$")) or part == ANSWER_KEY for part in path.parts)
    return not hidden and path.suffix.lower() in SUFFIXES


def _split(pattern: Path) -> tuple[Path, str]:
    """The folder before a pattern's first wildcard, and the rest."""
    parts = pattern.parts
    fixed = next(n for n, part in enumerate(parts) if glob.has_magic(part))
    return Path(*parts[:fixed]), str(Path(*parts[fixed:]))
