from __future__ import annotations

from collections.abc import Callable

import pytest

from joren.ingest.fill import fill
from joren.ingest.inputs import TableInput
from joren.ingest.places import PART_BITS, file_start
from joren.ingest.project import Raw

ORDERS = TableInput("shop", "orders", ())


@pytest.fixture
def waiting(con) -> Callable[..., Raw]:
    """A raw table of orders; rows are (file, row, fault, values of the columns)."""

    def make(name: str, columns: tuple[str, ...], *rows: tuple, fills: bool = False) -> Raw:
        declared = "".join(f', "{column}" VARCHAR' for column in columns)
        con.raw_sql(f'CREATE OR REPLACE TEMP TABLE "{name}" (_at BIGINT, _fault VARCHAR{declared})')
        for file, row, fault, *values in rows:
            cells = [file_start(0, file) + (row << PART_BITS), fault, *values]
            con.con.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(cells))})", cells)
        return Raw(name, ORDERS, frozenset(columns), fills)

    return make


@pytest.fixture
def held(con):
    def run(raw: Raw) -> list[dict]:
        rows = con.table(raw.name).order_by("_at").to_pyarrow().to_pylist()
        return [{k: v for k, v in row.items() if k != "_at"} for row in rows]

    return run


FILLING = ("order_id", "store", "channel")


def test_only_what_is_empty_is_filled_and_columns_nobody_had_are_added(con, waiting, held):
    whole = waiting("w", ("order_id", "store"), (0, 2, None, "A", "S1"), (0, 3, None, "B", None))
    more = waiting(
        "f", FILLING, (1, 2, None, "A", "S9", "web"), (1, 3, None, "B", "S2", None), fills=True
    )
    after, counted = fill(con, [whole, more])
    (completed,) = [raw for raw in after if not raw.fills]
    assert held(completed) == [
        {"_fault": None, "order_id": "A", "store": "S1", "channel": "web"},
        {"_fault": None, "order_id": "B", "store": "S2", "channel": None},
    ]
    assert completed.present == {"order_id", "store", "channel"}
    assert held(more) == []
    assert counted == {"orders": {1: 2}}


def test_of_several_filling_records_the_last_counts_and_all_of_them_are_used(con, waiting, held):
    whole = waiting("w", ("order_id", "store"), (0, 2, None, "A", None))
    rows = (1, 2, None, "A", "old", None), (2, 2, None, "A", "new", None)
    _, counted = fill(con, [whole, waiting("f", FILLING, *rows, fills=True)])
    assert held(whole)[0]["store"] == "new"
    assert counted == {"orders": {1: 1, 2: 1}}


def test_records_that_match_nothing_or_are_in_doubt_stand_for_themselves(con, waiting, held):
    whole = waiting("w", ("order_id", "store"), (0, 2, None, "A", None))
    rows = (
        (1, 2, None, "B", "S2", None),
        (1, 3, "ragged_row", "A", "S3", None),
        (1, 4, None, None, "S4", None),
    )
    more = waiting("f", FILLING, *rows, fills=True)
    _, counted = fill(con, [whole, more])
    assert [row["order_id"] for row in held(more)] == ["B", "A", None]
    assert held(whole)[0]["store"] is None
    assert not counted["orders"]


def test_where_there_is_nothing_to_fill_nothing_changes(con, waiting, held):
    more = waiting("f", FILLING, (1, 2, None, "A", "S", None), fills=True)
    after, counted = fill(con, [more])
    assert (after, counted) == ([more], {})
    assert len(held(more)) == 1


def test_without_the_key_records_cannot_fill(con, waiting, held):
    whole = waiting("w", ("order_id", "store"), (0, 2, None, "A", None))
    more = waiting("f", ("store",), (1, 2, None, "S"), fills=True)
    fill(con, [whole, more])
    assert held(whole)[0]["store"] is None
    assert len(held(more)) == 1


def test_two_kinds_are_both_completed_from_one(con, waiting, held):
    one = waiting("w1", ("order_id", "store"), (0, 2, None, "A", None))
    two = waiting("w2", ("order_id",), (2, 2, None, "B"))
    rows = (1, 2, None, "A", "S1", None), (1, 3, None, "B", "S2", None)
    more = waiting("f", FILLING, *rows, fills=True)
    _, counted = fill(con, [one, two, more])
    assert [held(one)[0]["store"], held(two)[0]["store"]] == ["S1", "S2"]
    assert counted == {"orders": {1: 2}}
    assert held(more) == []
