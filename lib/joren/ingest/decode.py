"""Bytes to physical lines of text: which encoding, and which lines do not hold to it.

UTF-8 strictly, then CP932 (Python's `cp932`, not `shift_jis`: the two differ for 髙 and ①). One
damaged line must not cost the file, so lines that do not decode are handed on as faults.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from joren.errors import InputError, ParameterError

BLOCK_BYTES = 1 << 22
MAX_LINE_BYTES = 1_000_000

_BOM = codecs.BOM_UTF8
_NOT_TEXT = {
    b"PK\x03\x04": "an Excel workbook or ZIP archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x1f\x8b": "a gzip archive",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF",
}
_JAPANESE = re.compile(r"[\u3000-\u30ff\u4e00-\u9fff\uff00-\uff9f]")


@dataclass(frozen=True)
class Fault:
    """A physical line or row that cannot be read, why, and its shape without its content."""

    reason: str
    shape: str


def shape(text: str) -> str:
    """The form of a text without its content: 9 for digits, a for letters, あ for the rest.

    >>> shape("山田,090-1234,abc")
    'ああ,999-9999,aaa'
    """
    text = re.sub(r"[^\x00-\x7f]", "あ", text[:200])
    text = re.sub(r"[A-Za-z]", "a", text)
    return re.sub(r"[^\x20-\x7eあ]", "?", re.sub(r"[0-9]", "9", text))


def detect_encoding(path: Path, declared: str | None = None) -> str:
    """The encoding of a text file: utf-8, utf-8-sig, utf-16 or cp932, or the one declared.

    Where neither UTF-8 nor CP932 holds throughout, the one that most lines outside ASCII obey.

    Raises
    ------
    InputError if the file is empty or not text
    ParameterError if the declared encoding does not exist
    """
    head = read_head(path)
    if declared is not None:
        try:
            return codecs.lookup(declared).name
        except LookupError:
            raise ParameterError(
                f"there is no encoding {declared!r}", str(path), "write for example cp932"
            ) from None
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if _is_utf8(path):
        return "utf-8-sig" if head.startswith(_BOM) else "utf-8"
    outside_ascii, as_utf8 = 0, 0
    for lines in line_blocks(path, "cp932"):
        for line in lines:
            if not line.isascii():
                outside_ascii += 1
                as_utf8 += _decodes(line, "utf-8")
    return "utf-8" if 2 * as_utf8 >= outside_ascii else "cp932"


def read_head(path: Path) -> bytes:
    """The first bytes of a text file.

    Raises
    ------
    InputError if the file cannot be read, is empty, or is plainly not text
    """
    try:
        with path.open("rb") as file:
            head = file.read(1 << 16)
    except OSError as error:
        raise InputError(
            f"the file cannot be read: {error.strerror}", str(path), "check its permissions"
        ) from None
    if not head.removeprefix(_BOM).strip(b"\r\n\t \x1a"):
        raise InputError("the file is empty", str(path), "export it again or remove it")
    for magic, kind in _NOT_TEXT.items():
        if head.startswith(magic):
            raise InputError(f"this is {kind}, not text", str(path), "save it as CSV")
    if not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and (
        4 * head.count(0) > len(head)
    ):
        raise InputError(
            "this looks like UTF-16 without a byte order mark, or is not text",
            str(path),
            "save it as UTF-8, or declare `encoding`",
        )
    return head


def line_blocks(path: Path, encoding: str) -> Iterator[list[bytes]]:
    """The physical lines of a file without their ends, a few megabytes at a time.

    UTF-16 comes as UTF-8. A line longer than `MAX_LINE_BYTES` comes cut off just beyond it, so
    that no file can fill the memory.
    """
    rest, separator = b"", b""
    for block in _blocks(path, encoding):
        separator = separator or (b"\r" if b"\r" in block and b"\n" not in block else b"\n")
        lines = (rest + block).split(separator)
        rest = lines.pop()[: MAX_LINE_BYTES + 1]
        yield [line.removesuffix(b"\r") for line in lines]
    if rest:
        yield [rest.removesuffix(b"\r")]


def _blocks(path: Path, encoding: str) -> Iterator[bytes]:
    if encoding.replace("_", "-").startswith(("utf-16", "utf-32")):
        with path.open(encoding=encoding, errors="replace", newline="") as text:
            while characters := text.read(BLOCK_BYTES // 4):
                yield characters.encode("utf-8")
        return
    with path.open("rb") as file:
        first = file.read(BLOCK_BYTES).removeprefix(_BOM)
        yield first
        while block := file.read(BLOCK_BYTES):
            yield block


def decode_lines(lines: list[bytes], encoding: str) -> list[str | Fault]:
    """Each line as text, or the fault that keeps it from being read."""
    if not lines:
        return []
    wide = encoding.replace("_", "-").startswith(("utf-16", "utf-32"))
    codec = "utf-8" if wide or encoding == "utf-8-sig" else encoding
    joined = b"\n".join(lines)
    simple = len(joined) <= MAX_LINE_BYTES or max(map(len, lines)) <= MAX_LINE_BYTES
    if simple and b"\x00" not in joined and not wide and (codec != "cp932" or joined.isascii()):
        try:
            return list(joined.decode(codec).split("\n"))
        except UnicodeDecodeError:
            pass  # some line is at fault: find it below
    return [_decode_line(line, codec, wide) for line in lines]


def _decode_line(line: bytes, codec: str, wide: bool) -> str | Fault:
    if len(line) > MAX_LINE_BYTES:
        return Fault("line_too_long", shape(line[:200].decode("ascii", "replace")))
    if b"\x00" in line:
        return Fault("nul_bytes", shape(line[:200].decode("ascii", "replace")))
    try:
        text = line.decode(codec)
    except UnicodeDecodeError:
        return Fault("undecodable", shape(line[:200].decode("ascii", "replace")))
    if wide and "\ufffd" in text:
        return Fault("undecodable", shape(text))
    if codec == "cp932" and not line.isascii() and _is_utf8_japanese(line):
        return Fault("mixed_encoding", shape(line.decode("utf-8")))
    return text


def _is_utf8_japanese(line: bytes) -> bool:
    # Real CP932 text is almost never valid UTF-8 throughout; where a line is, and reads as
    # Japanese there, decoding it as CP932 would let mojibake in silently.
    try:
        return _JAPANESE.search(line.decode("utf-8")) is not None
    except UnicodeDecodeError:
        return False


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for block in _blocks(path, "utf-8"):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
