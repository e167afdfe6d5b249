"""Counts a page shows; identifiers only masked."""

import pyarrow as pa
import pytest

from joren.engine import connect
from joren.identity import summary


@pytest.fixture(scope="module")
def con():
    return connect()


@pytest.fixture(scope="module")
def identity_map(con):
    rows = [("pos", "1", "C1234567"), ("web", "1", "C1234567"), ("pos", "2", "C2")]
    rows += [("pos", "3", "C1234567")]
    return con.create_table("map", pa.Table.from_pylist([
        {"source": s, "source_id": i, "customer_id": c, "household_id": "H",
         "match_rule": "card" if c == "C1234567" else "single", "match_probability": 0.9}
        for s, i, c in rows
    ]))  # fmt: skip


@pytest.fixture(scope="module")
def edges(con):
    rows = [
        ("card", 0.999, "link", "{}"),
        ("phone_and_name", 0.997, "link", "{}"),
        ("phone_alone", 0.83, "review", "{}"),
        ("card", 0.999, "review", '{"card": "same", "refused": "birth_date"}'),
        ("phone_and_name", 0.001, "reject", "{}"),
    ]
    names = ("rule", "match_probability", "decision", "evidence")
    return con.create_table(
        "edges", pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows])
    )


def test_counts(identity_map, edges):
    found = summary.count(identity_map, edges)
    assert (found.records, found.customers, found.households, found.sources) == (4, 2, 1, 2)
    assert (found.shared, found.links, found.reviews, found.refused) == (1, 2, 2, 1)
    assert found.expected_right == pytest.approx(0.998)


def test_tables(identity_map, edges):
    assert summary.records_by_source(identity_map).values.tolist() == [
        ["pos", 3, 2, 1], ["web", 1, 1, 1],
    ]  # fmt: skip
    assert summary.customers_by_sources(identity_map).values.tolist() == [
        ["pos", 1], ["pos + web", 1],
    ]  # fmt: skip
    assert summary.refused_by_reason(edges).values.tolist() == [["identity.reason.birth_date", 1]]
    by_rule = summary.pairs_by_rule(edges).set_index("rule")
    assert by_rule.index[0] == "identity.rule.card"
    assert by_rule.probability.to_dict() == pytest.approx(
        {
            "identity.rule.card": 0.999,
            "identity.rule.phone_and_name": 0.997,  # of what it linked
            "identity.rule.phone_alone": 0.83,  # of what it might link
        }
    )
    assert summary.biggest_clusters(identity_map).values.tolist() == [["C1234•••", 3, "pos + web"]]


def test_generic_identifiers_are_masked(con):
    profile = con.create_table("profile", pa.Table.from_pylist([
        {"kind": "phone", "value": "+81311110100", "records": 9, "names": 8, "generic": True},
        {"kind": "email", "value": "hana@example.jp", "records": 1, "names": 1, "generic": False},
    ]))  # fmt: skip
    assert summary.generic_identifiers(profile).values.tolist() == [
        ["identity.kind.phone", "+81•••00", 9, 8]
    ]
