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

import numpy as np

from joren.errors import InputError, ParameterError

BLOCK_BYTES = 1 << 20  # larger ones are given back to the system each time, which takes long
MAX_LINE_BYTES = 1_000_000

LINE_SAFE = ("utf-8", "cp932", "shift_jis", "euc_jp")
"""Codecs in which the bytes of a line end or a quote are never part of another character."""

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
    outside_ascii = in_utf8 = 0
    for block in _cut_at_lines(path):
        outside, candidates = _lines_outside_ascii(block)
        outside_ascii += outside
        in_utf8 += outside if _valid_utf8(block) else sum(map(_valid_utf8, candidates))
    return "utf-8" if 2 * in_utf8 >= outside_ascii else "cp932"


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
    """The physical lines of a file without their ends, about a megabyte at a time.

    UTF-16 comes as UTF-8. A line longer than `MAX_LINE_BYTES` comes cut off just beyond it, so
    that no file can fill the memory.
    """
    rest, separator = b"", b""
    for block in byte_blocks(path, encoding):
        separator = separator or line_end(block)
        lines = (rest + block).split(separator)
        rest = lines.pop()[: MAX_LINE_BYTES + 1]
        yield [line.removesuffix(b"\r") for line in lines]
    if rest:
        yield [rest.removesuffix(b"\r")]


def line_end(block: bytes) -> bytes:
    """What ends the lines of a file that begins with this block (before it, perhaps a `\\r`)."""
    return b"\r" if b"\r" in block and b"\n" not in block else b"\n"


def byte_blocks(path: Path, encoding: str) -> Iterator[bytes]:
    """A file's bytes without byte order mark, about a megabyte at a time; UTF-16 as UTF-8."""
    if _is_wide(encoding):
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
    if max(map(len, lines)) <= MAX_LINE_BYTES:
        sound = as_utf8(b"\n".join(lines), encoding)
        if sound is not None:
            texts = sound.decode("utf-8").split("\n")
            if len(texts) == len(lines):  # lines that end in \r may hold others
                return list(texts)
    codec, wide = codec_of(encoding), _is_wide(encoding)
    return [_decode_line(line, codec, wide) for line in lines]


def as_utf8(lines: bytes, encoding: str) -> bytes | None:
    """Lines as UTF-8 with as many line ends, or None where one of them may be at fault."""
    codec = codec_of(encoding)
    if b"\x00" in lines or codec not in LINE_SAFE:
        return None
    if codec == "utf-8":
        damaged = _is_wide(encoding) and "\ufffd".encode() in lines
        return lines if not damaged and _valid_utf8(lines) else None
    if codec == "cp932" and any(map(_is_utf8_japanese, _lines_outside_ascii(lines)[1])):
        return None
    try:
        return lines.decode(codec).encode("utf-8")
    except UnicodeDecodeError:
        return None


def codec_of(encoding: str) -> str:
    """The codec that decodes what `byte_blocks` gives for an encoding."""
    return "utf-8" if _is_wide(encoding) or encoding == "utf-8-sig" else encoding


def _is_wide(encoding: str) -> bool:
    return encoding.replace("_", "-").startswith(("utf-16", "utf-32"))


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


def _lines_outside_ascii(block: bytes) -> tuple[int, list[bytes]]:
    """How many lines are not ASCII, and those of them whose first such byte may begin UTF-8."""
    if block.isascii():
        return 0, []
    codes = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(codes == 10)
    starts, stops = np.concatenate(([0], ends + 1)), np.concatenate((ends, [len(block)]))
    high = np.flatnonzero(codes >= 0x80)
    first = high[np.minimum(np.searchsorted(high, starts), len(high) - 1)]
    outside = np.flatnonzero((first >= starts) & (first < stops))
    lead, second = codes[first[outside]], codes[np.minimum(first[outside] + 1, len(codes) - 1)]
    # CP932's kanji and kana of two bytes begin below, or go on outside, these ranges: hardly any
    # of its lines need a closer look
    possible = (lead >= 0xC2) & (lead <= 0xF4) & (second >= 0x80) & (second <= 0xBF)
    return len(outside), [block[starts[n] : stops[n]] for n in outside[possible]]


def _valid_utf8(text: bytes) -> bool:
    import pyarrow as pa  # here alone: whoever looks at headers needs no engine

    offsets = pa.py_buffer(np.array([0, len(text)], np.int64))
    strings = pa.Array.from_buffers(pa.large_string(), 1, [None, offsets, pa.py_buffer(text)])
    try:
        strings.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _is_utf8(path: Path) -> bool:
    return all(map(_valid_utf8, _cut_at_lines(path)))


def _cut_at_lines(path: Path) -> Iterator[bytes]:
    """The bytes of a file, every line ended by a newline; only endless lines are cut in two."""
    rest, separator = b"", b""
    for block in byte_blocks(path, "utf-8"):
        separator = separator or line_end(block)
        block = rest + block.replace(b"\r", b"\n") if separator == b"\r" else rest + block
        cut = block.rfind(b"\n") + 1 or _last_character(block)
        yield block[:cut]
        rest = block[cut:]
    yield rest


def _last_character(text: bytes) -> int:
    """Where the last character of UTF-8 text begins, which may be cut off."""
    at = len(text) - 1
    while at > max(0, len(text) - 4) and text[at] & 0xC0 == 0x80:
        at -= 1
    return at
