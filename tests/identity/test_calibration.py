"""Probabilities that hold on the records, families told from persons, and the threshold."""

import pyarrow as pa
import pytest

from joren.engine import connect
from joren.identity.calibration import (
    OVERRULES_FROM,
    calibrate,
    link_threshold,
)
from joren.identity.model import Scored

AGREEMENT = {
    "given": {1: (0.95, 0.002), 0: (0.05, 0.998)},
    "family": {1: (0.97, 0.004), 0: (0.03, 0.996)},
    "birth": {1: (0.96, 0.0002), 0: (0.04, 0.9998)},
    "phone": {1: (0.8, 0.0001), 0: (0.2, 0.9999)},
}
FIELDS = tuple(AGREEMENT)


@pytest.fixture
def calibrated():
    """A function: pairs as (weight, {field: level}, how many) → probability of each kind."""

    def run(*kinds: tuple[float, dict, int], records: int = 1000, prior: float = 1e-3):
        con = connect()
        rows = [
            {"left": n, "right": n + 1, "weight": weight, "kind": kind}
            | {f"level_{field}": levels.get(field, -1) for field in FIELDS}
            for kind, (weight, levels, count) in enumerate(kinds)
            for n in range(count)
        ]
        pairs = con.create_table("scored", pa.Table.from_pylist(rows))
        scored = Scored(pairs, FIELDS, AGREEMENT, prior, {})
        found = calibrate(con, scored, records)
        by_kind = found.pairs.group_by("kind").agg(p=found.pairs.match_probability.mean())
        return by_kind.order_by("kind").p.to_pyarrow().to_pylist(), found

    return run


def test_the_prior_moves_to_the_share_of_matches_found(calibrated):
    sure = {"given": 1, "family": 1, "birth": 1}
    (p, doubtful), found = calibrated((30.0, sure, 4000), (0.0, {"family": 0}, 10))
    assert p > 0.999
    assert found.matches == pytest.approx(4000, rel=0.01)
    # 4,000 matches among 499,500 pairs, eight times the prior the weights were made with
    assert doubtful == pytest.approx(8 / 9, abs=0.01)


def test_twins_on_one_phone_are_two_people(calibrated):
    family = {"phone": 1, "family": 1, "given": 0, "birth": 0}
    person = {"phone": 1, "family": 1, "given": 1, "birth": 1}
    twins = {"phone": 1, "family": 1, "given": 0, "birth": 1}
    kinds = (15.0, family, 200), (30.0, person, 200), (25.0, twins, 1)
    (_, same, born_together), _ = calibrated(*kinds)
    assert same > 0.99
    assert born_together < OVERRULES_FROM


def test_where_no_families_show_a_replaced_given_name_is_a_slip(calibrated):
    person = {"phone": 1, "family": 1, "given": 1, "birth": 1}
    slip = {"phone": 1, "family": 1, "given": 0, "birth": 1}
    (_, replaced), _ = calibrated((30.0, person, 2000), (25.0, slip, 100))
    assert replaced > 0.98


@pytest.fixture
def threshold_of():
    def run(pairs: list[float], ruled: list[float], precision: float) -> float:
        con = connect()
        tables = [
            con.create_table(name, pa.table({"match_probability": pa.array(p, pa.float64())}))
            for name, p in (("open_pairs", pairs), ("ruled", ruled))
        ]
        return link_threshold(*tables, precision)

    return run


def test_the_threshold_falls_as_far_as_the_links_stay_as_right_as_asked(threshold_of):
    pairs = [0.999] * 90 + [0.95] * 10 + [0.91] * 100
    assert threshold_of(pairs, [], 0.99) == pytest.approx(0.95)
    assert threshold_of(pairs, [], 0.998) == pytest.approx(0.999)


def test_surer_rules_leave_room_but_no_link_is_likelier_wrong_than_one_in_ten(threshold_of):
    pairs = [0.92] * 10 + [0.6] * 10
    assert threshold_of(pairs, [0.999] * 1000, 0.99) == pytest.approx(0.92)


def test_without_likely_pairs_nothing_is_linked(threshold_of):
    assert threshold_of([0.2, 0.4], [], 0.99) == 1.0
