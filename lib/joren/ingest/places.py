"""Where a row stands among all rows of a table, as one integer that orders them.

Source, file, line, and the part of the line a record is made of: "the last occurrence" is the
greatest.
"""

from __future__ import annotations

from joren.errors import InputError

PART_BITS, ROW_BITS, FILE_BITS = 12, 28, 13
PARTS_OF_A_RULE = 1 << 8
"""The most records that one row makes by one rule: a list in a cell may be that long."""

FILE_SHIFT = PART_BITS + ROW_BITS
"""`_at >> FILE_SHIFT` tells files of all sources apart."""

PLACE = {
    "_at": "int64", "_row": "int64", "_file": "string", "_fault": "string", "_shape": "string",
}  # fmt: skip
"""The columns that tell where a row stands, why it is doubted, and what a broken one looks like."""

MOST_FILES, MOST_ROWS = 1 << FILE_BITS, 1 << ROW_BITS


def file_start(unit: int, file: int) -> int:
    """What every `_at` of a file begins with; a row adds `row << PART_BITS`."""
    return (unit << (FILE_SHIFT + FILE_BITS)) | (file << FILE_SHIFT)


def check_files(number: int, where: str) -> None:
    """Refuse more files than a source can number.

    Raises
    ------
    InputError
    """
    if number >= MOST_FILES:
        raise InputError(f"{number:,} files are too many", where, "join some of them")


def check_rows(last: int, path: str) -> None:
    """Refuse a file with more lines than can be numbered.

    Raises
    ------
    InputError
    """
    if last >= MOST_ROWS:
        raise InputError(f"{last:,} lines are too many for one file", path, "split it")
