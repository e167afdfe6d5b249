"""Which pairs of earlier runs hold: their last row, while both records say what they said then."""

import pyarrow as pa
import pytest

from joren.engine import connect
from joren.identity.kept import LINK_TYPES, Kept, kept_links, new_links

SOURCE = "pos"


def row(revision: int, left: str, right: str, refused: str | None = None) -> dict:
    values = (revision, SOURCE, left, SOURCE, right, "phone", 0.99, 6.6, "{}", "link", refused)
    return dict(zip(LINK_TYPES, (*values, False), strict=True))


def kept(con, log: list[dict], since: dict[str, int], fresh: str = "", gone: str = "") -> Kept:
    """Of records a, b, … that last said something else in the revisions `since`."""
    records = [
        {"record": number, "source": SOURCE, "source_id": name, "since": revision,
         "fresh": name in fresh}
        for number, (name, revision) in enumerate(sorted(since.items()))
    ]  # fmt: skip
    last = [{"source": SOURCE, "source_id": n, "digest": "d", "since": r} for n, r in since.items()]
    tables = {"records": [r for r in records if r["source_id"] not in gone], "last": last}
    made = {n: con.create_table(n, pa.Table.from_pylist(rows)) for n, rows in tables.items()}
    rows = con.create_table("log", pa.Table.from_pylist(log, _schema()))
    return kept_links(con, **made, links=rows)


def _schema() -> pa.Schema:
    types = {
        "int64": pa.int64(),
        "string": pa.string(),
        "float64": pa.float64(),
        "bool": pa.bool_(),
    }
    return pa.schema([(name, types[kind]) for name, kind in LINK_TYPES.items()])


@pytest.mark.parametrize(
    ("log", "since", "changed", "left"),
    [
        ([row(1, "a", "b")], {"a": 1, "b": 1}, {}, {(1, "a", "b")}),
        ([row(1, "a", "b")], {"a": 1, "b": 1}, {"fresh": "b"}, set()),
        ([row(1, "a", "b"), row(1, "b", "c")], {"a": 1, "b": 1, "c": 1}, {"gone": "a"},
         {(1, "b", "c")}),
        ([row(1, "a", "b"), row(3, "a", "b", "size")], {"a": 1, "b": 1}, {}, {(3, "a", "b")}),
        ([row(1, "a", "b"), row(1, "b", "c")], {"a": 2, "b": 1, "c": 1}, {}, {(1, "b", "c")}),
        # after a rebase nothing older counts
        ([row(1, "a", "b"), row(2, "b", "c")], {"a": 2, "b": 2, "c": 2}, {}, {(2, "b", "c")}),
        ([row(1, "a", "b")], {"a": 1, "b": 1}, {"fresh": "ab"}, set()),
    ],
)  # fmt: skip
def test_a_pair_is_kept_by_number_and_by_name_or_not_at_all(log, since, changed, left):
    found = kept(connect(), log, since, **changed)
    rows = found.rows.to_pyarrow().to_pylist()
    assert {(r["revision"], r["left_source_id"], r["right_source_id"]) for r in rows} == left
    names = sorted(since)
    pairs = found.pairs.to_pyarrow().to_pylist()
    assert {(p["revision"], names[p["left"]], names[p["right"]]) for p in pairs} == left


def test_only_what_is_new_or_taken_otherwise_is_appended():
    con = connect()
    since = dict.fromkeys("abcd", 1)
    found = kept(con, [row(1, "a", "b"), row(1, "b", "c")], since)
    now = [(0, 1, None), (1, 2, "size"), (2, 3, None)]
    values = {name: value for name, value in row(1, "a", "b").items() if name not in ("refused",)}
    edges = [
        {"left": left, "right": right, "refused": refused}
        | {name: values[name] for name in list(LINK_TYPES)[5:] if name in values}
        for left, right, refused in now
    ]
    edges = con.create_table("edges", pa.Table.from_pylist(edges))
    appended = new_links(edges, found.pairs, con.table("records"), 2).to_pyarrow().to_pylist()
    assert {(r["revision"], r["left_source_id"], r["refused"]) for r in appended} == {
        (2, "b", "size"), (2, "c", None),
    }  # fmt: skip
