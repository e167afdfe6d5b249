"""Which kind of export each file of a cart source is, and which files are mapped by hand.

No engine is needed here: a run looks before it starts anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from joren.errors import InputError
from joren.ingest.columns import required_columns
from joren.ingest.headers import (
    DELIMITERS,
    MAX_COLUMNS,
    Layout,
    column_missing,
    find,
    folded,
    header_encodings,
    is_parquet,
    split_header,
)
from joren.ingest.inputs import RawFile, TableInput
from joren.ingest.kinds import Format, Kind, Projection
from joren.ingest.recognise import Recognised, Slot, load_format, recognise, refuse
from joren.ingest.rows import TextFile, header_line


@dataclass(frozen=True)
class CartFile:
    """One file of a cart source: what it was recognised as, and the entries that list it."""

    file: RawFile
    found: Recognised
    header: tuple[str, ...]
    delimiter: str
    entries: Mapping[str, TableInput]

    @property
    def kind(self) -> Kind:
        return self.found.kind

    @property
    def entry(self) -> TableInput:
        """The first entry that lists it: its encoding and the lines above its header."""
        return next(iter(self.entries.values()))

    def position(self, slot: Slot) -> int | None:
        """The column in which a cell of a rule, or a header named in the parameters, stands."""
        if slot in self.found.positions or slot[0] in self.kind.headers:
            # of two headers that differ in case alone the file may hold only the other
            return self.found.positions.get(slot)
        named = find(slot[0], self.header)
        return named[0] if named and slot[1] == 1 else None

    def opened(self, encoding: str) -> TextFile:
        """The file, ready for its rows to be read."""
        layout = Layout({}, len(self.header), self.delimiter)
        return TextFile(self.file.path, encoding, self.entry.skip_rows + 1, layout)


@dataclass(frozen=True)
class Cart:
    """The files of one source that are exports of its cart, in the order of their names."""

    source: str
    format: Format
    files: tuple[CartFile, ...]
    without: frozenset[str]

    def of_kind(self) -> dict[str, list[CartFile]]:
        """Kind → its files, in the order of the format's kinds."""
        kinds = {kind.name: [f for f in self.files if f.kind is kind] for kind in self.format.kinds}
        return {name: files for name, files in kinds.items() if files}


type Unit = Cart | TableInput


def sort_out(inputs: Sequence[TableInput]) -> list[Unit]:
    """Tell the exports of carts from tables mapped by hand, source by source.

    Parameters
    ----------
    inputs : what the sources name, as `table_inputs` gives it

    Raises
    ------
    InputError naming a file that is neither, or that is listed under a table it does not give
    """
    units: list[Unit] = []
    for source in dict.fromkeys(i.source for i in inputs):
        own = _told_apart([i for i in inputs if i.source == source])
        plain = [i for i in own if i.cart is None]
        listed = [i for i in own if i.cart is not None]
        if listed:
            cart, by_hand = _sorted(source, listed)
            units += [cart] if cart.files else []
            plain += by_hand
        units += plain
    return units


def _told_apart(own: Sequence[TableInput]) -> list[TableInput]:
    """The inputs of a source; files of one name from two folders bear their folder's name too.

    One file of a cart gives rows to several tables, so that its name alone must say which it is.
    """
    if all(one.cart is None for one in own):
        return list(own)
    paths: dict[str, set[Path]] = {}
    for file in (file for one in own for file in one.files):
        paths.setdefault(file.name, set()).add(file.path)

    def named(file: RawFile) -> RawFile:
        alone = len(paths[file.name]) == 1
        return file if alone else RawFile(file.path, f"{file.path.parent.name}/{file.name}")

    return [replace(one, files=tuple(named(file) for file in one.files)) for one in own]


