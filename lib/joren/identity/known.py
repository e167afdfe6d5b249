"""The linked population in state: which records were linked, by what they said, and along what.

A record that says what it said before keeps the edges it had; only records that are new or say
something else (`fresh`) are compared. So a run costs what is new, and a changed rule does not
rewrite history: that is what a rebase is for. Three logs, of which a record's or a pair's last row
holds: `identity_known` (a keyed digest of what each record said), `identity_links` (see `kept`),
`identity_rebases` (when everything was linked anew, and by which rules).
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from joren.engine import keep
from joren.identity.records import source_records
from joren.identity.stable_ids import last_ids

if TYPE_CHECKING:
    from joren.identity.link import Settings

KNOWN_TYPES = {
    "revision": "int64", "source": "string", "source_id": "string", "digest": "string",
}  # fmt: skip
# the first six are names
SAID = (
    "family_name", "given_name", "full_name", "family_kana", "given_kana", "full_kana", "phone",
    "email", "line_id", "card_no", "postal_code", "address", "birth_date", "gender",
)  # fmt: skip
GONE = ""
_SILENT, _NEXT = "\x1e", "\x1f"
# modules that decide who is one person; the others only tell of it
_TELLING = (
    "account", "consolidation", "customer360", "figures", "golden", "hashes", "history",
    "households", "incremental", "kept", "keys", "known", "kpis", "learned", "link", "masks",
    "memory", "quality", "review", "review_desk", "sensitivity", "stable_ids", "summary",
    "verdicts", "waiting",
)  # fmt: skip
_SETTINGS_THAT_TELL = ("client", "as_of", "hmac_key", "household", "interval", "survivorship")


@dataclass(frozen=True)
class Known:
    """The logs of the linked population, as they stand; links is None where no pair was decided."""

    records: ir.Table
    links: ir.Table | None


def digests(
    con: Backend, customers: ir.Table, others: Sequence[ir.Table], secret: bytes
) -> ir.Table:
    """What every source record says, as a digest nobody can compute without the secret.

    Parameters
    ----------
    con : the engine; the result is a temporary table in it
    customers : canonical customers
    others : canonical tables with source and source_id, whose records may say no more than that
    secret : the client's key; the digest of a bare phone number could be enumerated without it

    Returns
    -------
    source, source_id, digest
    """
    said = ibis.literal(secret.hex())
    for column in SAID:
        said = said + _NEXT + customers[column].cast("string").fill_null(_SILENT)
    spoken = customers.select("source", "source_id", said=said.hexdigest("sha256")[:32])
    every = source_records(customers, others)
    joined = every.left_join(spoken, ["source", "source_id"])
    found = joined.select("source", "source_id", digest=joined.said.fill_null("-"))
    return con.create_table("identity_digests", found, temp=True, overwrite=True)


def last_digests(con: Backend, log: ir.Table | None) -> ir.Table:
    """source, source_id, digest, since (revision) of every record, as of its last row."""
    if log is None:
        nobody = {c: KNOWN_TYPES[c] for c in ("source", "source_id", "digest")} | {"since": "int64"}
        return con.create_table(
            "identity_last", schema=ibis.schema(nobody), temp=True, overwrite=True
        )
    last = log.group_by("source", "source_id").agg(
        digest=log.digest.argmax(log.revision), since=log.revision.max()
    )
    return keep(con, "identity_last", last)


def population(
    con: Backend, digested: ir.Table, last: ir.Table, assignments: ir.Table | None
) -> ir.Table:
    """Every record with what was known of it before.

    Parameters
    ----------
    con : the engine; the result is a temporary table in it
    digested : the table of `digests`
    last : the table of `last_digests`
    assignments : the log of earlier assignments, None on the first run

    Returns
    -------
    record (0…n-1 by source, source_id, so that nothing depends on the order of the rows), source,
    source_id, digest, since (revision of its last digest), fresh (never linked, or saying something
    else than it did then), old_id (its last customer ID); null where there was none
    """
    joined = digested.left_join(last.rename(before="digest"), ["source", "source_id"])
    joined = joined.select(
        "source", "source_id", "digest", "since",
        record=ibis.row_number().over(order_by=[joined.source, joined.source_id]).cast("int64"),
        fresh=~joined.digest.identical_to(joined.before),
    )  # fmt: skip
    if assignments is None:
        joined = joined.mutate(old_id=ibis.null("string"))
    else:
        joined = joined.left_join(last_ids(assignments), ["source", "source_id"])
        joined = joined.drop("source_right", "source_id_right")
    return keep(con, "identity_population", joined)


def gone_records(digested: ir.Table, last: ir.Table) -> ir.Table:
    """source, source_id of the records that were there the last time and are not now."""
    there = last.filter(last.digest != GONE)
    return there.anti_join(digested, ["source", "source_id"]).select("source", "source_id")


def new_known(records: ir.Table, gone: ir.Table, revision: int) -> ir.Table:
    """Rows to append to `identity_known`: records that are fresh, and those that are gone.

    Parameters
    ----------
    records : the table of `population`
    gone : the table of `gone_records`
    revision : the number of this revision
    """
    changed = records.filter(records.fresh).select("source", "source_id", "digest")
    changed = changed.union(gone.mutate(digest=ibis.literal(GONE)))
    return changed.mutate(revision=ibis.literal(revision, "int64")).select(*KNOWN_TYPES)


def rules_digest(settings: Settings) -> str:
    """A digest of what decides who is one person: the code of the deciding modules, the settings.

    Comments, docstrings and layout do not count.
    """
    chosen = {k: v for k, v in asdict(settings).items() if k not in _SETTINGS_THAT_TELL}
    return _digest_of([_code_of_rules(), json.dumps(chosen, sort_keys=True, default=str)])


@cache
def _code_of_rules() -> str:
    folder = Path(__file__).parent
    deciding = (path for path in folder.glob("*.py") if path.stem not in _TELLING)
    return _digest_of([meaning_of(path.read_text(encoding="utf-8")) for path in sorted(deciding)])


def meaning_of(source: str) -> str:
    """The source's syntax tree without docstrings, as text."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            continue
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.dump(tree)


def _digest_of(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
