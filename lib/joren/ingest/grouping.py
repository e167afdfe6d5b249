"""Files that hold the same thing make one group, which one path or pattern names.

A group is what stands under one table of a source in the parameters.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from joren.ingest.carts import CartFile, lacking_columns
from joren.ingest.columns import VOCABULARY, required_columns
from joren.ingest.headers import folded
from joren.ingest.inputs import RawFile
from joren.ingest.kinds import Format
from joren.ingest.matching import LEAST_SCORE, Guess, guess_tables
from joren.ingest.recognise import Recognised, recognise
from joren.ingest.sniff import Sniffed
from joren.params import INPUT_TABLES, project_root

_DIGITS = "0123456789_-"
# the digits that this year's files share are not what the next ones begin with
_SHAPES = [
    (digits, middle, whole_ending)
    for middle in ("*", "[0-9]*")
    for digits in (_DIGITS, "")
    for whole_ending in (False, True)
]
_PERIOD = re.compile(r"^\d[\d年月_-]*$")


@dataclass(frozen=True)
class Group:
    """Files of one system's folder that hold the same thing.

    Parameters
    ----------
    home : the folder of the system
    pattern : what names exactly these files, relative to `params/`
    files : at least one
    found : what each file was recognised as; empty where it is no cart's
    guesses : the tables it is taken for otherwise, the main one first; empty where none is likely
    """

    home: Path
    pattern: str
    files: tuple[Sniffed, ...]
    found: tuple[Recognised, ...] = ()
    guesses: tuple[Guess, ...] = ()

    @property
    def file(self) -> Sniffed:
        """The file that stands for all of them: the first one with rows."""
        return next((file for file in self.files if file.rows), self.files[0])

    @property
    def cart(self) -> Recognised | None:
        """What that file was recognised as."""
        return self.found[self.files.index(self.file)] if self.found else None

    @property
    def lacking(self) -> tuple[str, ...]:
        """Columns of its main table that a cart's export does not tell by itself."""
        return _lacking(self.file, self.cart) if self.found else ()

    @property
    def encodings(self) -> str:
        """The encodings of the files, each once."""
        return ", ".join(dict.fromkeys(file.encoding for file in self.files))


def home_of(path: Path) -> Path:
    """The folder of a system: pos/orders/2026/*.csv belongs to pos, as pos/members.csv does."""
    folder = path.parent
    while folder.name in INPUT_TABLES or _PERIOD.match(folder.name):
        folder = folder.parent
    return folder


def canonical_folders(files: Sequence[Sniffed]) -> dict[Path, list[Sniffed]]:
    """Folders whose files named after canonical tables hold exactly these, column for column."""
    by_folder: dict[Path, list[Sniffed]] = {}
    for file in files:
        if file.path.stem in INPUT_TABLES and file.path.suffix in (".csv", ".parquet"):
            by_folder.setdefault(file.path.parent, []).append(file)
    return {
        folder: found
        for folder, found in by_folder.items()
        if len(found) > 1
        and {file.path for file in found} == _named_after_tables(folder)
        and all(_is_canonical(file) for file in found)
    }


def _named_after_tables(folder: Path) -> set[Path]:
    names = [folder / f"{table}{kind}" for table in INPUT_TABLES for kind in (".csv", ".parquet")]
    return {path for path in names if path.is_file()}


def _is_canonical(file: Sniffed) -> bool:
    table = file.path.stem
    present = {folded(name) for name in file.header}
    words = [column for of, column in VOCABULARY if of == table and column in file.header]
    ours = all(set(file.values[c]) <= {*VOCABULARY[table, c]} for c in words)
    return ours and {folded(name) for name in required_columns(table)} <= present


