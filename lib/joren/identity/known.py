"""The linked population in state: which records were linked, by what they said, and along what.

A record that says what it said before keeps the edges it had; only records that are new or say
something else (`fresh`) are compared. So a run costs what is new, and a changed rule does not
rewrite history: that is what a rebase is for. Three logs, of which a record's or a pair's last row
holds: `identity_known` (a keyed digest of what each record said), `identity_links` (every pair
decided, as the rules saw it and what the guard made of it), `identity_rebases` (when everything
was linked anew, and by which rules).
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

from joren.identity.records import source_records, with_names
from joren.identity.verdicts import PAIR

if TYPE_CHECKING:
    from joren.identity.link import Settings

KNOWN_TYPES = {
    "revision": "int64", "source": "string", "source_id": "string", "digest": "string",
}  # fmt: skip
LINK_TYPES = {
    "revision": "int64", **dict.fromkeys(PAIR, "string"), "rule": "string",
    "match_probability": "float64", "weight": "float64", "evidence": "string",
    "decision": "string", "refused": "string", "owned": "bool",
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
    "account", "consolidation", "customer360", "figures", "golden", "history", "households",
    "incremental", "keys", "known", "kpis", "learned", "link", "masks", "memory", "quality",
    "review", "review_desk", "sensitivity", "stable_ids", "summary", "verdicts", "waiting",
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
    customers, others : canonical tables, as for `records.keyed_records`
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


def mark_fresh(con: Backend, digested: ir.Table, known: Known | None) -> ir.Table:
    """The records with `fresh`: never linked, or saying something else than they did then."""
    if known is None:
        return digested.mutate(fresh=ibis.literal(True))
    last = last_digests(known.records).rename(before="digest")
    joined = digested.left_join(last, ["source", "source_id"])
    marked = joined.select(
        "source", "source_id", "digest", fresh=~joined.digest.identical_to(joined.before)
    )
    return con.create_table("identity_marked", marked, temp=True, overwrite=True)


def last_digests(log: ir.Table) -> ir.Table:
    """source, source_id, digest of every record, as of its last row."""
    return log.group_by("source", "source_id").agg(digest=log.digest.argmax(log.revision))


def gone_records(digested: ir.Table, known: Known) -> ir.Table:
    """source, source_id of the records that were there the last time and are not now."""
    last = last_digests(known.records)
    return (
        last.filter(last.digest != GONE)
        .anti_join(digested, ["source", "source_id"])
        .select("source", "source_id")
    )


def kept_links(con: Backend, records: ir.Table, known: Known | None) -> ir.Table:
    """The pairs decided before whose two records still say what they said then.

    Parameters
    ----------
    con : the engine; the result is a temporary table in it
    records : record, source, source_id, fresh
    known : the population, None on a first run or a rebase

    Returns
    -------
    left, right (record numbers) and the columns of `LINK_TYPES` from rule on
    """
    values = list(LINK_TYPES)[5:]
    if known is None or known.links is None:
        schema = {"left": "int64", "right": "int64"} | {v: LINK_TYPES[v] for v in values}
        return con.create_table(
            "identity_kept_links", schema=ibis.schema(schema), temp=True, overwrite=True
        )
    spoke = known.records.group_by("source", "source_id").agg(since=known.records.revision.max())
    unchanged = records.filter(~records.fresh).inner_join(spoke, ["source", "source_id"])
    end = unchanged.select("record", "source", "source_id", "since")
    left = end.rename(left="record", left_source="source", left_source_id="source_id")
    right = end.rename(right="record", right_source="source", right_source_id="source_id")
    links = known.links
    newest = ibis.row_number().over(group_by=PAIR, order_by=links.revision.desc())
    ranked = links.mutate(place=newest)
    last = ranked.filter(ranked.place == 0).drop("place")
    both = last.inner_join(left, PAIR[:2]).rename(left_since="since")
    both = both.inner_join(right, PAIR[2:])
    valid = both.filter(both.revision >= both.left_since, both.revision >= both.since)
    return con.create_table(
        "identity_kept_links", valid.select("left", "right", *values), temp=True, overwrite=True
    )


def new_known(marked: ir.Table, known: Known | None, revision: int) -> ir.Table:
    """Rows to append to `identity_known`: records that are fresh, and those that are gone.

    Parameters
    ----------
    marked : the table of `mark_fresh`
    known : as for `mark_fresh`
    revision : the number of this revision
    """
    changed = marked.filter(marked.fresh).select("source", "source_id", "digest")
    if known is not None:
        gone = gone_records(marked, known).mutate(digest=ibis.literal(GONE))
        changed = changed.union(gone)
    return changed.mutate(revision=ibis.literal(revision, "int64")).select(*KNOWN_TYPES)


def new_links(edges: ir.Table, kept: ir.Table, records: ir.Table, revision: int) -> ir.Table:
    """Rows to append to `identity_links`: pairs that are new or that the guard now takes otherwise.

    Parameters
    ----------
    edges : left, right and the columns of `LINK_TYPES` from rule on, as of now
    kept : the table of `kept_links`
    records : record, source, source_id
    revision : the number of this revision
    """
    before = kept.select("left", "right", was_refused="refused", was_owned="owned")
    joined = edges.left_join(before, ["left", "right"])
    changed = joined.filter(
        joined.left_right.isnull()
        | ~joined.refused.identical_to(joined.was_refused)
        | ~joined.owned.identical_to(joined.was_owned)
    ).select(*edges.columns)
    return (
        with_names(changed, records)
        .mutate(revision=ibis.literal(revision, "int64"))
        .select(*LINK_TYPES)
    )


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
