"""Pairs of which at most one can be right share their probability."""

import pyarrow as pa
import pytest

from joren.engine import connect
from joren.identity.rivals import share_among_rivals


@pytest.fixture
def shared():
    """A function: {(left, right): probability} and pairs that are one person → probabilities."""

    def run(pairs: dict[tuple[int, int], float], linked: tuple[tuple[int, int], ...] = ()):
        con = connect()
        rows = [{"left": a, "right": b, "match_probability": p} for (a, b), p in pairs.items()]
        ends = pa.schema([("left", pa.int64()), ("right", pa.int64())])
        rows_linked = [{"left": a, "right": b} for a, b in linked]
        found = share_among_rivals(
            con,
            con.create_table("pairs", pa.Table.from_pylist(rows)),
            con.create_table("linked", pa.Table.from_pylist(rows_linked, ends)),
        )
        table = found.to_pyarrow().to_pylist()
        return {(row["left"], row["right"]): row for row in table}

    return run


def probabilities(found: dict) -> dict:
    return {pair: row["match_probability"] for pair, row in found.items()}


def test_a_pair_without_rivals_keeps_its_probability(shared):
    pairs = {(0, 1): 0.8, (2, 3): 0.6, (4, 5): 0.001}
    found = shared(pairs)
    assert probabilities(found) == pairs
    assert {row["weight_rivals"] for row in found.values()} == {0.0}


def test_two_strangers_that_claim_one_record_halve_its_odds(shared):
    found = shared({(0, 1): 0.8, (0, 2): 0.8})
    # odds 4 against the rival's 4 and 1 that it is neither
    assert found[0, 1]["match_probability"] == pytest.approx(4 / 9, abs=1e-5)
    assert found[0, 1]["weight_rivals"] == pytest.approx(-2.3219, abs=1e-3)


def test_records_of_one_customer_are_no_rivals(shared):
    pairs = {(0, 1): 0.8, (0, 2): 0.8, (0, 3): 0.7}
    assert probabilities(shared(pairs, ((1, 4), (4, 2), (2, 3)))) == pairs


def test_records_that_are_likely_one_person_hardly_compete(shared):
    found = shared({(0, 1): 0.8, (0, 2): 0.8, (1, 2): 0.95})
    assert found[0, 1]["match_probability"] == pytest.approx(
        4 / (5 + 4 * 0.05 + 19 * 0.2), abs=1e-5
    )


def test_a_link_of_the_record_is_no_rival(shared):
    found = shared({(0, 1): 0.999, (0, 2): 0.8})
    assert probabilities(found) == {(0, 1): 0.999, (0, 2): 0.8}


def test_rivals_never_make_a_pair_unlikely_enough_to_part_a_customer(shared):
    crowd = {(0, n): 0.98 for n in range(1, 40)}
    found = shared(crowd | {(0, 40): 0.06})
    assert found[0, 40]["match_probability"] == 0.01
