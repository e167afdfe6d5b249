"""Which rows of a kind of file make which record, as queries over the table of its cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from joren.ingest.cells import CellsShape, with_figures
from joren.ingest.kinds import Projection
from joren.ingest.numbers import exact_text, in_parts, put_together
from joren.ingest.places import FILE_SHIFT, MOST_FILES
from joren.ingest.rules import Condition, Look, Number, Rule, number

NOT_A_PURCHASE = "not_a_purchase"
"""A row that its system writes for something else than a purchase: a deposit, a tip."""
CONFLICTING = "conflicting"
"""Rows of one order that contradict each other."""
SUM = "_sum_"
"""What begins the name of a column that is added up over the rows of a record."""


@dataclass(frozen=True)
class Scope:
    """The rows that a projection looks at: those of some files, or of all, that meet a condition.

    `files` are indices among the cart's files, None for all.
    """

    files: tuple[int, ...] | None
    where: Condition | None

    def hits(self, table: ir.Table, look: Look) -> ir.BooleanValue:
        """Whether a row belongs to some record."""
        hit = table["_fault"].isnull()
        if self.files is not None:
            hit &= file_index(table).isin(self.files)
        return hit if self.where is None else hit & self.where.holds(look)


def file_index(table: ir.Table) -> ir.IntegerValue:
    """The index of a row's file among those of the cart."""
    return (table["_at"] >> FILE_SHIFT) & (MOST_FILES - 1)


def doubted(cells: CellsShape, scopes: Sequence[Scope]) -> ir.Table:
    """Rows that begin no record and belong to none: `_at`, and the reason as `_doubt`.

    Parameters
    ----------
    cells : the cells
    scopes : of every projection of the kind
    """
    cells = cells.only(scope.where for scope in scopes)
    base = cells.table()
    broken = base.filter(base["_fault"].notnull()).select("_at", _doubt="_fault")
    if any(scope.where is None for scope in scopes):
        return broken
    rows, look = with_figures(base, cells.look, [scope.where for scope in scopes])
    hits = [scope.hits(rows, look) for scope in scopes]
    stray = rows.filter(rows["_fault"].isnull() & ~ibis.or_(*hits))
    return broken.union(stray.select("_at", _doubt=ibis.literal(NOT_A_PURCHASE)))


def used(cells: CellsShape, scope: Scope, items: Sequence[Rule]) -> ir.Table:
    """By `index` of a file, the number `n` of rows that a projection makes records of."""
    cells = cells.only([scope.where, *items])
    rows, look = with_figures(cells.table(), cells.look, [scope.where])
    hit = scope.hits(rows, look)
    if items:  # a row whose lists are empty makes no record
        hit &= ibis.or_(*(cell.text(look).notnull() for cell in items))
    return by_file(rows.filter(hit))


def by_file(rows: ir.Table) -> ir.Table:
    """By `index` of a file, the number `n` of rows."""
    return rows.group_by(index=file_index(rows)).agg(n=rows.count())


def records(cells: CellsShape, scope: Scope, projection: Projection) -> ir.Table:
    """The row each record is made from (`_at`), a reason to doubt it, and its rows (`_n`).

    `_sum_<column>` is the text of a column that is added up over the record's rows.
    """
    added = [projection.columns[c] for c in projection.summed if c in projection.columns]
    rules: list[Rule | Condition | None] = [
        scope.where, projection.key, projection.head, projection.lowest,
        *_agreeing(projection).values(), *added,
    ]  # fmt: skip
    cells = cells.only(rules)
    rows, look = with_figures(cells.table(), cells.look, rules)
    rows = rows.filter(scope.hits(rows, look))
    if projection.key is None:
        return rows.select("_at", _doubt=ibis.null("string"), _n=ibis.literal(1, type="int64"))
    agree = in_parts(_agreeing(projection), look)
    head = ibis.literal(True) if projection.head is None else projection.head.text(look).notnull()
    lowest = {} if projection.lowest is None else {"_rank": projection.lowest.value(look)}
    # a row without key is a record of its own
    key = ibis.coalesce(
        projection.key.text(look), ibis.literal("\x1e") + rows["_at"].cast("string")
    )
    keyed = rows.select(
        "_at", _in=rows["_at"] >> FILE_SHIFT, _key=key, _head=head,
        **lowest, **agree, **_figures(projection, look),
    ).view()  # fmt: skip
    return _grouped(keyed, projection)


def _figures(projection: Projection, look: Look) -> dict[str, ir.Value]:
    """What is added up: for each such column its number, and its text where that is no number."""
    found: dict[str, ir.Value] = {}
    for column in projection.summed:
        if column in projection.columns:
            rule = projection.columns[column]
            figure = rule if isinstance(rule, Number) else number(rule)
            found[f"_figure_{column}"] = figure.value(look)
            found[f"_unread_{column}"] = figure.unreadable(look)
    return found


def _agreeing(projection: Projection) -> dict[str, Rule]:
    return {c: projection.columns[c] for c in projection.agree if c in projection.columns}


def _grouped(rows: ir.Table, projection: Projection) -> ir.Table:
    at = rows["_at"]
    pick = at.max if projection.take == "last" else at.min
    chosen = ibis.coalesce(pick(where=rows["_head"]), pick())
    if projection.lowest is not None:
        rows = rows.mutate(
            _first=ibis.row_number().over(
                ibis.window(group_by=["_in", "_key"], order_by=["_rank", "_at"])
            )
        )
        chosen = rows["_at"].min(where=rows["_first"] == 0)
    differ = [
        (text.min() != text.max(), f"{CONFLICTING}:{column}")
        for column, text in put_together(rows, _agreeing(projection)).items()
    ]
    doubt = ibis.cases(*differ, else_=ibis.null("string")) if differ else ibis.null("string")
    sums = {
        f"{SUM}{column}": ibis.coalesce(
            rows[f"_unread_{column}"].max(), exact_text(rows[f"_figure_{column}"].sum())
        )
        for column in projection.summed
        if column in projection.columns
    }
    grouped = rows.group_by("_in", "_key").agg(
        _chosen=chosen, _doubt=doubt, _n=rows.count(), **sums
    )
    return grouped.select(_at="_chosen", _doubt="_doubt", _n="_n", **{c: c for c in sums})
