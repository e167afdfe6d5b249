"""Precision and recall estimated from the linking's own probabilities."""

import ibis
import pyarrow as pa
import pytest

from joren.engine import connect
from joren.identity.quality import estimate_quality


@pytest.fixture
def estimated():
    def run(clusters: list[int], links: list[tuple], scored: list[tuple] | None):
        con = connect()
        records = con.create_table(
            "records", pa.table({"record": list(range(len(clusters))), "cluster": clusters})
        )
        types = {"left": pa.int64(), "right": pa.int64(), "match_probability": pa.float64()}

        def table(name: str, rows: list[tuple]):
            columns = list(zip(*rows, strict=True)) or [[], [], []]
            arrays = [pa.array(c, t) for c, t in zip(columns, types.values(), strict=True)]
            return con.create_table(name, pa.table(arrays, list(types)))

        edges = table("edges", links).mutate(decision=ibis.literal("link"))
        pairs = None if scored is None else table("scored", scored)
        return estimate_quality(records, edges, pairs, 0.9)

    return run


def test_precision_is_the_mean_probability_of_the_links(estimated):
    found = estimated([0, 0, 2, 2], [(0, 1, 0.9), (2, 3, 1.0)], None)
    assert found.precision.value == pytest.approx(0.95)
    assert found.precision.lower < 0.95 < found.precision.upper
    assert found.recall is None


def test_recall_counts_the_likely_pairs_left_apart(estimated):
    links = [(0, 1, 1.0), (2, 3, 1.0)]
    scored = [*links, (0, 2, 0.5), (1, 3, 0.5), (4, 5, 1.0)]
    found = estimated([0, 0, 2, 2, 4, 5], links, scored)
    assert found.recall.value == pytest.approx(2 / (2 + 0.5 + 0.5 + 1.0))
    assert found.recall.lower < found.recall.value < found.recall.upper


def test_more_customers_narrow_the_interval(estimated):
    few = estimated([0, 0], [(0, 1, 0.95)], None).precision
    n = 400
    many = estimated(
        [i - i % 2 for i in range(n)], [(i, i + 1, 0.95) for i in range(0, n, 2)], None
    ).precision
    assert many.upper - many.lower < (few.upper - few.lower) / 5


def test_without_links_there_is_nothing_to_estimate(estimated):
    found = estimated([0, 1], [], None)
    assert (found.precision, found.recall) == (None, None)
