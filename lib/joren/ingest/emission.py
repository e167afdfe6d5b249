"""The query that writes the canonical strings of some records, from the rows they are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import ibis
import ibis.expr.types as ir

from joren.ingest import values
from joren.ingest.cells import CellsShape, with_figures
from joren.ingest.contact import CONTACT, with_contact
from joren.ingest.kinds import Buyer, Projection, Totals
from joren.ingest.numbers import exact_text, in_parts, put_together
from joren.ingest.places import PART_BITS, PARTS_OF_A_RULE
from joren.ingest.records import SUM
from joren.ingest.rules import Cell, Look, Number, Rule

MISALIGNED = "misaligned_items"
"""Lists in the cells of one row that should be of one length and are not."""

BUYER = "_buyer_"
IF_VALID = "_if_valid"
FIGURES = ("_goods", "_parts", "_billed")
_WHOLE_ROW = (1 << PART_BITS) - 1


@dataclass(frozen=True)
class Emission:
    """What is written of which rows.

    Parameters
    ----------
    cells : the cells of the rows
    records : the table with the row of each record, and `sums`, its columns of sums
    projection : how rows become records
    columns : the canonical columns that are written
    beside : what stands beside the orders until their customers and totals are made
    part : the number of the projection among those of its table; None is for doubted rows
    conditional : whether the rows are marked `IF_VALID`
    """

    cells: CellsShape
    records: str
    sums: tuple[str, ...]
    projection: Projection
    columns: tuple[str, ...]
    beside: tuple[str, ...]
    buyer: Buyer | None
    totals: Totals | None
    part: int | None
    conditional: bool


def emitted(one: Emission) -> ir.Table:
    """The rows that are written: `_at`, `_row`, `_file`, `_fault`, `_shape` and the strings."""
    rules, figures, contact = _rules(one), _figures(one), _contact(one)
    resting = [*rules.values(), *figures.values(), *contact.values()]
    items = one.projection.items
    cells = one.cells.only([*resting, *items])
    base = cells.table()
    kept = dict.fromkeys(("_doubt", *one.sums), "string")
    chosen = ibis.table({"_at": "int64"} | kept, name=one.records)
    rows = base.join(chosen, "_at").select(*base.columns, *kept).view()
    find = cells.look
    if items:
        rows = _exploded(rows, find(rows), items)
        find = partial(_look_at_items, cells=cells, items=items)
    else:
        rows = rows.mutate(_item=ibis.literal(0, type="int64"))
    rows, look = with_figures(rows, find, resting)
    added = {n.removeprefix(SUM): n for n in one.sums if n.removeprefix(SUM) in rules}
    rules = {name: rule for name, rule in rules.items() if name not in added}
    within = _WHOLE_ROW if one.part is None else rows["_item"] + one.part * PARTS_OF_A_RULE
    rows = rows.select(
        *("_row", "_file", "_shape", *one.sums),
        _at=rows["_at"] + within,
        _fault=rows["_doubt"],
        **in_parts(rules, look),
        **{name: rule.value(look) for name, rule in figures.items()},
        **{name: rule.text(look) for name, rule in contact.items()},
    ).view()
    if one.buyer is not None:
        rows = with_contact(rows, list(contact))
    texts: dict[str, ir.Value] = put_together(rows, rules)
    texts |= {column: rows[name] for column, name in added.items()}
    texts |= {name: exact_text(rows[name]) for name in figures}
    if one.buyer is not None:
        key = rows[CONTACT]
        # members are known by their ID
        texts[CONTACT] = ibis.cases((rows["source_id"].isnull(), key)) if _member(one) else key
    if one.conditional:
        texts[IF_VALID] = ibis.literal(one.projection.of_valid_orders)
    return rows.select("_at", "_row", "_file", "_fault", "_shape", **texts)


def _rules(one: Emission) -> dict[str, Rule]:
    """The columns that are written as some rule says."""
    described = one.projection.columns
    rules = {column: described[column] for column in one.columns if column in described}
    if one.buyer is None:
        return rules
    bought = {f"{BUYER}{column}": rule for column, rule in one.buyer.columns.items()}
    return rules | _member(one) | {n: rule for n, rule in bought.items() if n in one.beside}


def _member(one: Emission) -> dict[str, Rule]:
    if one.buyer is None or one.buyer.member is None or "source_id" not in one.columns:
        return {}
    return {"source_id": one.buyer.member}


def _figures(one: Emission) -> dict[str, Number]:
    if one.totals is None:
        return {}
    told = zip(FIGURES, (one.totals.goods, one.totals.parts, one.totals.billed), strict=True)
    return {name: rule for name, rule in told if rule is not None and name in one.beside}


def _contact(one: Emission) -> dict[str, Rule]:
    return {} if one.buyer is None else {f"_by_{n}": r for n, r in enumerate(one.buyer.contact)}


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


def _look_at_items(rows: ir.Table, cells: CellsShape, items: Sequence[Cell]) -> Look:
    whole = cells.look(rows)

    def look(cell: Cell) -> ir.StringValue:
        if cell not in items:
            return whole(cell)
        item = values.cleaned(rows[f"_list_{items.index(cell)}"][rows["_item"]])
        return ibis.cases((rows["_uneven"], whole(cell)), else_=item)

    return Look(look, words=lambda cell: None if cell in items else whole.words(cell))
