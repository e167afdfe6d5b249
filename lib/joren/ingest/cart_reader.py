"""All files of one cart source, from bytes to raw canonical tables waiting to be typed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from joren.ingest.adapted import Adapted, adapt
from joren.ingest.cards import refuse_cards_in_file
from joren.ingest.carts import Cart, CartFile
from joren.ingest.cells import Cells, load_cells
from joren.ingest.decode import detect_encoding
from joren.ingest.fill import fill
from joren.ingest.load import FileRead, notes_on_rows, repeated_files
from joren.ingest.places import FILE_BITS, check_files
from joren.ingest.project import Projected, Raw, project

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend


@dataclass(frozen=True)
class Sighting:
    """As what one file of a cart was read."""

    source: str
    file: str
    format: str
    kind: str
    score: float
    encoding: str
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    without: tuple[str, ...]


@dataclass(frozen=True)
class KindRead:
    """What one kind of a cart gave: the raw table by canonical table, and where its files stand.

    `codes` are its files' `_at >> FILE_SHIFT`.
    """

    adapted: Adapted
    raws: Mapping[str, str]
    codes: tuple[int, ...]


@dataclass(frozen=True)
class CartRead:
    """What a cart's files hold, and how each was read."""

    cart: Cart
    kinds: tuple[KindRead, ...]
    raws: tuple[Raw, ...]
    reads: tuple[FileRead, ...]
    sightings: tuple[Sighting, ...]


def read_cart(con: Backend, cart: Cart, unit: int) -> CartRead:
    """Read the files of a cart into raw canonical tables.

    Parameters
    ----------
    con : the engine; tables `ingest_raw_<unit>_…` are created in it
    cart : the source and its files
    unit : position of the cart among all inputs, from 0

    Raises
    ------
    InputError if a file is empty, not text, or holds payment-card numbers
    """
    check_files(len(cart.files), f"sources.{cart.source}")
    repeated = repeated_files([one.file for one in cart.files])
    again = {n: repeated[one.file] for n, one in enumerate(cart.files) if one.file in repeated}
    kinds: list[KindRead] = []
    raws: list[Raw] = []
    projections: list[tuple[Adapted, Cells, Projected]] = []
    for number, files in enumerate(cart.of_kind().values()):
        adapted = adapt(cart, files)
        if not adapted.tables:
            continue
        encodings = {
            index: detect_encoding(one.file.path, one.entry.encoding)
            for index, one in adapted.files
        }
        for index, one in adapted.files:
            refuse_cards_in_file(one, encodings[index])
        cells = load_cells(con, f"ingest_cells_{unit}", adapted, unit, encodings, again)
        projected = project(con, cells, adapted, f"ingest_raw_{unit}_{number}")
        con.drop_table(f"ingest_cells_{unit}")
        codes = tuple((unit << FILE_BITS) | index for index, _ in adapted.files)
        kinds.append(KindRead(adapted, {raw.table: raw.name for raw in projected.raws}, codes))
        raws += projected.raws
        projections.append((adapted, cells, projected))
    raws, filled = fill(con, raws)
    reads: list[FileRead] = []
    sightings: list[Sighting] = []
    for adapted, cells, projected in projections:
        reads += _reads(cart.source, adapted, cells, projected, filled, again)
        sightings += [
            _sighting(cart, adapted, index, file, cells.encodings[index])
            for index, file in adapted.files
        ]
    return CartRead(cart, tuple(kinds), tuple(raws), tuple(reads), tuple(sightings))


def _reads(
    source: str,
    adapted: Adapted,
    cells: Cells,
    projected: Projected,
    filled: Mapping[str, Counter[int]],
    again: Mapping[int, str],
) -> list[FileRead]:
    present: dict[str, frozenset[str]] = {}
    for raw in projected.raws:
        present[raw.table] = present.get(raw.table, frozenset()) | raw.present
    if adapted.buyer is not None and adapted.buyer.columns:
        present.setdefault("customers", frozenset())
    reads = []
    for index, one in adapted.files:
        rows = projected.rows[index]
        for table, columns in present.items():
            if index not in adapted.given_by.get(table, {index}):
                continue
            place = f"{source}/{one.file.name}"
            notes = notes_on_rows(place, rows, again.get(index)) if table == adapted.main else []
            folded = projected.folded.get(table, Counter())[index]
            folded += filled.get(table, Counter())[index]
            encoding = cells.encodings[index]
            reads.append(
                FileRead(source, table, one.file.name, encoding, rows, columns, (*notes,), folded)
            )
    return reads


def _sighting(cart: Cart, adapted: Adapted, index: int, one: CartFile, encoding: str) -> Sighting:
    expected = {t for t in adapted.kind.gives() if t not in cart.without}
    given = {t for t, able in adapted.given_by.items() if index in able}
    bought = {"customers"} if adapted.buyer is not None else set()
    return Sighting(
        cart.source,
        one.file.name,
        cart.format.title,
        one.kind.title,
        one.found.score,
        encoding,
        one.found.unknown,
        one.found.missing,
        tuple(sorted(expected - given - bought)),
    )
