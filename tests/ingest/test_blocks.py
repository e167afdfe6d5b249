from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from joren.ingest import blocks, decode
from joren.ingest.blocks import read_blocks
from joren.ingest.decode import detect_encoding
from joren.ingest.headers import Layout
from joren.ingest.rows import TextFile, read_batches

WIDTH = 4
HEADER = b"a,b,c,d\n"


def _file(path: Path, content: bytes, delimiter: str = ",") -> TextFile:
    path.write_bytes(content)
    return TextFile(path, detect_encoding(path), 1, Layout({}, WIDTH, delimiter))


def _one_by_one(file: TextFile):
    rows, faults = {}, {}
    for batch in read_batches(file):
        rows |= dict(zip(batch.numbers, map(list, batch.rows), strict=True))
        faults |= dict(batch.faults)
    return rows, faults


def _in_blocks(file: TextFile, positions=range(WIDTH)):
    rows, faults, counted = {}, {}, 0
    for block in read_blocks(file, [*positions]):
        values = zip(*(column.to_pylist() for column in block.columns), strict=True)
        numbers = block.numbers.to_pylist()
        rows |= dict(zip(numbers, map(list, values), strict=True))
        faults |= dict(block.faults)
        counted += len(numbers) + len(block.faults)
    assert counted == len(rows) + len(faults)
    return rows, faults


@pytest.fixture
def arrow_alone(monkeypatch):
    """Any stretch that is not left to Arrow is an error."""

    def refuse(*arguments):
        raise AssertionError("read line by line")

    monkeypatch.setattr(blocks, "rows_of", refuse)
    monkeypatch.setattr(blocks, "read_batches", refuse)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp932"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_sound_files_are_left_to_arrow_in_every_encoding(tmp_path, encoding, line_end, arrow_alone):
    text = HEADER.decode() + '1,"髙橋, ""様""",ﾃｽﾄ,\n2,,"二行\nの備考",表\n3,"",x,y'
    content = text.replace("\n", line_end).encode(encoding)

    rows, faults = _in_blocks(_file(tmp_path / "x.csv", content))

    assert rows == {
        2: ["1", '髙橋, "様"', "ﾃｽﾄ", ""],
        3: ["2", "", "二行\nの備考", "表"],
        5: ["3", "", "x", "y"],
    }
    assert faults == {}


def test_a_trailing_delimiter_on_every_row_is_left_to_arrow(tmp_path, arrow_alone):
    rows, _ = _in_blocks(_file(tmp_path / "x.csv", HEADER + b"1,2,3,4,\n5,6,7,8,\n"))
    assert rows == {2: ["1", "2", "3", "4"], 3: ["5", "6", "7", "8"]}


def test_only_the_columns_asked_for_are_given_and_absent_ones_are_null(tmp_path):
    file = _file(tmp_path / "x.csv", HEADER + b"1,2,3,4\n5,6,7\n")
    (block,) = read_blocks(file, [3, None, 0, 3])

    assert block.numbers.to_pylist() == [2]
    assert [column.to_pylist() for column in block.columns] == [["4"], [None], ["1"], ["4"]]
    assert [(number, fault.reason) for number, fault in block.faults] == [(3, "ragged_row")]


def test_rows_are_numbered_where_no_column_is_asked_for(tmp_path):
    (block,) = read_blocks(_file(tmp_path / "x.csv", HEADER + b"1,2,3,4\n5,6,7,8\n"), [None])
    assert block.numbers.to_pylist() == [2, 3]


def test_one_bad_row_does_not_cost_the_rows_around_it_their_values(tmp_path):
    lines = [f'{n},"山田, {n}",x,\r\n'.encode() for n in range(40_000)]
    lines[20_000] = b'20000,"broken,x,\r\n'

    rows, faults = _in_blocks(_file(tmp_path / "x.csv", HEADER + b"".join(lines)))

    assert len(rows) == 39_999
    assert rows[40_001] == ["39999", "山田, 39999", "x", ""]
    assert [(number, fault.reason) for number, fault in faults.items()] == [
        (20_002, "broken_quote")
    ]


