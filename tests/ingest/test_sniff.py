from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from joren.errors import InputError
from joren.ingest.sniff import sniff


def _sniffed(tmp_path, content: bytes, name: str = "x.csv"):
    path = tmp_path / name
    path.write_bytes(content)
    return sniff(path)


@pytest.mark.parametrize(("encoding", "name"), [("cp932", "cp932"), ("utf-8-sig", "utf-8-sig")])
def test_encoding_delimiter_and_header_are_found(tmp_path, encoding, name):
    file = _sniffed(tmp_path, "会員番号\t金額\r\n髙橋\t1\r\n".encode(encoding))
    assert (file.encoding, file.delimiter, file.header) == (name, "\t", ("会員番号", "金額"))


def test_samples_stay_aligned_and_values_leave_out_what_is_empty(tmp_path):
    file = _sniffed(tmp_path, b"a,b\n1,\n,2\nragged\n")
    assert file.columns == (("1", ""), ("", "2"))
    assert file.values == {"a": ["1"], "b": ["2"]}
    assert file.rows == 2


def test_of_two_headers_of_one_name_the_first_one_speaks(tmp_path):
    file = _sniffed(tmp_path, b"fee,id,fee\n5,1,9\n")
    assert file.values == {"fee": ["5"], "id": ["1"]}


def test_a_parquet_file_has_a_header_too(tmp_path):
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"id": [1, None], "name": ["a", "b"]}), path)
    file = sniff(path)
    assert (file.header, file.columns) == (("id", "name"), (("1", ""), ("a", "b")))


def test_a_file_without_content_is_refused(tmp_path):
    with pytest.raises(InputError, match="empty"):
        _sniffed(tmp_path, b"\n\n")
