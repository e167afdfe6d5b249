"""Comparison keys of the whole population, worked out anew only for records that are not cached.

The cache holds clear values (names, phones), so it lies in a folder only its owner can read, and
it is a cache: without it every key is worked out again and the result is the same.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from joren.engine import keep, write_parquet
from joren.identity.known import SAID, meaning_of
from joren.identity.records import keyed_records

# names without a blank are split, and kanji read, as the company of other names shows
COMPANY = 50_000
_KEYING = ("contacts", "kana", "kanji", "names", "records")


def keyed_population(
    con: Backend,
    customers: ir.Table,
    others: Sequence[ir.Table],
    locale: str,
    marked: ir.Table,
    folder: Path | None,
) -> ir.Table:
    """The table of `records.keyed_records`, with digest and fresh.

    Parameters
    ----------
    con : the engine; the result is a temporary table in it
    customers, others : canonical tables
    locale : as for `keyed_records`
    marked : source, source_id, digest, fresh of every record (`known.mark_fresh`)
    folder : of the cache; None works without
    """
    cached = None if folder is None else _read(con, folder / _version(locale))
    if cached is None or marked.filter(~marked.fresh).count().execute() == 0:
        keyed = keyed_records(con, customers, others, locale)
        keyed = keyed.inner_join(marked, ["source", "source_id"])
        return keep(con, "identity_keyed", keyed)
    missing = marked.anti_join(cached, ["source", "source_id", "digest"])
    missing = keep(con, "identity_unkeyed", missing)
    company = marked.anti_join(missing, ["source", "source_id"]).order_by("digest").limit(COMPANY)
    named = customers.semi_join(missing, ["source", "source_id"]).union(
        _names_alone(customers.semi_join(company, ["source", "source_id"]))
    )
    anew = keyed_records(con, named, [missing], locale)
    anew = anew.inner_join(missing, ["source", "source_id"])
    again = cached.inner_join(
        marked.select("source", "source_id", "digest", "fresh"), ["source", "source_id", "digest"]
    )
    updated = ibis.coalesce(customers.updated_at, customers.registered_at)
    times = customers.select("source", "source_id", updated_at=updated)
    again = again.left_join(times, ["source", "source_id"])
    columns = [column for column in anew.columns if column != "record"]
    together = anew.select(*columns).union(again.select(*columns))
    place = ibis.row_number().over(order_by=[together.source, together.source_id])
    return keep(con, "identity_keyed", together.mutate(record=place.cast("int64")))


def remember(keyed: ir.Table, folder: Path | None, locale: str, revision: int) -> None:
    """Put the keys of fresh records into the cache; keys of another version are dropped.

    Parameters
    ----------
    keyed : the table of `keyed_population`
    folder : of the cache; None does nothing
    revision : names the file, so that a run that is repeated replaces its own
    """
    if folder is None:
        return
    place = folder / _version(locale)
    for other in folder.glob("*"):
        if other != place:
            shutil.rmtree(other)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = keyed.filter(keyed.fresh)
    if fresh.count().execute() == keyed.count().execute():
        for file in place.glob("*.parquet"):
            file.unlink()
    path = place / f"{revision:06d}.parquet"
    write_parquet(fresh.drop("record", "updated_at", "fresh"), path)
    path.chmod(0o600)


def _read(con: Backend, place: Path) -> ir.Table | None:
    files = sorted(str(path) for path in place.glob("*.parquet"))
    if not files:
        return None
    every = con.read_parquet(files)
    # a record that said something, then something else, then the first again is there twice
    return every.distinct(on=["source", "source_id", "digest"])


def _names_alone(customers: ir.Table) -> ir.Table:
    """Customers with nothing but their names, whose other keys nobody needs."""
    blank = {column: ibis.null(customers[column].type()) for column in SAID[6:]}
    return customers.mutate(**blank)


def _version(locale: str) -> str:
    return f"{locale}-{_code_of_keys()}"


@cache
def _code_of_keys() -> str:
    folder = Path(__file__).parent
    sources = [(folder / f"{name}.py").read_text(encoding="utf-8") for name in _KEYING]
    text = "\n".join(meaning_of(source) for source in sources)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
