"""One text for how a buyer can be reached, the same for the same mail, phone and name."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from joren.ingest import values
from joren.phones import filler_digits

CONTACT = "_contact"
"""The column of the key."""

_PHONE = r"^[+(\d][\d\s()\-]{5,}$"
_SEPARATOR = "\x1f"


def with_contact(rows: ir.Table, names: Sequence[str]) -> ir.Table:
    """Fold contacts into one key, `CONTACT`; null where none of them says anything.

    Mails without case, phones as digits alone (those that only fill the field say nothing), names
    without spaces, width and case. The steps are layers of a query (`.view()`), as each uses the
    one before several times.

    Parameters
    ----------
    rows : any table
    names : its columns of contacts; they are overwritten
    """
    if not names:
        return rows.mutate(**{CONTACT: ibis.null("string")})
    rows = rows.mutate(**{name: _plain(rows[name]) for name in names}).view()
    digits = {f"_digits{name}": _digits_of_phone(rows[name]) for name in names}
    rows = rows.mutate(**digits).view()
    parts = [_part(rows[name], rows[f"_digits{name}"]).fill_null("") for name in names]
    joined = ibis.literal(_SEPARATOR).join(parts) if len(parts) > 1 else parts[0]
    key = joined.nullif(_SEPARATOR * (len(parts) - 1))
    return rows.mutate(**{CONTACT: key}).view()


def _plain(text: ir.StringValue) -> ir.StringValue:
    return values.narrowed(text).lower().re_replace(r"[\s　]+", "")


def _digits_of_phone(plain: ir.StringValue) -> ir.StringValue:
    return ibis.cases((plain.re_search(_PHONE), plain.re_replace(r"\D", "")))


def _part(plain: ir.StringValue, digits: ir.StringValue) -> ir.StringValue:
    return ibis.cases((digits.isnull(), plain), (~filler_digits(digits), digits))
