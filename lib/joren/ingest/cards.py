"""Payment-card numbers are refused before they can enter a table.

A loyalty number must not trigger: random digits pass the Luhn check one time in ten, and 13-digit
EAN/JAN codes carry a different check digit. So a column is refused only where nearly all of its
long numbers pass, bear a card brand's first digit, and are 14–16 digits long.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from joren.contract import CANONICAL
from joren.errors import InputError
from joren.ingest.blocks import read_blocks
from joren.ingest.carts import CartFile
from joren.ingest.headers import folded
from joren.ingest.inputs import TableInput

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

_LEAST_VALUES = 20
_MOSTLY = 0.95
_SAMPLE = 1_000
_LEAST_DIGITS = 14
_PATTERN = rf"^[2-6]\d{{{_LEAST_DIGITS - 1},15}}$"
_NAMED = re.compile(r"クレジット|creditcard|cardnumber|paymentcard|\bpan\b")


def passes_luhn(digits: str) -> bool:
    """Whether the last digit is the Luhn check digit of the others.

    >>> passes_luhn("4111111111111111"), passes_luhn("4111111111111112")
    (True, False)
    """
    doubled = [int(d) * (2 if n % 2 else 1) for n, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def refuse_payment_cards(con: Backend, raw: str, source: TableInput) -> None:
    """Refuse an input with a column that looks like payment-card numbers.

    Parameters
    ----------
    con : the engine
    raw : name of the table of strings
    source : the input it was read from

    Raises
    ------
    InputError naming the column; no value is shown
    """
    held = set(con.table(raw).columns)
    texts = [c.name for c in CANONICAL[source.table].columns if c.type == "string"]
    columns = [name for name in texts if name in held]
    if not columns:
        return
    digits = {
        c: f'CASE WHEN strlen("{c}") >= {_LEAST_DIGITS} '
        f"THEN regexp_replace(\"{c}\", '[ -]', '', 'g') END"
        for c in columns
    }
    counts = con.raw_sql(
        "SELECT "
        + ", ".join(
            f"count(\"{c}\"), count(*) FILTER (regexp_matches({d}, '{_PATTERN}'))"
            for c, d in digits.items()
        )
        + f' FROM "{raw}"'
    ).fetchall()[0]
    for n, column in enumerate(columns):
        filled, long_numbers = counts[2 * n], counts[2 * n + 1]
        named = _is_named(source.columns.get(column, column))
        if not _suspicious(long_numbers, filled, named):
            continue
        sample = con.raw_sql(
            f'SELECT {digits[column]} FROM "{raw}" '
            f"WHERE regexp_matches({digits[column]}, '{_PATTERN}') ORDER BY _at LIMIT {_SAMPLE}"
        ).fetchall()
        if _mostly_cards([value for (value,) in sample], named):
            header = source.columns.get(column, column)
            raise _refusal(header, f"{source.where}.columns.{column}")


def refuse_cards_in_file(one: CartFile, encoding: str) -> None:
    """Refuse a cart's file of which any column, used or not, looks like payment-card numbers.

    The first rows tell: unused columns are never loaded.

    Raises
    ------
    InputError naming the column; no value is shown
    """
    block = next(read_blocks(one.opened(encoding), range(len(one.header))), None)
    if block is None:
        return
    for header, values in zip(one.header, block.columns, strict=True):
        sample = values.slice(0, _SAMPLE)
        if (pc.max(pc.binary_length(sample)).as_py() or 0) < _LEAST_DIGITS:
            continue
        written = pc.utf8_trim_whitespace(sample)
        written = written.filter(pc.greater(pc.binary_length(written), 0))
        plain = pc.replace_substring_regex(written, r"[ -]", "")
        long_numbers = plain.filter(pc.match_substring_regex(plain, _PATTERN)).to_pylist()
        named = _is_named(header)
        suspicious = _suspicious(len(long_numbers), len(written), named)
        if suspicious and _mostly_cards(long_numbers, named):
            raise _refusal(header, str(one.file.path))


def _is_named(header: str) -> bool:
    return _NAMED.search(folded(header)) is not None


def _suspicious(long_numbers: int, filled: int, named: bool) -> bool:
    return long_numbers >= (3 if named else _LEAST_VALUES) and 2 * long_numbers >= filled


def _mostly_cards(long_numbers: Sequence[str], named: bool) -> bool:
    share = sum(passes_luhn(value) for value in long_numbers) / len(long_numbers)
    return share >= (0.5 if named else _MOSTLY)


def _refusal(header: str, where: str) -> InputError:
    return InputError(
        f"column {header!r} looks like payment-card numbers",
        where,
        "remove the column from the export; Joren must not hold card numbers",
    )
