"""Pairs the fuzzy model looks at."""

import pyarrow as pa
import pytest

from joren.engine import connect
from joren.identity.blocking import BLOCKS, PAIRS_PER_RECORD, blocked_pairs

COLUMNS = sorted({column for columns in BLOCKS for column in columns})


@pytest.fixture(scope="module")
def pairs_of():
    """A function: rows → set of pairs of their positions."""

    def run(rows: list[dict]) -> set[tuple[int, int]]:
        con = connect()
        full = [
            {"record": n, "address_words": row.get("address_words", [])}
            | {column: row.get(column) for column in COLUMNS}
            for n, row in enumerate(rows)
        ]
        types = dict.fromkeys(COLUMNS, pa.string())
        types |= {"record": pa.int64(), "address_words": pa.list_(pa.string())}
        table = con.create_table("rows", pa.Table.from_pylist(full, pa.schema(types)))
        found = blocked_pairs(con, table).to_pyarrow().to_pylist()
        return {(row["left"], row["right"]) for row in found}

    return run


def test_records_that_share_something_rare_are_paired_once(pairs_of):
    same = {"phone": "+819011112222", "birth": "19800602"}
    assert pairs_of([same, same, {"birth": "19990101"}]) == {(0, 1)}


def test_an_uncommon_word_of_the_address_is_enough(pairs_of):
    rows = [{"address_words": ["willaroo", "12"]}, {"address_words": ["willaroo"]}, {}]
    assert pairs_of(rows) == {(0, 1)}


def test_silence_is_nothing_in_common(pairs_of):
    assert pairs_of([{}, {}, {}]) == set()


def test_a_rule_brings_a_bounded_number_of_pairs_its_smallest_blocks_first(pairs_of):
    crowd = [{"birth": "19700101"}] * 40
    rows = [*crowd, {"birth": "19800602"}, {"birth": "19800602"}]
    found = pairs_of(rows)
    assert found == {(40, 41)}
    assert len(found) <= PAIRS_PER_RECORD * len(rows)


def test_a_common_value_counts_with_a_second_field(pairs_of):
    rows = [{"birth": "19700101", "postal": f"{n // 2:07d}"} for n in range(40)]
    assert pairs_of(rows) == {(n, n + 1) for n in range(0, 40, 2)}
