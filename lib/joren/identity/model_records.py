"""Source records as the fuzzy model compares them: one text per field, addresses as words."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

FIELDS = ("given", "family", "birth", "gender", "postal", "address", "phone", "email", "card")
# column that says whether a record fills a field
_FILLED_BY = {"given": "given_reading", "family": "family_reading"}
# words more records than these carry (street, Tokyo) tell nobody apart
_COMMON_SHARE, _RARE_ENOUGH = 0.01, 2


def model_records(con: Backend, records: ir.Table) -> ir.Table:
    """The columns the comparisons name.

    Parameters
    ----------
    con : the engine; the result is a temporary table in it, in the order of the records
    records : the table of `without_generic`

    Returns
    -------
    record, names and readings by part, birth (yyyymmdd), gender, postal, address, address_words
    (its uncommon words), phone, email, email_local, card, line
    """
    r = records
    fresh = ["fresh"] if "fresh" in r.columns else []
    columns = r.select(
        "record", *fresh, "family", "given", "family_sound", "given_sound", "family_reading",
        "given_reading", "gender", "postal", "address", "phone", "email", "card", "line",
        birth=r.birth_date.cast("date").strftime("%Y%m%d"),
        email_local=r.email.split("@")[0],
    )  # fmt: skip
    joined = columns.left_join(_uncommon_words(r), "record").drop("record_right")
    none = ibis.literal([], "array<string>")
    filled = joined.mutate(address_words=joined.address_words.fill_null(none))
    return con.create_table(
        "identity_model_records", filled.order_by("record"), temp=True, overwrite=True
    )


def filled_shares(records: ir.Table) -> dict[str, float]:
    """The share of records that fill each of `FIELDS`."""
    counts = {field: records[_FILLED_BY.get(field, field)].count() for field in FIELDS}
    row = records.agg(**counts, every=records.count()).to_pyarrow().to_pylist()[0]
    return {field: row[field] / max(row["every"], 1) for field in FIELDS}


def _uncommon_words(records: ir.Table) -> ir.Table:
    known = records.filter(records.address.notnull())
    words = known.select("record", word=known.address.split(" ").unnest()).distinct()
    carriers = words.group_by("word").agg(carriers=words.count())
    most = ibis.greatest(_RARE_ENOUGH, _COMMON_SHARE * known.count().as_scalar())
    rare = carriers.filter(carriers.carriers <= most)
    kept = words.semi_join(rare, "word")
    return kept.group_by("record").agg(address_words=kept.word.collect(order_by=kept.word))