def groups_of(files: Sequence[Sniffed], formats: Sequence[Format]) -> list[Group]:
    """Put files together that one pattern can name and that hold the same thing.

    Parameters
    ----------
    files : files that are not read as a folder of canonical tables
    formats : the cart formats to recognise
    """
    carts: dict[tuple[Path, str, str, tuple[str, ...]], list[tuple[Sniffed, Recognised]]] = {}
    others: dict[tuple[Path, str, tuple[str, ...]], list[Sniffed]] = {}
    known: dict[tuple[str, ...], Recognised] = {}
    for file in files:
        home = home_of(file.path)
        if file.header not in known:
            known[file.header] = recognise(file.header, formats)
        found = known[file.header]
        if found.trusted:
            key = (home, found.format.name, found.kind.name, _lacking(file, found))
            carts.setdefault(key, []).append((file, found))
        else:
            alike = (home, file.path.suffix, tuple(sorted(folded(name) for name in file.header)))
            others.setdefault(alike, []).append(file)
    groups = []
    for (home, *_), pairs in carts.items():
        found = {file.path: one for file, one in pairs}
        for pattern, named in _named([file for file, _ in pairs]):
            groups.append(Group(home, pattern, named, tuple(found[file.path] for file in named)))
    for (home, *_), alike in others.items():
        for pattern, named in _named(alike):
            group = Group(home, pattern, named)
            guesses = guess_tables(group.file)
            likely = guesses if guesses[0].score >= LEAST_SCORE else ()
            groups.append(Group(home, pattern, named, (), likely))
    return groups


def _lacking(file: Sniffed, found: Recognised) -> tuple[str, ...]:
    kind = found.kind
    one = CartFile(RawFile(file.path, file.path.name), found, file.header, file.delimiter, {})
    projections = [kind.orders] if kind.main == "orders" else kind.tables[kind.main]
    names = (c for projection in projections for c in lacking_columns(one, kind.main, projection))
    return tuple(dict.fromkeys(names))


def _named(files: Sequence[Sniffed]) -> list[tuple[str, tuple[Sniffed, ...]]]:
    pattern = pattern_for([file.path for file in files])
    if pattern is not None:
        return [(pattern, tuple(files))]
    return [(glob.escape(relative(file.path)), (file,)) for file in files]


def joined(groups: Sequence[Group]) -> Group | None:
    """Groups as one, where one pattern names their files and no other; None where it does not."""
    files = tuple(file for group in groups for file in group.files)
    pattern = pattern_for([file.path for file in files])
    if pattern is None:
        return None
    found = tuple(one for group in groups for one in group.found)
    return Group(groups[0].home, pattern, files, found)


def pattern_for(paths: Sequence[Path]) -> str | None:
    """One path or glob, relative to `params/`, that matches exactly these files, or None.

    >>> pattern_for([project_root() / "data" / "orders.csv"])
    '../data/orders.csv'
    """
    if len(paths) == 1:
        return glob.escape(relative(paths[0]))
    base = Path(os.path.commonpath([path.parent for path in paths]))
    levels = [path.relative_to(base).parts for path in paths]
    if len({len(parts) for parts in levels}) > 1:
        return None
    for shape in _SHAPES:
        pattern = "/".join(_level(set(names), *shape) for names in zip(*levels, strict=True))
        if set(_visible(base, pattern)) == set(paths):
            return f"{glob.escape(relative(base))}/{pattern}"
    return None


def _level(names: set[str], digits: str, middle: str, whole_ending: bool) -> str:
    if len(names) == 1:
        return glob.escape(next(iter(names)))
    start = _common_start(names)
    ending = _common_start({name[::-1] for name in names})[::-1]
    if not whole_ending:
        suffixes = {Path(name).suffix for name in names}
        ending = suffixes.pop() if len(suffixes) == 1 else ""
    start, ending = start.rstrip(digits), ending.lstrip(digits)
    if any(len(start) + len(ending) > len(name) for name in names):
        ending = ""
    return f"{glob.escape(start)}{middle}{glob.escape(ending)}"


def _common_start(names: set[str]) -> str:
    first, last = min(names), max(names)
    return first[: next((n for n, c in enumerate(first) if not last.startswith(c, n)), None)]


def _visible(base: Path, pattern: str) -> list[Path]:
    return [path for path in base.glob(pattern) if not path.name.startswith((".", "~$"))]


def relative(path: Path) -> str:
    """The path as the parameter file writes it."""
    return Path(os.path.relpath(path, project_root() / "params")).as_posix()
