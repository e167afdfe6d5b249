from datetime import datetime

import pyarrow as pa

from joren.engine import connect
from joren.merged_ids import todays_ids

HISTORY = pa.schema(
    [
        ("at", pa.timestamp("us")),
        ("kind", pa.string()),
        ("customer_ids_before", pa.list_(pa.string())),
        ("customer_ids_after", pa.list_(pa.string())),
    ]
)


def followed(earlier: list[str], alive: list[str], *events: tuple) -> dict[str, str | None]:
    con = connect()
    rows = [
        {"at": datetime(2026, month, 1), "kind": kind, "customer_ids_before": before,
         "customer_ids_after": after}
        for month, kind, before, after in events
    ]  # fmt: skip
    history = con.create_table("history", pa.Table.from_pylist(rows, schema=HISTORY))
    ids = con.create_table("earlier", pa.table({"customer_id": earlier}))
    people = con.create_table("people", pa.table({"customer_id": alive}))
    found = todays_ids(ids, history, people).to_pyarrow().to_pylist()
    return {row["customer_id"]: row["today"] for row in found}


def test_an_id_still_alive_means_the_same_customer():
    assert followed(["A"], ["A"]) == {"A": "A"}


def test_a_merged_id_means_the_customer_that_took_it_in():
    assert followed(["A", "B"], ["A"], (1, "merge", ["A", "B"], ["A"])) == {"A": "A", "B": "A"}


def test_merges_are_followed_to_their_end():
    events = [(1, "merge", ["B", "C"], ["B"]), (2, "merge", ["A", "B"], ["A"])]
    assert followed(["C"], ["A"], *events) == {"C": "A"}


def test_a_split_customer_stays_where_her_id_stayed():
    assert followed(["A"], ["A", "D"], (1, "split", ["A"], ["A", "D"])) == {"A": "A"}


def test_a_deleted_customer_is_nobody():
    assert followed(["X"], ["A"]) == {"X": None}
