"""What reviewers decided about pairs of records, and how the next run obeys.

`same` joins two records whatever else speaks against it, except another verdict; `different` keeps
their clusters apart, now and with any later evidence; `unsure` withdraws what was said before.
The log is only ever appended to: of several verdicts on one pair the newest stands, and the others
stay to be shown. Verdicts name source records, so that they outlive customer IDs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.duckdb import Backend

from joren.identity.records import with_numbers

Key = tuple[str, str]
LOG = "verdicts"
SAME, DIFFERENT, UNSURE = "same", "different", "unsure"
RULES = {SAME: "verdict_same", DIFFERENT: "verdict_different"}
VERDICT_TYPES = {
    "verdict_id": "string", "at": "timestamp(6)", "left_source": "string",
    "left_source_id": "string", "right_source": "string", "right_source_id": "string",
    "verdict": "string", "actor": "string", "reason": "string",
}  # fmt: skip
PAIR = ("left_source", "left_source_id", "right_source", "right_source_id")


@dataclass(frozen=True)
class Obeyed:
    """Edges with the verdicts in them, and what clustering has to heed.

    joined: pairs to join first, newest verdict first; apart: record → records to keep from it.
    """

    edges: ir.Table
    joined: list[tuple[int, int]]
    apart: dict[int, frozenset[int]]


def new_verdict(
    one: Key, other: Key, verdict: str, actor: str, reason: str, at: datetime
) -> dict[str, object]:
    """A row for the log.

    Parameters
    ----------
    one, other : (source, source_id), in any order
    verdict : same, different or unsure
    actor : who says so
    reason : why, in a few words; no personal data
    at : when, UTC without offset

    Raises
    ------
    ValueError for another verdict, or a pair of one record
    """
    if verdict not in (SAME, DIFFERENT, UNSURE):
        raise ValueError(f"a verdict is same, different or unsure, not {verdict!r}")
    if one == other:
        raise ValueError("a verdict is on two records")
    left, right = sorted((one, other))
    text = "\n".join([*left, *right, verdict, actor, at.isoformat()])
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    values = (f"V{digest}", at, *left, *right, verdict, actor, reason)
    return dict(zip(VERDICT_TYPES, values, strict=True))


def as_log(verdicts: Iterable[dict[str, object]]) -> pa.Table:
    """Rows of `new_verdict` as a table of the log."""
    return pa.Table.from_pylist(list(verdicts), ibis.schema(VERDICT_TYPES).to_pyarrow())


def standing(log: ir.Table) -> ir.Table:
    """The newest verdict on each pair, and how many verdicts before it said otherwise.

    Returns
    -------
    the columns of `VERDICT_TYPES`, overruled
    """
    newest = ibis.window(group_by=PAIR, order_by=[log["at"].desc(), log.verdict_id.desc()])
    ranked = log.mutate(place=ibis.row_number().over(newest))
    ranked = ranked.mutate(last=ranked.verdict.first().over(newest))
    otherwise = (ranked.verdict != ranked["last"]).sum().over(group_by=PAIR)
    counted = ranked.mutate(overruled=otherwise.cast("int64"))
    return counted.filter(counted.place == 0).select(*VERDICT_TYPES, "overruled")


def obey(con: Backend, records: ir.Table, edges: ir.Table, log: ir.Table | None) -> Obeyed:
    """Put the standing verdicts in the place of what the rules say of their pairs.

    Parameters
    ----------
    con : the engine; the result is a temporary table in it
    records : record, source, source_id; verdicts on records that are not there wait
    edges : the table of `incremental.Affected`
    log : the verdict log, None where nobody has reviewed yet
    """
    if log is None:
        return Obeyed(edges, [], {})
    decided = _numbered(con, records, standing(log))
    binding = decided.filter(decided.verdict.isin([SAME, DIFFERENT]))
    same = binding.verdict == SAME
    ruled = binding.left_join(edges, ["left", "right"])
    spoken = ruled.select(
        "left", "right",
        rule=ibis.ifelse(ruled.verdict == SAME, RULES[SAME], RULES[DIFFERENT]),
        match_probability=ibis.ifelse(ruled.verdict == SAME, 1.0, 0.0),
        weight=ibis.null("float64"),
        evidence=ruled.evidence.fill_null("{}"),
        decision=ibis.ifelse(ruled.verdict == SAME, "link", "reject"),
        refused=ibis.null("string"), owned=ibis.literal(False),
    )  # fmt: skip
    others = edges.anti_join(binding, ["left", "right"]).select(*spoken.columns)
    together = con.create_table(
        "identity_with_verdicts", others.union(spoken), temp=True, overwrite=True
    )
    newest = binding.filter(same).order_by([ibis.desc("at"), "left", "right"])
    return Obeyed(together, _pairs(newest), _apart(_pairs(binding.filter(~same))))


def count(log: ir.Table, identity_edges: ir.Table) -> dict[str, int]:
    """Pairs with a verdict, of each kind, those that overrule an earlier one, those refused.

    Parameters
    ----------
    log : the verdict log
    identity_edges : the output table; a `same` that breaks another verdict stands there as refused
    """
    last = standing(log)
    kinds = {kind: (last.verdict == kind).sum().fill_null(0) for kind in (SAME, DIFFERENT, UNSURE)}
    row = last.agg(pairs=last.count(), overruled=(last.overruled > 0).sum().fill_null(0), **kinds)
    refused = identity_edges.filter(
        identity_edges.rule == RULES[SAME], identity_edges.decision != "link"
    )
    return row.to_pyarrow().to_pylist()[0] | {"broken": refused.count().execute()}


def touched(records: ir.Table, log: ir.Table) -> ir.Table:
    """The numbers of the records any verdict names, `record` being the only column."""
    named = log.select(source="left_source", source_id="left_source_id").union(
        log.select(source="right_source", source_id="right_source_id"), distinct=True
    )
    return records.semi_join(named, ["source", "source_id"]).select("record")


def _numbered(con: Backend, records: ir.Table, verdicts: ir.Table) -> ir.Table:
    pairs = with_numbers(verdicts, records).select("verdict", "at", "left", "right")
    return con.create_table("identity_verdicts", pairs, temp=True, overwrite=True)


def _pairs(verdicts: ir.Table) -> list[tuple[int, int]]:
    columns = verdicts.select("left", "right").to_pyarrow().to_pydict()
    return list(zip(columns["left"], columns["right"], strict=True))


def _apart(pairs: list[tuple[int, int]]) -> dict[int, frozenset[int]]:
    apart: dict[int, set[int]] = {}
    for a, b in pairs:
        apart.setdefault(a, set()).add(b)
        apart.setdefault(b, set()).add(a)
    return {record: frozenset(others) for record, others in apart.items()}
