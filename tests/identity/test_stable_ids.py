"""IDs that stay, whatever happens to the clusters."""

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from joren.engine import connect
from joren.identity.stable_ids import ASSIGNMENT_TYPES, assign_ids, last_ids


class Memory:
    """A client's assignments over several runs."""

    def __init__(self) -> None:
        self.con = connect()
        self.log: list[dict] = []

    def run(self, *clusters: str) -> dict[str, str]:
        """Assign IDs to clusters of one-letter records ("ab", "c"); returns letter → ID."""
        letters = sorted("".join(clusters))
        number = {letter: position for position, letter in enumerate(letters)}
        rows = [
            {"record": number[letter], "source": "s", "source_id": letter,
             "cluster": min(number[member] for member in cluster)}
            for cluster in clusters for letter in cluster
        ]  # fmt: skip
        records = self.con.create_table("given", pa.Table.from_pylist(rows), overwrite=True)
        log = self.con.create_table("log", self._log(), overwrite=True) if self.log else None
        before = last_ids(self.con.create_table("before", self._log(), overwrite=True))
        records = records.left_join(before, ["source", "source_id"])
        assigned = assign_ids(self.con, records, log, "shop")
        self.appended = assigned.appended.to_pyarrow().to_pylist()
        self.log += self.appended
        rows = assigned.records.select("source_id", "customer_id").to_pyarrow().to_pylist()
        return {row["source_id"]: row["customer_id"] for row in rows}

    def _log(self) -> pa.Table:
        types = {"int64": pa.int64(), "string": pa.string()}
        schema = pa.schema([(name, types[kind]) for name, kind in ASSIGNMENT_TYPES.items()])
        return pa.Table.from_pylist(self.log, schema)


@pytest.fixture
def memory() -> Memory:
    return Memory()


def test_a_rerun_changes_and_appends_nothing(memory):
    first = memory.run("ab", "c")
    assert memory.run("c", "ba") == first
    assert memory.appended == []


def test_of_two_ids_the_oldest_survives(memory):
    old = memory.run("ab")["a"]
    memory.run("ab", "cde")
    assert set(memory.run("abcde").values()) == {old}


def test_a_split_leaves_the_id_with_the_larger_part(memory):
    old = memory.run("abc")["a"]
    after = memory.run("a", "bc")
    assert after["b"] == after["c"] == old
    assert after["a"] != old


def test_equal_parts_leave_the_id_with_the_smaller_source_id(memory):
    old = memory.run("ab")["a"]
    assert memory.run("a", "b")["a"] == old


def test_an_id_is_never_given_twice(memory):
    merged = memory.run("abc")
    founder = memory.run("a", "bc")["a"]
    memory.run("abc")
    again = memory.run("a", "bc")["a"]
    assert len({merged["a"], founder, again}) == 3


def test_a_record_that_comes_back_has_its_old_id(memory):
    first = memory.run("a", "b")
    memory.run("a")
    assert memory.run("a", "b") == first


def test_clients_do_not_share_ids(memory):
    ours = memory.run("a")["a"]
    rows = [{"record": 0, "source": "s", "source_id": "a", "cluster": 0}]
    records = memory.con.create_table("given", pa.Table.from_pylist(rows), overwrite=True)
    records = records.mutate(old_id=ibis.null("string"))
    other = assign_ids(memory.con, records, None, "another").records.customer_id.execute()[0]
    assert other != ours


@given(st.lists(st.lists(st.integers(0, 2), min_size=5, max_size=5), min_size=2, max_size=3))
@settings(max_examples=5, deadline=None)
def test_whatever_happens_the_partition_is_exact_and_no_dead_id_returns(partitions):
    memory, alive, dead = Memory(), set(), set()
    for labels in partitions:
        groups = [
            "".join(letter for letter, own in zip("abcde", labels, strict=True) if own == label)
            for label in sorted(set(labels))
        ]
        ids = memory.run(*groups)
        holders = {own: {letter for letter in ids if ids[letter] == own} for own in ids.values()}
        assert sorted(map(sorted, holders.values())) == sorted(map(sorted, groups))
        assert not dead & set(ids.values())
        dead |= alive - set(ids.values())
        alive = set(ids.values())
