"""The cells that a cart's rules rest on, from its files into the engine, as cleaned strings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from joren.ingest.adapted import Adapted
from joren.ingest.blocks import read_blocks
from joren.ingest.headers import folded
from joren.ingest.load import place_columns
from joren.ingest.places import PLACE, file_start
from joren.ingest.pour import Columns, create, pour
from joren.ingest.recognise import Slot
from joren.ingest.rules import Cell, Condition, Look, NumberOf, Rule, parts
from joren.ingest.values import amount, narrowed

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend


@dataclass(frozen=True)
class CellsShape:
    """A table of cells: `_at`, `_row`, `_file`, `_fault`, `_shape` and a column per slot.

    `names` has only the slots that some file fills. Columns bear numbers, not headers: the engine
    does not tell `Discount` from `discount`. `words` names further columns, of the folded strings
    of cells that rules compare as words.
    """

    name: str
    names: Mapping[Slot, str]
    words: Mapping[Slot, str]

    def only(self, rules: Iterable[Rule | Condition | None]) -> CellsShape:
        """The same cells without those that none of some rules rests on; None is passed over.

        A query names every column in each of its layers.
        """
        cells = {cell for rule in rules if rule is not None for cell in rule.cells()}
        slots = {(cell.header, cell.occurrence) for cell in cells}
        return CellsShape(self.name, _among(self.names, slots), _among(self.words, slots))

    def table(self) -> ir.Table:
        """The table by its name and columns, bound to no engine."""
        columns = dict.fromkeys([*self.names.values(), *self.words.values()], "string")
        return ibis.table(PLACE | columns, name=self.name)

    def look(self, table: ir.Table) -> Look:
        """How rules find the strings in a table with these columns."""
        return look_in(table, self.names, self.words)


def _among(names: Mapping[Slot, str], slots: Collection[Slot]) -> dict[Slot, str]:
    return {slot: name for slot, name in names.items() if slot in slots}


@dataclass(frozen=True)
class Cells:
    """The cells of all files of a kind, and the encoding of each by its index."""

    shape: CellsShape
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
    compared = adapted.compared()
    words = {slot: f"w{n}" for n, slot in enumerate(slots) if slot in compared}
    columns = [*names.values(), *words.values()]
    create(con, name, columns)
    pour(con, name, columns, _blocks(adapted, names, words, unit, encodings, repeated))
    return Cells(CellsShape(name, names, words), encodings)


def _blocks(
    adapted: Adapted,
    names: Mapping[Slot, str],
    words: Mapping[Slot, str],
    unit: int,
    encodings: Mapping[int, str],
    repeated: Mapping[int, str],
) -> Iterator[Columns]:
    for index, file in adapted.files:
        again = "duplicate" if index in repeated else None
        positions = [file.position(slot) for slot in names]
        for block in read_blocks(file.opened(encodings[index]), positions):
            columns = place_columns(block, file.file.name, file_start(unit, index), again)
            missing = pa.nulls(len(block.faults), pa.string())
            for slot, values in zip(names, block.columns, strict=True):
                columns[names[slot]] = pa.chunked_array([values, missing])
                if slot in words:
                    columns[words[slot]] = pa.chunked_array([_folded(values), missing])
            yield columns


def _folded(strings: pa.StringArray) -> pa.StringArray:
    """The strings as words are compared; there are few different ones, so that Python may."""
    encoded = strings.dictionary_encode()
    words = [text and folded(text) for text in encoded.dictionary.to_pylist()]
    return pa.array(words, pa.string()).take(encoded.indices)


def look_in(
    table: ir.Table, names: Mapping[Slot, str], words: Mapping[Slot, str] = MappingProxyType({})
) -> Look:
    """How rules find the strings of a table of cells; null for those that no file has."""

    def cell(of: Cell) -> ir.StringValue:
        name = names.get((of.header, of.occurrence))
        return ibis.null("string") if name is None else table[name]

    def word(of: Cell) -> ir.StringValue | None:
        name = words.get((of.header, of.occurrence))
        return None if name is None else table[name]

    return Look(cell, words=word)


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
    return table, replace(look(table), figures=figures)
