"""Source records with their comparison keys, one row each.

Keys are worked out once per distinct value in Python and joined back in the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.duckdb import Backend

from joren.engine import keep
from joren.identity.contacts import (
    address_key,
    email_key,
    is_placeholder_phone,
    phone_key,
    postal_key,
)
from joren.identity.kanji import fold_kanji
from joren.identity.names import NameKeys, RawName, name_keys

_NAME_COLUMNS = (
    "family_name", "given_name", "full_name", "family_kana", "given_kana", "full_kana",
)  # fmt: skip
_GENDERS = {
    "男": "male", "男性": "male", "m": "male", "male": "male", "1": "male",
    "女": "female", "女性": "female", "f": "female", "female": "female", "2": "female",
}  # fmt: skip
_SHORTEST_PHONE, _SHORTEST_CARD = 7, 4
_LINE_USER = r"^U[0-9a-f]{32}$"


def source_records(customers: ir.Table, others: Sequence[ir.Table]) -> ir.Table:
    """Every (source, source_id) of the client, whether it has a customer row or not."""
    keys = [table.select("source", "source_id") for table in (customers, *others)]
    union = ibis.union(*keys, distinct=True) if len(keys) > 1 else keys[0].distinct()
    return union.filter(union.source_id.notnull())


def with_names(pairs: ir.Table, records: ir.Table) -> ir.Table:
    """Pairs of records by number with left_source, left_source_id, right_source, right_source_id.

    Parameters
    ----------
    pairs : left, right and others, which stay
    records : record, source, source_id
    """
    left = records.select(left="record", left_source="source", left_source_id="source_id")
    right = records.select(right="record", right_source="source", right_source_id="source_id")
    return pairs.inner_join(left, "left").inner_join(right, "right")


def with_numbers(pairs: ir.Table, records: ir.Table, *more: str) -> ir.Table:
    """Pairs of records by name with left and right, their numbers: the way back of `with_names`.

    Parameters
    ----------
    pairs : left_source, left_source_id, right_source, right_source_id and others, which stay
    records : record, source, source_id
    more : further columns of the records to have as left_<column> and right_<column>
    """
    both = pairs
    for side in ("left", "right"):
        names = [f"{side}_source", f"{side}_source_id"]
        own = {side: "record", names[0]: "source", names[1]: "source_id"}
        end = records.select(**own, **{f"{side}_{column}": column for column in more})
        both = both.inner_join(end, names)
    return both


def keyed_records(con: Backend, customers: ir.Table, population: ir.Table, locale: str) -> ir.Table:
    """What records say, in a form that can be compared.

    Parameters
    ----------
    con : the engine; the result is a temporary table in it
    customers : canonical customers
    population : source, source_id and more of the records wanted, with a customer row or without;
        customers of no record among them are company for the names
    locale : ja or en; how to read phones and postal codes

    Returns
    -------
    the population with the columns of `NameKeys`, phone (E.164), email, card, line, postal,
    address, birth_date, gender; null where unknown. Placeholders (000-0000-0000) are null already.
    """
    needed = (*_NAME_COLUMNS, *_READ, "line_id", "birth_date")
    raw = con.create_table(
        "identity_raw", customers.select("source", "source_id", *needed), temp=True, overwrite=True
    )
    names = _name_table(con, raw)
    same_name = [raw[c].fill_null("") == names[f"{c}_text"] for c in _NAME_COLUMNS]
    joined = raw.left_join(names, same_name)
    for column, read in _READ.items():
        keys = _key_table(con, raw, column, lambda text, read=read: read(text, locale))
        joined = joined.left_join(keys, raw[column] == keys[f"{column}_text"])
    # a LINE user ID is unique within LINE; other systems' IDs only within their source
    line = ibis.ifelse(
        joined.line_id.re_search(_LINE_USER), joined.line_id, joined.source + ":" + joined.line_id
    )
    details = joined.select(
        "source", "source_id", *NameKeys._fields,
        phone="phone_key", email="email_key", card="card_no_key",
        line=ibis.ifelse(joined.line_id == "", None, line),
        postal="postal_code_key", address="address_key", birth_date="birth_date",
        gender="gender_key",
    )  # fmt: skip
    records = population.left_join(details, ["source", "source_id"])
    return keep(con, "identity_records", records.drop("source_right", "source_id_right"))


def _name_table(con: Backend, raw: ir.Table) -> ir.Table:
    filled = raw.select(**{column: raw[column].fill_null("") for column in _NAME_COLUMNS})
    columns = filled.distinct().to_pyarrow().to_pydict()
    written = [RawName(*name) for name in zip(*columns.values(), strict=True)]
    rows = [(*name, *key) for name, key in name_keys(sorted(written)).items()]
    columns = [*(f"{column}_text" for column in _NAME_COLUMNS), *NameKeys._fields]
    types = dict.fromkeys(columns, pa.string()) | {"latin": pa.bool_()}
    return _register(con, "identity_names", rows, types)


def _key_table(
    con: Backend, raw: ir.Table, column: str, read: Callable[[str], str | None]
) -> ir.Table:
    values = raw.select(column).distinct().to_pyarrow()[column].to_pylist()
    rows = [(text, read(text)) for text in values if text]
    types = {f"{column}_text": pa.string(), f"{column}_key": pa.string()}
    return _register(con, f"identity_{column}", rows, types)


def _register(
    con: Backend, name: str, rows: Iterable[tuple], types: dict[str, pa.DataType]
) -> ir.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(types)
    arrays = [
        pa.array(column, type_) for column, type_ in zip(columns, types.values(), strict=True)
    ]
    table = pa.table(arrays, names=list(types))
    return con.create_table(name, table, temp=True, overwrite=True)


def _phone(text: str, locale: str) -> str | None:
    if is_placeholder_phone(text):
        return None
    if locale != "ja":
        digits = "".join(c for c in text if c.isdigit())
        return digits if len(digits) >= _SHORTEST_PHONE else None
    return phone_key(text)


def _card(text: str, locale: str) -> str | None:
    key = "".join(c for c in fold_kanji(text).upper() if c.isalnum())
    return key if len(key) >= _SHORTEST_CARD and len(set(key)) > 1 else None


_READ: dict[str, Callable[[str, str], str | None]] = {
    "phone": _phone,
    "email": lambda text, locale: email_key(text),
    "card_no": _card,
    "postal_code": postal_key,
    "address": address_key,
    "gender": lambda text, locale: _GENDERS.get(fold_kanji(text).strip().casefold()),
}
