"""Comparison keys of the whole population, worked out anew only for records that are not cached.

The cache holds clear values (names, phones), so it lies in a folder only its owner can read, and
it is a cache: without it every key is worked out again and the result is the same.
"""

from __future__ import annotations

import hashlib
import shutil
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
_SAYING = ("source", "source_id", "digest")


def keyed_population(
    con: Backend, customers: ir.Table, population: ir.Table, locale: str, folder: Path | None
) -> ir.Table:
    """The population with the keys of `records.keyed_records`; keys not cached yet are put there.

    Parameters
    ----------
    con : the engine; the result rests on temporary tables in it
    customers : canonical customers
    population : the table of `known.population`
    locale : as for `keyed_records`
    folder : of the cache; None works without
    """
    place = None if folder is None else folder / _version(locale)
    files = [] if place is None else sorted(place.glob("*.parquet"))
    if not files or population.filter(~population.fresh).count().execute() == 0:
        keyed = keyed_records(con, customers, population, locale)
        if place is not None:
            _begin_anew(place)
            _remember(keyed, place)
        return keyed
    cached = con.read_parquet([str(path) for path in files]).mutate(cached=ibis.literal(True))
    found = population.left_join(cached, list(_SAYING), rname="{name}_cached")
    found = keep(con, "identity_cached", found.drop(f"{name}_cached" for name in _SAYING))
    missing = found.filter(found.cached.isnull()).select(*population.columns)
    missing = keep(con, "identity_unkeyed", missing)
    known = population.anti_join(missing, "record").order_by("digest").limit(COMPANY)
    named = customers.semi_join(missing, ["source", "source_id"]).union(
        _names_alone(customers.semi_join(known, ["source", "source_id"]))
    )
    anew = keyed_records(con, named, missing, locale)
    _remember(anew, place)
    return found.filter(found.cached).select(*anew.columns).union(anew)


def _begin_anew(place: Path) -> None:
    """Empty the cache, also of keys of another version."""
    for version in place.parent.glob("*"):
        shutil.rmtree(version)
    place.mkdir(parents=True, mode=0o700)


def _remember(keyed: ir.Table, place: Path) -> None:
    if keyed.count().execute() == 0:
        return
    path = place / f"{len(list(place.glob('*.parquet'))) + 1:06d}.parquet"
    write_parquet(keyed.drop("record", "since", "fresh", "old_id"), path)
    path.chmod(0o600)


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
