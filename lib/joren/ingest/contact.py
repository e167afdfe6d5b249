"""One text for how a buyer can be reached, the same for the same mail, phone and name."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from joren.ingest import values
from joren.phones import filler_digits

_PHONE = r"^[+(\d][\d\s()\-]{5,}$"


def contact_key(texts: Sequence[ir.StringValue]) -> ir.StringValue:
    """Contacts folded into one key; null where none of them says anything.

    Mails without case, phones as digits alone (those that only fill the field say nothing), names
    without spaces, width and case.
    """
    parts = [_folded(text) for text in texts]
    if not parts:
        return ibis.null("string")
    anything = ibis.coalesce(*parts).notnull()
    joined = ibis.literal("\x1f").join([part.fill_null("") for part in parts])
    return ibis.cases((anything, joined), else_=ibis.null("string"))


def _folded(text: ir.StringValue) -> ir.StringValue:
    plain = values.narrowed(text).lower().re_replace(r"[\s　]+", "")
    digits = plain.re_replace(r"\D", "")
    phone = ibis.cases((~filler_digits(digits), digits), else_=ibis.null("string"))
    return ibis.cases((plain.re_search(_PHONE), phone), else_=plain).nullif("")
