"""The cells that a cart's rules rest on, from its files into the engine, as cleaned strings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from joren.ingest.adapted import Adapted
from joren.ingest.blocks import read_blocks
from joren.ingest.load import place_columns
from joren.ingest.places import file_start
from joren.ingest.recognise import Slot
from joren.ingest.rows import TextFile
from joren.ingest.rules import Cell, Condition, Look, NumberOf, Rule, parts
from joren.ingest.values import SPACES, amount, narrowed

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend


@dataclass(frozen=True)
class Cells:
    """A table of cells: `_at`, `_row`, `_file`, `_fault`, `_shape` and a column per slot.

    `names` has only the slots that some file fills. Columns bear numbers, not headers: the engine
    does not tell `Discount` from `discount`.
    """

    table: ir.Table
    names: Mapping[Slot, str]
    encodings: Mapping[int, str]


def load_cells(
    con: Backend,
    name: str,
    adapted: Adapted,
    unit: int,
    encodings: Mapping[int, str],
    repeated: Mapping[int, str],
) -> Cells:
    """Load the cells of all files of one kind into the temporary table `name`.

    Parameters
    ----------
    con : the engine
    name : table to create
    adapted : the kind and its files
    unit : position of the cart among all inputs, from 0
    encodings : index of a file → its encoding
    repeated : index of a file whose bytes are another's → that one's name; its rows are doubted

    Raises
    ------
    InputError if a file has more lines than can be numbered
    """
    slots = [
        slot
        for slot in adapted.slots()
        if any(file.position(slot) is not None for _, file in adapted.files)
    ]
    names = {slot: f"c{n}" for n, slot in enumerate(slots)}
    declared = "".join(f", {column} VARCHAR" for column in names.values())
    con.raw_sql(
        f'CREATE OR REPLACE TEMP TABLE "{name}" (_at BIGINT, _row BIGINT, _file VARCHAR,'
        f" _fault VARCHAR, _shape VARCHAR{declared})"
    )
    for index, file in adapted.files:
        again = "duplicate" if index in repeated else None
        opened = file.opened(encodings[index])
        positions = [file.position(slot) for slot in names]
        _load_file(con, name, file.file.name, opened, positions, file_start(unit, index), again)
    return Cells(con.table(name), names, encodings)


def _load_file(
    con: Backend,
    name: str,
    shown: str,
    opened: TextFile,
    positions: Sequence[int | None],
    start: int,
    again: str | None,
) -> None:
    cleaned = "".join(
        f", nullif(trim(c{n}, '{SPACES}'), '')" if position is not None else ", NULL"
        for n, position in enumerate(positions)
    )
    for block in read_blocks(opened, positions):
        columns = place_columns(block, shown, start, again)
        missing = pa.nulls(len(block.faults), pa.string())
        for n, values in enumerate(block.columns):
            columns[f"c{n}"] = pa.chunked_array([values, missing])
        con.con.register("_block", pa.table(columns))
        con.raw_sql(
            f'INSERT INTO "{name}" SELECT _at, _row, _file, _fault, _shape{cleaned} FROM _block'
        )
        con.con.unregister("_block")


def look_in(table: ir.Table, names: Mapping[Slot, str]) -> Look:
    """How rules find the strings of a table of cells; null for those that no file has."""

    def look(cell: Cell) -> ir.StringValue:
        name = names.get((cell.header, cell.occurrence))
        return ibis.null("string") if name is None else table[name]

    return Look(look)


def with_figures(
    table: ir.Table, look: Callable[[ir.Table], Look], rules: Iterable[Rule | Condition | None]
) -> tuple[ir.Table, Look]:
    """Read every number that some rules rest on once, into columns.

    The steps are layers of a query (`.view()`), each of one expression per number.

    Parameters
    ----------
    table : cells
    look : how rules find cells in a table like it
    rules : what is to be made from them; None is passed over

    Returns
    -------
    the table with further columns, and how rules find cells and numbers in it
    """
    leaves = {
        id(part): part
        for rule in rules
        if rule is not None
        for part in parts(rule)
        if isinstance(part, NumberOf)
    }
    if not leaves:
        return table, look(table)
    written = {f"_written_{n}": leaf.written(look(table)) for n, leaf in enumerate(leaves.values())}
    table = table.mutate(**written).view()
    narrow = {f"_narrow_{n}": narrowed(table[f"_written_{n}"]) for n in range(len(leaves))}
    table = table.mutate(**narrow).view()
    numbers = {f"_number_{n}": amount(table[f"_narrow_{n}"]) for n in range(len(leaves))}
    table = table.mutate(**numbers).view()
    figures = {key: (table[f"_number_{n}"], table[f"_written_{n}"]) for n, key in enumerate(leaves)}
    return table, Look(look(table).cell, figures)
