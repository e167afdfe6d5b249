"""From the cells of one kind of file to the canonical strings of each table it gives.

Every row ends in one place: it begins a record, belongs to one that an earlier row began, or is
doubted as a whole. `Projected.read` carries the account, and it is held against the outcome.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from joren.contract import CANONICAL
from joren.errors import JorenError
from joren.ingest import values
from joren.ingest.adapted import Adapted
from joren.ingest.cells import Cells, look_in, with_figures
from joren.ingest.contact import contact_key
from joren.ingest.inputs import TableInput
from joren.ingest.kinds import Projection
from joren.ingest.numbers import exact_text
from joren.ingest.places import FILE_SHIFT, MOST_FILES, PART_BITS, PARTS_OF_A_RULE
from joren.ingest.rules import Cell, Condition, Look, Number, Rule, number

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

NOT_A_PURCHASE = "not_a_purchase"
"""A row that its system writes for something else than a purchase: a deposit, a tip."""
MISALIGNED = "misaligned_items"
"""Lists in the cells of one row that should be of one length and are not."""
CONFLICTING = "conflicting"
"""Rows of one order that contradict each other."""

BUYER = "_buyer_"
IF_VALID = "_if_valid"
FIGURES = ("_goods", "_parts", "_billed")
_SUM = "_sum_"
_WHOLE_ROW = (1 << PART_BITS) - 1


@dataclass(frozen=True)
class Raw:
    """Strings waiting to be typed: a table, what it holds, and which columns have values.

    Of a conditional one, the rows marked `IF_VALID` count only where their order is valid.
    """

    name: str
    input: TableInput
    present: frozenset[str]
    fills: bool = False
    conditional: bool = False

    @property
    def table(self) -> str:
        return self.input.table


@dataclass(frozen=True)
class Projected:
    """The outcome for one kind: its raw tables, and the account of each file's rows.

    `rows` maps file index → physical rows; `folded` maps table → file index → rows that belong to
    a record begun earlier.
    """

    raws: tuple[Raw, ...]
    rows: Mapping[int, int]
    folded: Mapping[str, Counter[int]]


def project(con: Backend, cells: Cells, adapted: Adapted, prefix: str) -> Projected:
    """Make the canonical strings of every table that the files of a kind give.

    Parameters
    ----------
    con : the engine
    cells : their cells
    adapted : the kind and its rules
    prefix : what the names of the tables to create begin with

    Raises
    ------
    JorenError if a row was lost, which would be a fault of Joren
    """
    rows = _count(cells.table)
    con.raw_sql(f"CREATE OR REPLACE TEMP TABLE _doubted AS {con.compile(_doubted(cells, adapted))}")
    doubted = con.table("_doubted")
    broken = _count(doubted)
    raws: list[Raw] = []
    folded: dict[str, Counter[int]] = {}
    for table, projections in adapted.tables.items():
        fold = folded.setdefault(table, Counter())
        for fills in sorted({one.fills for one in projections}):
            chosen = [(n, one) for n, one in enumerate(projections) if one.fills == fills]
            name = f"{prefix}_{table}{'_fills' if fills else ''}"
            raw = _raw(adapted, table, name, [one for _, one in chosen], fills)
            _create(con, raw, adapted)
            for part, projection in chosen:
                records = _records(con, cells, adapted, table, projection)
                _emit(con, cells, adapted, raw, projection, records, part)
                fold.update(_beyond_first(records))
            if broken and table == adapted.main and table not in {r.table for r in raws}:
                _emit(con, cells, adapted, raw, replace(chosen[0][1], items=()), doubted, None)
            raws.append(raw)
    _hold(con, cells, adapted, raws, folded, broken)
    return Projected(tuple(raws), rows, folded)


def _raw(
    adapted: Adapted, table: str, name: str, projections: Sequence[Projection], fills: bool
) -> Raw:
    columns = [
        column
        for column in CANONICAL[table].column_names
        if any(column in p.columns and adapted.has(p.columns[column]) for p in projections)
    ]
    member = None if adapted.buyer is None else adapted.buyer.member
    if table == "orders" and member is not None and adapted.has(member):
        columns.append("source_id")
    conditional = any(p.of_valid_orders for p in projections)
    return Raw(name, adapted.inputs[table], frozenset(columns), fills, conditional)


def _create(con: Backend, raw: Raw, adapted: Adapted) -> None:
    texts = [*sorted(raw.present), *_beside(raw, adapted)]
    declared = "".join(f', "{column}" VARCHAR' for column in texts)
    declared += f", {IF_VALID} BOOLEAN" if raw.conditional else ""
    con.raw_sql(
        f'CREATE OR REPLACE TEMP TABLE "{raw.name}" (_at BIGINT, _row BIGINT, _file VARCHAR,'
        f" _fault VARCHAR, _shape VARCHAR{declared})"
    )


def _beside(raw: Raw, adapted: Adapted) -> list[str]:
    """What stands beside the orders until their customers and totals are made."""
    if raw.table != "orders":
        return []
    bought = [] if adapted.buyer is None else ["_contact", *_buyer_columns(adapted)]
    return [*bought, *(FIGURES if adapted.totals is not None else ())]


def _buyer_columns(adapted: Adapted) -> list[str]:
    described = {} if adapted.buyer is None else adapted.buyer.columns
    return [f"{BUYER}{column}" for column, rule in described.items() if adapted.has(rule)]


def _hits(
    table: ir.Table, look: Look, adapted: Adapted, canonical: str, projection: Projection
) -> ir.BooleanValue:
    """Whether a row belongs to some record of a projection."""
    hit = table["_fault"].isnull()
    able = adapted.given_by[canonical]
    if len(able) < len(adapted.files):
        hit &= _file_index(table).isin(sorted(able))
    return hit if projection.where is None else hit & projection.where.holds(look)


def _file_index(table: ir.Table) -> ir.IntegerValue:
    return (table["_at"] >> FILE_SHIFT) & (MOST_FILES - 1)


def _doubted(cells: Cells, adapted: Adapted) -> ir.Table:
    """Rows that begin no record and belong to none, with the reason."""
    base = cells.table
    broken = base.filter(base["_fault"].notnull()).select("_at", _doubt="_fault")
    every = [(t, p) for t, many in adapted.tables.items() for p in many]
    if any(projection.where is None for _, projection in every):
        return broken
    rows, look = _with_figures(base, cells, [projection.where for _, projection in every])
    hits = [_hits(rows, look, adapted, table, projection) for table, projection in every]
    stray = rows.filter(rows["_fault"].isnull() & ~ibis.or_(*hits))
    return broken.union(stray.select("_at", _doubt=ibis.literal(NOT_A_PURCHASE)))


def _records(
    con: Backend, cells: Cells, adapted: Adapted, table: str, projection: Projection
) -> ir.Table:
    """The row each record is made from (`_at`), a reason to doubt it, and its rows (`_n`).

    `_sum_<column>` is the text of a column that is added up over the record's rows.
    """
    compared = [projection.columns[c] for _, c in _agreeing(projection)]
    added = [projection.columns[c] for c in projection.summed if c in projection.columns]
    rules = [projection.where, projection.key, projection.head, projection.lowest]
    rows, look = _with_figures(cells.table, cells, [*rules, *compared, *added])
    rows = rows.filter(_hits(rows, look, adapted, table, projection))
    if projection.key is None:
        return rows.select("_at", _doubt=ibis.null("string"), _n=ibis.literal(1, type="int64"))
    agree = {f"_agree_{n}": projection.columns[c].text(look) for n, c in _agreeing(projection)}
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
    name = f"_records_{table}"
    grouped = _grouped(keyed, projection)
    con.raw_sql(f'CREATE OR REPLACE TEMP TABLE "{name}" AS {con.compile(grouped)}')
    return con.table(name)


def _with_figures(
    table: ir.Table, cells: Cells, rules: Sequence[Rule | Condition | None]
) -> tuple[ir.Table, Look]:
    return with_figures(table, partial(look_in, names=cells.names, words=cells.words), rules)


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


def _agreeing(projection: Projection) -> list[tuple[int, str]]:
    return [(n, c) for n, c in enumerate(projection.agree) if c in projection.columns]


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
        (rows[f"_agree_{n}"].min() != rows[f"_agree_{n}"].max(), f"{CONFLICTING}:{column}")
        for n, column in _agreeing(projection)
    ]
    doubt = ibis.cases(*differ, else_=ibis.null("string")) if differ else ibis.null("string")
    sums = {
        f"{_SUM}{column}": ibis.coalesce(
            rows[f"_unread_{column}"].max(),
            exact_text(rows[f"_figure_{column}"].sum()),
        )
        for column in projection.summed
        if column in projection.columns
    }
    grouped = rows.group_by("_in", "_key").agg(
        _chosen=chosen, _doubt=doubt, _n=rows.count(), **sums
    )
    return grouped.select(_at="_chosen", _doubt="_doubt", _n="_n", **{c: c for c in sums})


def _emit(
    con: Backend,
    cells: Cells,
    adapted: Adapted,
    raw: Raw,
    projection: Projection,
    records: ir.Table,
    part: int | None,
) -> None:
    """Write the canonical strings of some records into their raw table.

    `part` numbers the projection among those of its table; None is for doubted rows.
    """
    base = cells.table
    sums = [name for name in records.columns if name.startswith(_SUM)]
    rows = base.join(records, "_at").select(*base.columns, "_doubt", *sums).view()
    find = partial(look_in, names=cells.names, words=cells.words)
    if projection.items:
        rows = _exploded(rows, find(rows), projection.items)
        find = partial(_look_at_items, cells=cells, items=projection.items)
    else:
        rows = rows.mutate(_item=ibis.literal(0, type="int64"))
    rules = [projection.columns[column] for column in projection.columns if column in raw.present]
    beside = _rules_beside(adapted) if raw.table == "orders" else []
    rows, look = with_figures(rows, find, [*rules, *beside])
    within = _WHOLE_ROW if part is None else rows["_item"] + part * PARTS_OF_A_RULE
    texts = {
        column: projection.columns[column].text(look)
        for column in sorted(raw.present)
        if column in projection.columns
    }
    if raw.conditional:
        texts[IF_VALID] = ibis.literal(projection.of_valid_orders)
    texts |= {n.removeprefix(_SUM): rows[n] for n in sums if n.removeprefix(_SUM) in texts}
    if raw.table == "orders":
        texts |= _texts_beside(adapted, look, raw)
    made = rows.select(
        "_row", "_file", "_shape", _at=rows["_at"] + within, _fault=rows["_doubt"], **texts
    )
    con.raw_sql(f'INSERT INTO "{raw.name}" BY NAME {con.compile(made)}')


def _rules_beside(adapted: Adapted) -> list[Rule | None]:
    buyer, totals = adapted.buyer, adapted.totals
    bought = [] if buyer is None else [buyer.member, *buyer.contact, *buyer.columns.values()]
    return bought if totals is None else [*bought, totals.goods, totals.parts, totals.billed]


def _texts_beside(adapted: Adapted, look: Look, raw: Raw) -> dict[str, ir.StringValue]:
    texts: dict[str, ir.StringValue] = {}
    buyer, totals = adapted.buyer, adapted.totals
    if buyer is not None:
        if buyer.member is not None and "source_id" in raw.present:
            texts["source_id"] = buyer.member.text(look)
        contact = contact_key([rule.text(look) for rule in buyer.contact])
        # members are known by their ID
        texts["_contact"] = (
            ibis.cases((texts["source_id"].isnull(), contact)) if "source_id" in texts else contact
        )
        texts |= {
            name: buyer.columns[name.removeprefix(BUYER)].text(look)
            for name in _buyer_columns(adapted)
        }
    if totals is not None:
        for name, rule in zip(FIGURES, (totals.goods, totals.parts, totals.billed), strict=True):
            if rule is not None and adapted.has(rule):
                texts[name] = exact_text(rule.value(look))
    return texts


def _exploded(rows: ir.Table, look: Look, items: Sequence[Cell]) -> ir.Table:
    """A row for each item of the lists in some cells, numbered by `_item`.

    Lists of different length, or longer than rows can be told apart, stay one doubted row.
    """
    lists = {f"_list_{n}": look(cell).split(",") for n, cell in enumerate(items)}
    rows = rows.mutate(**lists).view()
    lengths = [rows[name].length() for name in lists]
    longest = ibis.greatest(*(length.fill_null(0) for length in lengths))
    uneven = ibis.or_(*((length != longest).fill_null(False) for length in lengths))
    rows = rows.mutate(_longest=longest, _uneven=uneven | (longest > PARTS_OF_A_RULE)).view()
    count = ibis.ifelse(rows["_uneven"], 1, rows["_longest"])
    return rows.mutate(
        _item=ibis.range(0, count).unnest().cast("int64"),
        _doubt=ibis.cases((rows["_uneven"], MISALIGNED), else_=rows["_doubt"]),
    ).view()


def _look_at_items(rows: ir.Table, cells: Cells, items: Sequence[Cell]) -> Look:
    whole = look_in(rows, cells.names, cells.words)

    def look(cell: Cell) -> ir.StringValue:
        if cell not in items:
            return whole(cell)
        item = values.cleaned(rows[f"_list_{items.index(cell)}"][rows["_item"]])
        return ibis.cases((rows["_uneven"], whole(cell)), else_=item)

    return Look(look, words=lambda cell: None if cell in items else whole.words(cell))


def _count(table: ir.Table, where: ir.BooleanValue | None = None) -> Counter[int]:
    rows = table if where is None else table.filter(where)
    counted = rows.group_by(index=_file_index(rows)).agg(n=rows.count())
    return Counter({row["index"]: row["n"] for row in counted.to_pyarrow().to_pylist()})


def _beyond_first(records: ir.Table) -> Counter[int]:
    counted = records.group_by(index=_file_index(records)).agg(n=(records["_n"] - 1).sum())
    return Counter({row["index"]: int(row["n"]) for row in counted.to_pyarrow().to_pylist()})


def _hold(
    con: Backend,
    cells: Cells,
    adapted: Adapted,
    raws: Sequence[Raw],
    folded: Mapping[str, Counter[int]],
    broken: Counter[int],
) -> None:
    """Every row is the head of a record, folded into one, doubted, or another table's."""
    main = adapted.main
    projections = adapted.tables[main]
    read, look = _with_figures(cells.table, cells, [one.where for one in projections])
    used = Counter(broken)
    for one in projections:
        hit = _hits(read, look, adapted, main, one)
        if one.items:  # a row whose lists are empty makes no record
            hit &= ibis.or_(*(look(cell).notnull() for cell in one.items))
        used += _count(read, hit)
    made = Counter(folded[main])
    for out in (con.table(raw.name) for raw in raws if raw.table == main):
        places = out.select(_at=out["_at"] & ~(PARTS_OF_A_RULE - 1))  # line and projection
        made += _count(places.distinct())
    if made != used:
        raise JorenError(
            f"rows of {adapted.kind.title} were lost",
            next(file.file.name for _, file in adapted.files),
            "report this: it is a fault of Joren",
        )
