"""Records of one kind of file that only fill what another kind's records leave empty."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from joren.contract import CANONICAL
from joren.ingest.places import FILE_SHIFT, MOST_FILES
from joren.ingest.project import Raw

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend


def fill(con: Backend, raws: Sequence[Raw]) -> tuple[list[Raw], dict[str, Counter[int]]]:
    """Let filling records complete those with the same key, and drop what they then repeat.

    Of several filling records with one key the last counts. Those that match nothing stay, as
    records of their own.

    Parameters
    ----------
    con : the engine; the raw tables are changed in place
    raws : the raw tables of one source

    Returns
    -------
    the raw tables with the columns they have now, and table → index of the file → records that
    went into others
    """
    by_table: dict[str, list[Raw]] = defaultdict(list)
    for raw in raws:
        by_table[raw.table].append(raw)
    after: list[Raw] = []
    filled: dict[str, Counter[int]] = defaultdict(Counter)
    for table, members in by_table.items():
        whole = [raw for raw in members if not raw.fills]
        key = [column for column in CANONICAL[table].key if column != "source"]
        for filling in (raw for raw in members if raw.fills):
            if whole and {*key} <= filling.present:
                whole = _complete(con, whole, filling, key)
                filled[table] += _drop_used(con, whole, filling, key)
            after.append(filling)
        after += whole
    return after, filled


def _complete(con: Backend, whole: Sequence[Raw], filling: Raw, key: Sequence[str]) -> list[Raw]:
    keys = ", ".join(f'"{name}"' for name in key)
    con.raw_sql(
        f'CREATE OR REPLACE TEMP TABLE _filling AS SELECT * FROM "{filling.name}" '
        f"WHERE _fault IS NULL "
        f"QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY _at DESC) = 1"
    )
    completed = []
    for raw in whole:
        if not {*key} <= raw.present:
            completed.append(raw)
            continue
        shared = sorted((raw.present & filling.present) - {*key})
        replaced = ", ".join(f'coalesce(w."{c}", f."{c}") AS "{c}"' for c in shared)
        more = "".join(f', f."{c}"' for c in sorted(filling.present - raw.present))
        con.raw_sql(
            f'CREATE OR REPLACE TEMP TABLE "{raw.name}" AS '
            f"SELECT w.*{f' REPLACE ({replaced})' if shared else ''}{more} "
            f'FROM "{raw.name}" AS w LEFT JOIN _filling AS f ON {_same("w", "f", key)}'
        )
        completed.append(replace(raw, present=raw.present | filling.present))
    con.raw_sql("DROP TABLE _filling")
    return completed


def _drop_used(
    con: Backend, whole: Sequence[Raw], filling: Raw, key: Sequence[str]
) -> Counter[int]:
    used: Counter[int] = Counter()
    for raw in whole:
        if not {*key} <= raw.present:
            continue
        there = (
            f'_fault IS NULL AND EXISTS (SELECT 1 FROM "{raw.name}" AS w '
            f"WHERE {_same('w', f'"{filling.name}"', key)})"
        )
        found = con.raw_sql(
            f"SELECT (_at >> {FILE_SHIFT}) & {MOST_FILES - 1}, count(*) "
            f'FROM "{filling.name}" WHERE {there} GROUP BY 1'
        ).fetchall()
        con.raw_sql(f'DELETE FROM "{filling.name}" WHERE {there}')
        used.update(dict(found))
    return used


def _same(left: str, right: str, key: Sequence[str]) -> str:
    return " AND ".join(f'{left}."{name}" = {right}."{name}"' for name in key)
