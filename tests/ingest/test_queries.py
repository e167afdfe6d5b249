from __future__ import annotations

import gc

import ibis
import ibis.expr.types as ir
import pytest

from joren.ingest.queries import query_of

BUILT = []


def _doubled(name: str, columns: tuple[str, ...]) -> ir.Table:
    BUILT.append(name)
    table = ibis.table(dict.fromkeys(columns, "int64"), name=name)
    return table.select(**{column: table[column] * 2 for column in columns})


def _kept(name: str, columns: tuple[str, ...]) -> ir.Table:
    BUILT.append(name)
    return ibis.table(dict.fromkeys(columns, "int64"), name=name)


def test_a_shape_is_built_once_and_another_shape_or_function_anew(con):
    BUILT.clear()
    con.raw_sql("CREATE OR REPLACE TEMP TABLE _shaped AS SELECT 2 AS a, 3 AS b")
    first = query_of(con, _doubled, "_shaped", ("a", "b"))
    assert con.raw_sql(first).fetchall() == [(4, 6)]
    assert query_of(con, _doubled, "_shaped", ("a", "b")) == first
    assert BUILT == ["_shaped"]
    assert con.raw_sql(query_of(con, _doubled, "_shaped", ("b",))).fetchall() == [(6,)]
    assert con.raw_sql(query_of(con, _kept, "_shaped", ("a", "b"))).fetchall() == [(2, 3)]
    assert len(BUILT) == 3


def _faulty(name: str) -> ir.Table:
    assert not gc.isenabled()
    raise ValueError(name)


def test_rubbish_is_collected_again_afterwards_even_where_a_query_cannot_be_made(con):
    with pytest.raises(ValueError, match="_unmade"):
        query_of(con, _faulty, "_unmade")
    assert gc.isenabled()
