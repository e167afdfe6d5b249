"""Files come out with the headers, the encoding and the line ends they should have."""

from itertools import pairwise

import pyarrow as pa
import pytest

from joren.simulate.exports.files import (
    Sheet,
    Written,
    calendar_months,
    for_cp932,
    moment,
    text_or_none,
    write_sheet,
)
from joren.simulate.spool import Spool

ROWS = pa.table({"n": [1, 2], "name": ["髙木, 花", ""]})


def _written(tmp_path, encoding: str, headers=("番号", "送料", "名前", "送料"), **more) -> bytes:
    path = tmp_path / "below" / "x.csv"
    with Spool(tmp_path) as spool:
        spool.append("people", ROWS)
        cells = {"番号": "n", "名前": text_or_none("name"), "送料": "100 * n"}
        written = Written()
        write_sheet(
            spool, Sheet(path, headers, encoding), cells, "FROM people ORDER BY n", written, **more
        )
        assert written.files == {path: 2 + len(more.get("broken", ()))}
    return path.read_bytes()


def test_a_cp932_file_has_windows_line_ends_and_a_repeated_header_is_filled_once(tmp_path):
    text = '番号,送料,名前,送料\r\n1,100,"髙木, 花",\r\n2,200,,\r\n'
    assert _written(tmp_path, "cp932") == text.encode("cp932")


def test_a_utf_8_file_has_a_bom_only_where_asked(tmp_path):
    assert _written(tmp_path, "utf-8-sig").startswith(b"\xef\xbb\xbf\xe7\x95\xaa")
    plain = _written(tmp_path, "utf-8")
    assert plain.startswith("番号".encode()) and b"\r" not in plain


def test_broken_rows_are_the_first_row_with_other_cells(tmp_path):
    text = _written(tmp_path, "utf-8", broken=[{"番号": "'#REF!'", "名前": "NULL"}]).decode()
    assert text.splitlines()[1:] == ['1,100,"髙木, 花",', "2,200,,", '"#REF!",100,,']


def test_a_cell_the_file_has_no_header_for_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="送料"):
        _written(tmp_path, "utf-8", headers=("番号", "名前"))


def test_names_become_writable_in_cp932(tmp_path):
    with Spool(tmp_path) as spool:
        found = spool.con.execute(
            f"SELECT {for_cp932("'𠮷田' || chr(917760)")}, "
            f"{moment("TIMESTAMP '2024-04-01 09:05:00'")}"
        ).fetchall()
    assert found == [("吉田", "2024/04/01 09:05:00")]


def test_the_window_has_twenty_four_months_without_a_gap():
    months = list(calendar_months())
    assert [name for name, _, _ in months][::12] == ["2024-04", "2025-04"]
    assert all(a[2] == b[1] for a, b in pairwise(months))
    assert len(months) == 24
