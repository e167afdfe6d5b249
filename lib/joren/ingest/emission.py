"""The query that writes the canonical strings of some records, from the rows they are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import ibis
import ibis.expr.types as ir

from joren.ingest import values
from joren.ingest.cells import CellsShape, with_figures
from joren.ingest.contact import contact_key
from joren.ingest.kinds import Buyer, Projection, Totals
from joren.ingest.numbers import exact_text
from joren.ingest.places import PART_BITS, PARTS_OF_A_RULE
from joren.ingest.records import SUM
from joren.ingest.rules import Cell, Look, Rule

MISALIGNED = "misaligned_items"
"""Lists in the cells of one row that should be of one length and are not."""

BUYER = "_buyer_"
CONTACT = "_contact"
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
    base = one.cells.table()
    kept = dict.fromkeys(("_doubt", *one.sums), "string")
    chosen = ibis.table({"_at": "int64"} | kept, name=one.records)
    rows = base.join(chosen, "_at").select(*base.columns, *kept).view()
    find = one.cells.look
    items = one.projection.items
    if items:
        rows = _exploded(rows, find(rows), items)
        find = partial(_look_at_items, cells=one.cells, items=items)
    else:
        rows = rows.mutate(_item=ibis.literal(0, type="int64"))
    rules: list[Rule | None] = [
        rule for column, rule in one.projection.columns.items() if column in one.columns
    ]
    rows, look = with_figures(rows, find, [*rules, *_rules_beside(one)])
    within = _WHOLE_ROW if one.part is None else rows["_item"] + one.part * PARTS_OF_A_RULE
    texts: dict[str, ir.Value] = {
        column: one.projection.columns[column].text(look)
        for column in one.columns
        if column in one.projection.columns
    }
    if one.conditional:
        texts[IF_VALID] = ibis.literal(one.projection.of_valid_orders)
    texts |= {n.removeprefix(SUM): rows[n] for n in one.sums if n.removeprefix(SUM) in texts}
    texts |= _texts_beside(one, look)
    return rows.select(
        "_row", "_file", "_shape", _at=rows["_at"] + within, _fault=rows["_doubt"], **texts
    )


def _rules_beside(one: Emission) -> list[Rule | None]:
    bought: list[Rule | None] = []
    if one.buyer is not None:
        bought = [one.buyer.member, *one.buyer.contact, *one.buyer.columns.values()]
    if one.totals is None:
        return bought
    return [*bought, one.totals.goods, one.totals.parts, one.totals.billed]


def _texts_beside(one: Emission, look: Look) -> dict[str, ir.Value]:
    texts: dict[str, ir.Value] = {}
    if one.buyer is not None:
        contact = contact_key([rule.text(look) for rule in one.buyer.contact])
        if one.buyer.member is not None and "source_id" in one.columns:
            texts["source_id"] = one.buyer.member.text(look)
            # members are known by their ID
            contact = ibis.cases((texts["source_id"].isnull(), contact))
        texts[CONTACT] = contact
        texts |= {
            name: one.buyer.columns[name.removeprefix(BUYER)].text(look)
            for name in one.beside
            if name.startswith(BUYER)
        }
    if one.totals is not None:
        figures = (one.totals.goods, one.totals.parts, one.totals.billed)
        for name, rule in zip(FIGURES, figures, strict=True):
            if rule is not None and name in one.beside:
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


def _look_at_items(rows: ir.Table, cells: CellsShape, items: Sequence[Cell]) -> Look:
    whole = cells.look(rows)

    def look(cell: Cell) -> ir.StringValue:
        if cell not in items:
            return whole(cell)
        item = values.cleaned(rows[f"_list_{items.index(cell)}"][rows["_item"]])
        return ibis.cases((rows["_uneven"], whole(cell)), else_=item)

    return Look(look, words=lambda cell: None if cell in items else whole.words(cell))
