"""Payment-card numbers are refused before they can enter a table.

A loyalty number must not trigger: random digits pass the Luhn check one time in ten, and 13-digit
EAN/JAN codes carry a different check digit. So a column is refused only where nearly all of its
long numbers pass, bear a card brand's first digit, and are 14–16 digits long.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from joren.contract import CANONICAL
from joren.errors import InputError
from joren.ingest.headers import folded
from joren.ingest.inputs import TableInput

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

_LEAST_VALUES = 20
_MOSTLY = 0.95
_SAMPLE = 1_000
_PATTERN = r"^[2-6]\d{13,15}$"
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
    columns = [c.name for c in CANONICAL[source.table].columns if c.type == "string"]
    digits = {c: f"regexp_replace(\"{c}\", '[ -]', '', 'g')" for c in columns}
    counts = con.raw_sql(
        "SELECT "
        + ", ".join(
            f"count(nullif(trim(\"{c}\"), '')), count(*) FILTER (regexp_matches({d}, '{_PATTERN}'))"
            for c, d in digits.items()
        )
        + f' FROM "{raw}"'
    ).fetchall()[0]
    for n, column in enumerate(columns):
        filled, long_numbers = counts[2 * n], counts[2 * n + 1]
        named = _NAMED.search(folded(source.columns.get(column, column))) is not None
        if long_numbers < (3 if named else _LEAST_VALUES) or 2 * long_numbers < filled:
            continue
        sample = con.raw_sql(
            f'SELECT {digits[column]} FROM "{raw}" '
            f"WHERE regexp_matches({digits[column]}, '{_PATTERN}') ORDER BY _at LIMIT {_SAMPLE}"
        ).fetchall()
        share = sum(passes_luhn(value) for (value,) in sample) / len(sample)
        if share >= (0.5 if named else _MOSTLY):
            header = source.columns.get(column, column)
            raise InputError(
                f"column {header!r} looks like payment-card numbers",
                f"{source.where}.columns.{column}",
                "remove the column from the export; Joren must not hold card numbers",
            )
