import numpy as np
import pytest

from joren.churn.levels import FACTORS
from joren.churn.risk import Cells, risk_cells


@pytest.fixture
def cells(con):
    """Cells of (course, waived, orders made, cause of a settled end or None, how many)."""

    def make(*groups: tuple) -> Cells:
        import ibis

        rows = [
            {
                "course": course, "first_channel": "ec", "cohort": "0", "cycle": "usual",
                "waived": waived, "made": made, "settled": cause is not None, "cause": cause,
            }
            for course, waived, made, cause, n in groups
            for _one in range(n)
        ]  # fmt: skip
        schema = dict.fromkeys(("course", *FACTORS, "cause"), "string")
        schema |= {"waived": "int64", "made": "int64", "settled": "boolean"}
        return risk_cells(ibis.memtable(rows, schema=schema))

    return make


def test_whoever_came_to_a_decision_was_at_risk(cells):
    found = cells(("a", 0, 3, None, 5), ("a", 0, 2, "voluntary", 2), ("a", 0, 1, "payment", 1))

    assert found.places.decision.tolist() == [1, 2]
    assert found.at_risk.tolist() == [8, 7]  # the third decision of the five is still open
    assert found.ends["voluntary"].tolist() == [0, 2]
    assert found.ends["payment"].tolist() == [1, 0]


def test_causes_are_charged_one_after_the_other(cells):
    found = cells(
        ("a", 0, 2, None, 10), ("a", 0, 1, "voluntary", 3), ("a", 0, 1, "other", 2),
        ("a", 0, 1, "payment", 1),
    )  # fmt: skip

    exposed = {cause: found.exposed(cause).tolist() for cause in found.ends}
    assert exposed == {"voluntary": [16], "other": [13], "payment": [11]}


def test_nobody_leaves_of_her_own_will_inside_the_commitment(cells):
    found = cells(("a", 2, 4, None, 10), ("a", 2, 1, "payment", 1), ("a", 2, 3, "voluntary", 4))

    assert found.exposed("voluntary").tolist() == [0, 0, 14]
    assert found.exposed("payment").tolist() == [15, 14, 10]


def test_a_first_order_still_open_is_at_no_risk(cells):
    found = cells(("a", 0, 1, None, 7), ("b", 0, 2, None, 1))

    assert found.at_risk.tolist() == [1]
    assert found.categories.courses == ("a", "b")


def test_places_are_counted_apart_by_course_and_ranked_by_size(cells):
    found = cells(("a", 0, 2, None, 3), ("b", 0, 2, None, 9))

    assert found.by_size() == ["b", "a"]
    assert found.at_risk[found.places.course == 1].tolist() == [9]


def test_the_spots_lead_back_to_the_places(client):
    places = client.fit.cells.places
    apart, spot = places.spots

    assert len(apart.decision) < len(places.decision)
    for name in ("course", "waived", "decision"):
        assert np.array_equal(getattr(apart, name)[spot], getattr(places, name))


def test_cells_of_a_client_hold_every_settled_end(client):
    settled = client.tenure.filter(client.tenure.settled).cause.to_pyarrow().to_pylist()

    for cause, counts in client.fit.cells.ends.items():
        assert counts.sum() == settled.count(cause)