def test_blocks_are_bounded_and_in_order(tmp_path):
    lines = (b"%d,%s,,\n" % (n, b"x" * 90) for n in range(100_000))
    found = [*read_blocks(_file(tmp_path / "x.csv", HEADER + b"".join(lines)), [0, 1])]

    numbers = [n for block in found for n in block.numbers.to_pylist()]
    assert numbers == [*range(2, 100_002)]
    assert max(len(block.numbers) for block in found) < 2 * blocks.GATHERED_ROWS + 50_000


def test_a_byte_order_mark_within_a_file_is_part_of_its_field(tmp_path):
    rows, _ = _in_blocks(_file(tmp_path / "x.csv", HEADER + "\ufeff1,2,3,4\n".encode()))
    assert rows == {2: ["\ufeff1", "2", "3", "4"]}


@pytest.mark.parametrize("end", ["\n\n", "\n\r\n\r\n", "\n\x1a", "\n　\n"])
def test_empty_lines_are_no_rows(tmp_path, end):
    file = _file(tmp_path / "x.csv", HEADER + f"\n1,2,3,4\n\n,,,{end}".encode())
    assert _in_blocks(file) == ({3: ["1", "2", "3", "4"], 5: ["", "", "", ""]}, {})


def test_an_endless_line_is_one_fault(tmp_path):
    content = HEADER + b"1,2,3,4\n" + b"x" * (3 * decode.BLOCK_BYTES) + b"\n5,6,7,8\n"
    rows, faults = _in_blocks(_file(tmp_path / "x.csv", content))
    assert [*rows] == [2, 4]
    assert {number: fault.reason for number, fault in faults.items()} == {3: "line_too_long"}


PARTS = st.sampled_from(
    [
        *(
            part.encode()
            for part in ("1", "x y", "山田", "髙橋 様", "ﾔﾏﾀﾞ", " ", "　", "\ufeff", "")
        ),
        *(part.encode("cp932") for part in ("山田", "表", "ﾔﾏﾀﾞ", "髙")),
        *(b'"', b'""', b'"q"', b'"a,b"', b'"a""b"', b'"two\nlines"', b'"two\r\nlines"'),
        *(b'5" pipe', b'="01"', b'"a"b', b'"open', b'"a\n1,2,3,4\n"'),
        *(b"\r", b"\n", b"\r\n", b"1\x002345678", b"\x1a", b"\xe5\xb1", b"\x81", b"|"),
        b"y" * 300,
    ]
)
SOUND = st.builds(
    lambda parts: b",".join(parts),
    st.lists(st.sampled_from([b"1", b"", b'"a,b"', b'"c\nd"']), min_size=WIDTH, max_size=WIDTH),
)
ODD = st.builds(lambda parts: b",".join(parts), st.lists(PARTS, min_size=1, max_size=WIDTH + 2))
ROWS = st.lists(st.one_of(SOUND, SOUND, SOUND, ODD), max_size=30)


@settings(max_examples=300, deadline=None)
@given(
    rows=ROWS,
    line_end=st.sampled_from([b"\n", b"\r\n", b",\n"]),
    delimiter=st.sampled_from([",", "\t", "|"]),
    small=st.sampled_from([1, 30, 200]),
    piece=st.sampled_from([64, 300, 1 << 22]),
    complete=st.booleans(),
)
def test_blocks_hold_what_reading_row_by_row_gives(
    rows, line_end, delimiter, small, piece, complete
):
    content = HEADER + line_end.join(rows) + (line_end if complete else b"")
    content = content.replace(b",", delimiter.encode())
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        file = _file(Path(folder) / "x.csv", content, delimiter)
        expected = _one_by_one(file)
        patch.setattr(blocks, "SMALL_BYTES", small)
        patch.setattr(blocks, "PIECE_BYTES", piece)
        patch.setattr(decode, "BLOCK_BYTES", max(32, piece))
        assert _in_blocks(file) == expected
