from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from joren.errors import InputError, ParameterError
from joren.ingest.decode import (
    MAX_LINE_BYTES,
    Fault,
    decode_lines,
    detect_encoding,
    line_blocks,
    shape,
)


def _text(path, encoding=None):
    encoding = encoding or detect_encoding(path)
    return [t for block in line_blocks(path, encoding) for t in decode_lines(block, encoding)]


@pytest.mark.parametrize(
    ("written_as", "recorded"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("cp932", "cp932"), ("utf-16", "utf-16")],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_encoding_and_line_end_gives_the_same_lines(tmp_path, written_as, recorded, line_end):
    path = tmp_path / "x.csv"
    path.write_bytes(line_end.join(["氏名,金額", "髙橋①,1", ""]).encode(written_as))

    assert detect_encoding(path) == recorded
    assert _text(path) == ["氏名,金額", "髙橋①,1"]


def test_one_damaged_line_does_not_turn_utf8_into_cp932(tmp_path):
    path = tmp_path / "x.csv"
    lines = [f"{n},山田".encode() for n in range(9)]
    path.write_bytes(b"\n".join([*lines, b"9,\xe5\xb1,x"]))

    assert detect_encoding(path) == "utf-8"
    assert _text(path)[-1] == Fault("undecodable", "9,ああ,a")
    assert _text(path)[0] == "0,山田"


def test_utf8_lines_inside_cp932_are_faults_not_mojibake(tmp_path):
    path = tmp_path / "x.csv"
    old = [f"{n},山田".encode("cp932") for n in range(5)]
    path.write_bytes(b"\n".join([*old, "5,鈴木".encode()]))

    assert detect_encoding(path) == "cp932"
    assert _text(path)[-1] == Fault("mixed_encoding", "9,ああ")


def test_half_width_kana_of_cp932_stay_readable(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes("ﾔﾏﾀﾞ ﾀﾛｳ\n".encode("cp932"))
    assert _text(path) == ["ﾔﾏﾀﾞ ﾀﾛｳ"]


def test_a_line_with_nul_bytes_is_a_fault(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"a,b\n1,\x002\n3,4\n")
    assert _text(path) == ["a,b", Fault("nul_bytes", "9,?9"), "3,4"]


def test_an_endless_line_is_cut_off(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"a,b\n" + b"1" * (3 * MAX_LINE_BYTES) + b"\n3,4\n")

    first, long, last = _text(path)

    assert (first, last) == ("a,b", "3,4")
    assert long.reason == "line_too_long"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n", "empty"),
        (b"PK\x03\x04rest", "Excel workbook or ZIP"),
        (b"a\x00,\x00b\x00\n\x00", "UTF-16 without"),
    ],
)
def test_what_is_no_text_is_refused_by_name(tmp_path, content, message):
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        detect_encoding(path)


def test_an_unknown_declared_encoding_is_refused(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"a\n")
    with pytest.raises(ParameterError, match="no encoding 'cp99999'"):
        detect_encoding(path, "cp99999")


def test_a_shape_shows_no_content():
    assert shape("山田 Taro 090-1234\t") == "ああ aaaa 999-9999?"


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize(("old", "new", "expected"), [(2, 1, "cp932"), (1, 2, "utf-8")])
def test_the_encoding_of_most_lines_decides(tmp_path, monkeypatch, line_end, old, new, expected):
    monkeypatch.setattr("joren.ingest.decode.BLOCK_BYTES", 32)
    path = tmp_path / "x.csv"
    lines = [b"a,b,c", *["1,髙橋".encode("cp932")] * old, *["2,ﾔﾏﾀﾞ".encode()] * new, b"3,x"] * 9
    path.write_bytes(line_end.join(lines))
    assert detect_encoding(path) == expected


def test_characters_cut_by_a_block_are_still_utf8(tmp_path, monkeypatch):
    path = tmp_path / "x.csv"
    path.write_bytes("山é𠮷".encode() * 50 + b"\n" + "𠮷山é\n".encode() * 50)
    for size in range(4, 40):
        monkeypatch.setattr("joren.ingest.decode.BLOCK_BYTES", size)
        assert detect_encoding(path) == "utf-8"


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from([b"1,2", b"\xe3", b"\xe5\xb1\xb1", b"\xc3\xa9", b"\x8eR", b"\xb1", b"\x00"])
    )
)
def test_lines_decode_alike_together_and_alone(parts):
    lines = b"".join(parts).replace(b"1", b"\n").split(b"\n")
    for encoding in ("utf-8", "cp932", "shift_jis", "utf-16", "latin-1"):
        alone = [text for line in lines for text in decode_lines([line], encoding)]
        assert decode_lines(lines, encoding) == alone


def test_old_mac_line_ends_with_stray_newlines_lose_no_line():
    lines = [b"a\nb", "髙\n橋".encode("cp932")]
    assert decode_lines(lines, "cp932") == ["a\nb", "髙\n橋"]
