from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from joren.errors import JorenError
from joren.ingest.inputs import RawFile, TableInput
from joren.ingest.rows import open_text, read_batches

HEADER = "order_id,source_id,ordered_at,amount\n"


def _read(path: Path, **options):
    file = RawFile(path, path.name)
    opened = open_text(TableInput("shop", "orders", (file,), **options), file)
    rows, faults = {}, {}
    for batch in read_batches(opened):
        rows |= dict(zip(batch.numbers, map(list, batch.rows), strict=True))
        faults |= {number: fault.reason for number, fault in batch.faults}
    return rows, faults


def _written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "orders.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return path


def test_rows_bear_the_physical_line_they_begin_at(tmp_path):
    text = HEADER + 'A,C,2026-01-01,1\n\nB,"two\nlines",2026-01-01,2\nC,C,2026-01-01,3\n'
    rows, faults = _read(_written(tmp_path, text))

    assert list(rows) == [2, 4, 6]
    assert rows[4] == ["B", "two\nlines", "2026-01-01", "2"]
    assert faults == {}


def test_an_unclosed_quote_costs_its_line_and_no_other(tmp_path):
    text = (
        HEADER + 'A,"C,2026-01-01,1\n' + "".join(f"B{n},C,2026-01-01,{n}\n" for n in range(3_000))
    )
    rows, faults = _read(_written(tmp_path, text))
    assert faults == {2: "broken_quote"}
    assert len(rows) == 3_000


def test_two_stray_quotes_do_not_swallow_what_stands_between_them(tmp_path):
    text = HEADER + 'A,"C,2026-01-01,1\nB,C,2026-01-01,2\nC,C",2026-01-01,3\nD,C,2026-01-01,4\n'
    rows, faults = _read(_written(tmp_path, text))
    assert faults == {2: "broken_quote"}
    assert [row[0] for row in rows.values()] == ["B", "C", "D"]


def test_quotes_in_the_middle_of_a_field_are_text(tmp_path):
    rows, faults = _read(_written(tmp_path, HEADER + 'A,5" pipe,2026-01-01,1\n'))
    assert rows[2][1] == '5" pipe'
    assert faults == {}


def test_short_and_long_rows_are_faults_but_trailing_delimiters_are_not(tmp_path):
    text = HEADER + "A,C,2026-01-01\nB,C,2026-01-01,1,,\nC,C,2026-01-01,1,x\n"
    rows, faults = _read(_written(tmp_path, text))
    assert list(rows) == [3]
    assert faults == {2: "ragged_row", 4: "ragged_row"}


def test_a_row_of_tabs_alone_is_a_row_wherever_it_stands(tmp_path):
    header = HEADER.replace(",", "\t")
    for neighbour in ("A\tC\t2026-01-01\t1\n", "A\tC\n"):
        rows, _ = _read(_written(tmp_path, header + neighbour + "\t\t\t\n \n"))
        assert rows[3] == [""] * 4


def test_delimiters_are_recognised_by_the_columns_they_give(tmp_path):
    for delimiter in "\t;|":
        text = HEADER.replace(",", delimiter) + delimiter.join(["A", "C", "2026-01-01", "1,000"])
        rows, _ = _read(_written(tmp_path, text))
        assert rows == {2: ["A", "C", "2026-01-01", "1,000"]}


def test_lines_before_the_header_can_be_skipped(tmp_path):
    rows, _ = _read(_written(tmp_path, "売上一覧\n\n" + HEADER + "A,C,2026-01-01,1\n"), skip_rows=2)
    assert list(rows) == [4]


def test_fixed_width_fields_are_cut_by_characters(tmp_path):
    fields = {"order_id": (1, 3), "source_id": (4, 6), "ordered_at": (7, 14), "amount": (15, 20)}
    path = _written(tmp_path, "001山田 20260101  1234\n002    20260102    5\n")
    rows, faults = _read(path, fixed_width=fields)
    assert rows[1] == ["001", "山田 ", "20260101", "  1234"]
    assert rows[2] == ["002", "   ", " 2026010", "2    5"]
    assert faults == {}


def test_a_file_of_many_blocks_loses_no_line(tmp_path, monkeypatch):
    monkeypatch.setattr("joren.ingest.decode.BLOCK_BYTES", 97)
    lines = [f'A{n},"memo, {n}\nnext line",2026-01-01,{n}\n' for n in range(300)]
    rows, faults = _read(_written(tmp_path, HEADER + "".join(lines)))
    assert faults == {}
    assert [row[3] for row in rows.values()] == [str(n) for n in range(300)]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=4), st.integers(0, 3)), max_size=6)
)
def test_every_line_of_a_damaged_file_is_a_row_a_fault_or_part_of_a_row(damage):
    content = bytearray(
        (HEADER + "".join(f'A{n},"山田 {n}",2026-01-01,"1,{n:03}"\n' for n in range(12))).encode()
    )
    for place, inserted, removed in damage:
        content[place : place + removed] = inserted
    with TemporaryDirectory() as folder:
        path = Path(folder) / "orders.csv"
        path.write_bytes(content)
        try:
            rows, faults = _read(path)
        except JorenError:
            return
    seen = {*rows, *faults}
    assert len(seen) == len(rows) + len(faults)
    ends = bytes(content).count(b"\n") or bytes(content).count(b"\r")
    assert seen <= set(range(2, ends + 2))
