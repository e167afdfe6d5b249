"""Whether a run links everything or only what is new."""

from datetime import date, datetime

import ibis
import pyarrow as pa

from joren.engine import connect
from joren.identity.learned import Learned
from joren.identity.memory import REBASE_TYPES, Memory

LEARNED = Learned({"comparisons": []}, ("given",), 1e-4, 2.5, 1.0, 0.93)


def rebases(*rows: tuple) -> pa.Table:
    full = [dict(zip(REBASE_TYPES, row, strict=True)) for row in rows]
    return pa.Table.from_pylist(full, ibis.schema(REBASE_TYPES).to_pyarrow())


def request(name: str) -> tuple:
    return (0, datetime(2026, 4, 1), "requested", name, "", "", "mika", "tighter")


def memory_of(*rows: tuple) -> Memory:
    con = connect()
    logs = {name: con.create_table(name, pa.table({"revision": [3]}))
            for name in ("assignments", "known", "links")}  # fmt: skip
    return Memory(**logs, rebases=con.create_table("rebases", rebases(*rows)))


def test_without_memory_everything_is_linked_and_noted_as_the_first_run():
    memory = Memory()
    assert memory.population() is None
    assert memory.next_revision() == 1
    (row,) = memory.new_rebases("abc", LEARNED, date(2026, 3, 31))
    assert (row["request_id"], row["rules"], row["revision"]) == ("first_run", "abc", 1)


def test_a_request_holds_until_it_was_applied_and_then_its_rules_and_model_stand():
    first = (1, datetime(2026, 3, 31), "applied", "first_run", "old", "", "rules", "")
    waiting = memory_of(first, request("r1"))
    assert waiting.population() is None
    assert waiting.rules_then() == "old"
    assert waiting.learned() is None
    (row,) = waiting.new_rebases("new", LEARNED, date(2026, 3, 31))
    assert (row["request_id"], row["actor"], row["reason"]) == ("r1", "mika", "tighter")
    done = memory_of(first, request("r1"), tuple(row[name] for name in REBASE_TYPES))
    assert done.population() is not None
    assert done.rules_then() == "new"
    assert done.learned() == LEARNED
