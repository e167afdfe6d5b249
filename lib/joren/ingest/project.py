"""From the cells of one kind of file to the canonical strings of each table it gives.

Every row ends in one place: it begins a record, belongs to one that an earlier row began, or is
doubted as a whole. `Projected` carries the account, and it is held against the outcome.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import ibis.expr.types as ir

from joren.contract import CANONICAL
from joren.errors import JorenError
from joren.ingest.adapted import Adapted
from joren.ingest.cells import Cells
from joren.ingest.contact import CONTACT
from joren.ingest.emission import BUYER, FIGURES, IF_VALID, Emission, emitted
from joren.ingest.inputs import TableInput
from joren.ingest.kinds import Projection
from joren.ingest.places import PARTS_OF_A_RULE
from joren.ingest.pour import create
from joren.ingest.queries import query_of
from joren.ingest.records import SUM, Scope, by_file, doubted, file_index, records, used

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

_DOUBTED, _RECORDS = "_doubted", "_records"


@dataclass(frozen=True)
class Raw:
    """Strings waiting to be typed: a table, what it holds, and which columns have values.

    Of a conditional one, the rows marked `IF_VALID` count only where their order is valid.
    """

    name: str
    input: TableInput
    present: frozenset[str]
    fills: bool = False
    conditional: bool = False

    @property
    def table(self) -> str:
        return self.input.table


@dataclass(frozen=True)
class Projected:
    """The outcome for one kind: its raw tables, and the account of each file's rows.

    `rows` maps file index → physical rows; `folded` maps table → file index → rows that belong to
    a record begun earlier.
    """

    raws: tuple[Raw, ...]
    rows: Mapping[int, int]
    folded: Mapping[str, Counter[int]]


def project(con: Backend, cells: Cells, adapted: Adapted, prefix: str) -> Projected:
    """Make the canonical strings of every table that the files of a kind give.

    Parameters
    ----------
    con : the engine
    cells : their cells
    adapted : the kind and its rules
    prefix : what the names of the tables to create begin with

    Raises
    ------
    JorenError if a row was lost, which would be a fault of Joren
    """
    rows = _count(con.table(cells.shape.name))
    scopes = [_scope(adapted, t, one) for t, many in adapted.tables.items() for one in many]
    stray = _make(con, _DOUBTED, query_of(con, doubted, cells.shape, scopes))
    broken = _count(stray)
    raws: list[Raw] = []
    folded: dict[str, Counter[int]] = {}
    for table, projections in adapted.tables.items():
        fold = folded.setdefault(table, Counter())
        for fills in sorted({one.fills for one in projections}):
            chosen = [(n, one) for n, one in enumerate(projections) if one.fills == fills]
            name = f"{prefix}_{table}{'_fills' if fills else ''}"
            raw = _raw(adapted, table, name, [one for _, one in chosen], fills)
            _create(con, raw, adapted)
            for part, projection in chosen:
                scope = _scope(adapted, table, projection)
                query = query_of(con, records, cells.shape, scope, projection)
                made = _make(con, _RECORDS, query)
                _emit(con, cells, adapted, raw, projection, made, part)
                fold.update(_beyond_first(made))
            if broken and table == adapted.main and table not in {r.table for r in raws}:
                whole = replace(chosen[0][1], items=())
                _emit(con, cells, adapted, raw, whole, stray, None)
            raws.append(raw)
    _hold(con, cells, adapted, raws, folded, broken)
    return Projected(tuple(raws), rows, folded)


def _make(con: Backend, name: str, query: str) -> ir.Table:
    con.raw_sql(f'CREATE OR REPLACE TEMP TABLE "{name}" AS {query}')
    return con.table(name)


def _scope(adapted: Adapted, table: str, projection: Projection) -> Scope:
    able = adapted.given_by[table]
    files = tuple(sorted(able)) if len(able) < len(adapted.files) else None
    return Scope(files, projection.where)


def _raw(
    adapted: Adapted, table: str, name: str, projections: Sequence[Projection], fills: bool
) -> Raw:
    columns = [
        column
        for column in CANONICAL[table].column_names
        if any(column in p.columns and adapted.has(p.columns[column]) for p in projections)
    ]
    member = None if adapted.buyer is None else adapted.buyer.member
    if table == "orders" and member is not None and adapted.has(member):
        columns.append("source_id")
    conditional = any(p.of_valid_orders for p in projections)
    return Raw(name, adapted.inputs[table], frozenset(columns), fills, conditional)


def _create(con: Backend, raw: Raw, adapted: Adapted) -> None:
    beside = []
    if raw.table == "orders":
        beside = [] if adapted.buyer is None else [CONTACT, *_buyer_columns(adapted)]
        beside += FIGURES if adapted.totals is not None else ()
    create(con, raw.name, [*sorted(raw.present), *beside], [IF_VALID] if raw.conditional else [])


def _buyer_columns(adapted: Adapted) -> list[str]:
    described = {} if adapted.buyer is None else adapted.buyer.columns
    return [f"{BUYER}{column}" for column, rule in described.items() if adapted.has(rule)]


def _figures(adapted: Adapted) -> list[str]:
    if adapted.totals is None:
        return []
    rules = (adapted.totals.goods, adapted.totals.parts, adapted.totals.billed)
    told = zip(FIGURES, rules, strict=True)
    return [name for name, rule in told if rule is not None and adapted.has(rule)]


def _emit(
    con: Backend,
    cells: Cells,
    adapted: Adapted,
    raw: Raw,
    projection: Projection,
    made: ir.Table,
    part: int | None,
) -> None:
    """Write the canonical strings of the records `made` into their raw table.

    `part` numbers the projection among those of its table; None is for doubted rows.
    """
    bought = raw.table == "orders"
    emission = Emission(
        cells.shape,
        made.get_name(),
        tuple(name for name in made.columns if name.startswith(SUM)),
        projection,
        tuple(sorted(raw.present)),
        (*_buyer_columns(adapted), *_figures(adapted)) if bought else (),
        adapted.buyer if bought else None,
        adapted.totals if bought else None,
        part,
        raw.conditional,
    )
    con.raw_sql(f'INSERT INTO "{raw.name}" BY NAME {query_of(con, emitted, emission)}')


def _count(table: ir.Table) -> Counter[int]:
    return Counter({row["index"]: row["n"] for row in by_file(table).to_pyarrow().to_pylist()})


def _beyond_first(made: ir.Table) -> Counter[int]:
    counted = made.group_by(index=file_index(made)).agg(n=(made["_n"] - 1).sum())
    return Counter({row["index"]: int(row["n"]) for row in counted.to_pyarrow().to_pylist()})


def _hold(
    con: Backend,
    cells: Cells,
    adapted: Adapted,
    raws: Sequence[Raw],
    folded: Mapping[str, Counter[int]],
    broken: Counter[int],
) -> None:
    """Every row is the head of a record, folded into one, doubted, or another table's."""
    main = adapted.main
    taken = Counter(broken)
    for one in adapted.tables[main]:
        query = query_of(con, used, cells.shape, _scope(adapted, main, one), one.items)
        taken += Counter(dict(con.raw_sql(query).fetchall()))
    made = Counter(folded[main])
    for out in (con.table(raw.name) for raw in raws if raw.table == main):
        places = out.select(_at=out["_at"] & ~(PARTS_OF_A_RULE - 1))  # line and projection
        made += _count(places.distinct())
    if made != taken:
        raise JorenError(
            f"rows of {adapted.kind.title} were lost",
            next(file.file.name for _, file in adapted.files),
            "report this: it is a fault of Joren",
        )