def _sorted(source: str, listed: Sequence[TableInput]) -> tuple[Cart, list[TableInput]]:
    format = load_format(str(listed[0].cart))
    files: dict[RawFile, CartFile] = {}
    by_hand: list[TableInput] = []
    for entry in listed:
        others = []
        for file in entry.files:
            found = None if _only_by_hand(entry, file) else look_at(file, entry, format)
            if found is None:
                others.append(file)
            elif file in files:
                known = files[file]
                files[file] = replace(known, entries={**known.entries, entry.table: entry})
            else:
                files[file] = found
        if others and entry.table not in entry.without:
            by_hand.append(replace(entry, cart=None, files=tuple(others)))
    ordered = sorted(files.values(), key=lambda one: (one.file.name, one.file.path))
    for one in ordered:
        _check_mapping(one)
    return Cart(source, format, tuple(ordered), listed[0].without), by_hand


def _only_by_hand(entry: TableInput, file: RawFile) -> bool:
    return entry.fixed_width is not None or is_parquet(file.path)


def look_at(file: RawFile, entry: TableInput, format: Format) -> CartFile | None:
    """Recognise one file; None where it is none of the cart's and its columns are mapped by hand.

    Raises
    ------
    InputError if its header is unlike every kind's and nothing maps its columns
    """
    failure = None
    nearest: CartFile | None = None
    for encoding in header_encodings(file.path, entry.encoding):
        try:
            line = header_line(file, encoding, entry.skip_rows)
        except InputError as error:
            failure = failure or error
            continue
        nearest = _nearest(line, file, entry, format)
        break
    if nearest is None:
        raise failure or InputError(
            "the header cannot be read", str(file.path), "set `skip_rows` or `delimiter`"
        )
    if nearest.found.trusted:
        if entry.table not in nearest.kind.gives():
            gives = " or ".join(nearest.kind.gives())
            raise InputError(
                f"this is {nearest.kind.title}, which holds no {entry.table}",
                f"{file.path}, listed under {entry.where}",
                f"list it under {gives}",
            )
        return nearest
    if entry.columns or _bears_our_names(entry.table, nearest.header):
        return None
    raise refuse(nearest.found, nearest.header, str(file.path))


def _nearest(line: str, file: RawFile, entry: TableInput, format: Format) -> CartFile | None:
    best = None
    for delimiter in [entry.delimiter] if entry.delimiter else DELIMITERS:
        header = split_header(line, delimiter)
        if header is None or len(header) > MAX_COLUMNS:
            continue
        found = recognise(header, [format])
        if best is None or len(found.positions) > len(best.found.positions):
            best = CartFile(file, found, tuple(header), delimiter, {entry.table: entry})
    return best


def _bears_our_names(table: str, header: Iterable[str]) -> bool:
    return {folded(name) for name in required_columns(table)} <= {folded(name) for name in header}


def _check_mapping(one: CartFile) -> None:
    """Every header that the parameters name is there, and what the main table needs has a rule."""
    for entry in one.entries.values():
        for column, header in entry.columns.items():
            if one.position((header, 1)) is None:
                raise column_missing(header, column, one.header, entry, one.file)
    main = one.kind.main
    projections = [one.kind.orders] if main == "orders" else one.kind.tables[main]
    for projection in projections:
        lacking = lacking_columns(one, main, projection)
        if lacking:
            where = f"sources.{one.entry.source}.{main}.columns.{lacking[0]}"
            raise InputError(
                f"{one.kind.title} gives no {main}.{lacking[0]} here",
                str(one.file.path),
                f"map it with `{where}`; the file has {', '.join(map(repr, one.header[:40]))}",
            )


def lacking_columns(one: CartFile, table: str, projection: Projection) -> list[str]:
    """The required columns of a table for which a file has neither rule nor cell."""
    if projection.fills:
        return []
    entry = one.entries.get(table)
    by_hand = set() if entry is None else {*entry.columns, *entry.constants}
    return [
        column
        for column in required_columns(table)
        if column not in by_hand
        and not (table == "orders" and column == "source_id")
        and not _has(one, projection, column)
    ]


def _has(one: CartFile, projection: Projection, column: str) -> bool:
    rule = projection.columns.get(column)
    if rule is None:
        return False
    cells = list(rule.cells())
    return not cells or any(one.position((c.header, c.occurrence)) is not None for c in cells)
