from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import pytest

from joren.ingest.adapted import adapt
from joren.ingest.carts import Cart, look_at
from joren.ingest.cells import CellsShape, load_cells, look_in, with_figures
from joren.ingest.inputs import RawFile, TableInput
from joren.ingest.kinds import Format, Kind, Projection
from joren.ingest.places import FILE_SHIFT, PLACE
from joren.ingest.recognise import Slot
from joren.ingest.rules import cell, number, one_of, when, word

COLUMNS = {"order_id": cell("no"), "ordered_at": cell("date"), "amount": number("Total")}
KIND = Kind(
    "orders", "orders", ("no", "date", "Total", "total", "note", "note"), ("no",),
    orders=Projection(
        COLUMNS | {"store": cell("total"), "channel": word(cell("note", 2), {"キャンセル": "x"})}
    ),
)  # fmt: skip
TOY = Format("toy", "Toy", (KIND,))


class Loaded(NamedTuple):
    """The table of cells in the engine, and the columns of its slots."""

    table: ir.Table
    names: Mapping[Slot, str]
    words: Mapping[Slot, str]


@pytest.fixture
def loaded(con, tmp_path: Path):
    def run(repeated: dict[int, str], **files: bytes) -> Loaded:
        paths = {name: tmp_path / f"{name}.csv" for name in files}
        for name, content in files.items():
            paths[name].write_bytes(content)
        raws = tuple(RawFile(path, path.name) for path in paths.values())
        entry = TableInput("shop", "orders", raws, cart="toy")
        found = tuple(look_at(raw, entry, TOY) for raw in raws)
        adapted = adapt(Cart("shop", TOY, found, frozenset()), found)
        encodings = {
            n: "cp932" if b"\x93" in body else "utf-8" for n, body in enumerate(files.values())
        }
        cells = load_cells(con, "_toy_cells", adapted, 3, encodings, repeated)
        return Loaded(con.table("_toy_cells"), cells.shape.names, cells.shape.words)

    return run


def _rows(cells: Loaded, *slots: tuple[str, int]) -> list[tuple]:
    names = [cells.names[slot] for slot in slots]
    table = cells.table.order_by("_at").select("_row", "_fault", *names).to_pyarrow().to_pylist()
    return [tuple(row.values()) for row in table]


def test_cells_are_cleaned_strings_and_empty_ones_null(loaded):
    cells = loaded({}, a="no,date,Total\n　A ,, 1 \n".encode())
    assert _rows(cells, ("no", 1), ("date", 1), ("Total", 1)) == [(2, None, "A", None, "1")]


def test_headers_that_differ_in_case_or_stand_there_twice_are_different_cells(loaded):
    cells = loaded({}, a=b"no,date,Total,total,note,note\nA,d,1,2,x,y\n")
    slots = ("Total", 1), ("total", 1), ("note", 2)
    assert _rows(cells, *slots) == [(2, None, "1", "2", "y")]
    assert ("note", 1) not in cells.names  # no rule asks for it


def test_files_in_both_encodings_and_with_other_columns_make_one_table(loaded):
    sjis = "Total,no,date\n5,東京,d\n".encode("cp932")
    cells = loaded({}, a=b"no,date,Total,total\nA,d,1,S\n", b=sjis)
    assert _rows(cells, ("no", 1), ("Total", 1), ("total", 1)) == [
        (2, None, "A", "1", "S"), (2, None, "東京", "5", None),
    ]  # fmt: skip
    places = cells.table.select(code=cells.table["_at"] >> FILE_SHIFT).distinct()
    codes = sorted(places.to_pyarrow()["code"].to_pylist())
    assert codes[1] == codes[0] + 1


def test_broken_rows_keep_their_line_and_shape_and_no_cell(loaded):
    cells = loaded({}, a=b"no,date,Total\nA,d,1\nB,d\n")
    assert _rows(cells, ("no", 1)) == [(2, None, "A"), (3, "ragged_row", None)]
    (shape,) = (
        cells.table.filter(cells.table["_fault"].notnull()).to_pyarrow()["_shape"].to_pylist()
    )
    assert shape


def test_every_row_of_a_file_that_is_anothers_copy_is_doubted(loaded):
    body = b"no,date,Total\nA,d,1\nB,d,2\n"
    cells = loaded({1: "a.csv"}, a=body, b=body)
    assert [row[1] for row in _rows(cells, ("no", 1))] == [None, None, "duplicate", "duplicate"]


def test_cells_compared_with_words_stand_there_folded_too(loaded):
    rows = "A,d,1,x,ｷｬﾝｾﾙ\nB,d,1,x,ＡＢ（ｃ）\nC,d,1,x,\nD,d,1,x,--\nE\n"
    cells = loaded({}, a=f"no,date,Total,note,note\n{rows}".encode())
    assert set(cells.words) == {("note", 2)}
    folded = cells.table.order_by("_at").select(w=cells.words["note", 2])
    assert folded.to_pyarrow()["w"].to_pylist() == ["キャンセル", "abc", None, None, None]
    rule = KIND.orders.columns["channel"]
    look = look_in(cells.table, cells.names, cells.words)
    made = cells.table.order_by("_at").select(
        word=rule.text(look),
        either=when(one_of(cell("note", 2), "ａｂｃ"), "no").text(look),
    )
    assert made.to_pyarrow()["word"].to_pylist() == ["x", "ＡＢ（ｃ）", None, "--", None]
    assert made.to_pyarrow()["either"].to_pylist() == [None, "B", None, None, None]


def test_a_cell_that_no_file_has_is_null(con):
    table = con.create_table("_one", ibis.memtable({"c0": ["x"]}), overwrite=True)
    look = look_in(table, {("a", 1): "c0"})
    made = table.select(a=look(cell("a")), again=look(cell("a", 2)), b=look(cell("b")))
    assert made.to_pyarrow().to_pylist() == [{"a": "x", "again": None, "b": None}]


def test_each_number_is_read_once_into_a_column_and_rules_find_it_there(con):
    table = con.create_table(
        "_one", ibis.memtable({"c0": ["1,000円"], "c1": ["2"]}), overwrite=True
    )
    names = {("a", 1): "c0", ("b", 1): "c1"}
    first, second = number("a"), number("b")
    rule = first + second * first
    read, look = with_figures(table, lambda one: look_in(one, names), [rule, None, first])
    assert len([name for name in read.columns if name.startswith("_number_")]) == 2
    assert set(look.figures) == {id(first), id(second)}
    assert read.select(made=rule.value(look)).to_pyarrow()["made"].to_pylist() == [3000]


def test_without_numbers_the_table_stays_as_it_is(con):
    table = con.create_table("_one", ibis.memtable({"c0": ["x"]}), overwrite=True)
    read, look = with_figures(table, lambda one: look_in(one, {("a", 1): "c0"}), [cell("a")])
    assert read is table
    assert look.figures == {}


def test_of_the_cells_only_those_are_looked_at_that_some_rule_rests_on():
    slots = {("a", 1): "c0", ("a", 2): "c1", ("b", 1): "c2"}
    shape = CellsShape("_cells", slots, {("a", 2): "w1", ("b", 1): "w2"})
    few = shape.only([cell("a", 2), None, one_of(cell("c"), "x")])
    assert few == CellsShape("_cells", {("a", 2): "c1"}, {("a", 2): "w1"})
    assert set(few.table().columns) == {*PLACE, "c1", "w1"}
