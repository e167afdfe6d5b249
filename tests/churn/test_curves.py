import numpy as np
import pytest

from joren.churn.curves import LONGEST_CURVE, continuation, ends_by_order, payment_share
from joren.churn.risk import Categories, Cells, Places
from joren.simulate.catalogue import COURSES
from joren.simulate.subscriptions import PAYMENT_FAILS


def _cells(at_risk: list[float], left: list[float], failed: list[float]) -> Cells:
    zeros = np.zeros(len(at_risk), int)
    levels = {"first_channel": ("ec",), "cohort": ("0",), "cycle": ("usual",)}
    places = Places(zeros, dict.fromkeys(levels, zeros), zeros + 0.0, 1.0 + np.arange(len(at_risk)))
    counts = {"voluntary": left, "other": [0.0] * len(left), "payment": failed}
    return Cells(
        Categories(("tea",), levels), places, np.array(at_risk),
        {cause: np.array(ends) for cause, ends in counts.items()},
    )  # fmt: skip


def test_what_was_seen_is_the_kaplan_meier_share_while_enough_are_at_risk(client):
    curves = continuation(client.fit.cells, client.fit.draws(50), 0.9)
    cells = client.fit.cells
    for code, course in enumerate(cells.categories.courses):
        of = curves[curves.course == course].set_index("order")
        first = (cells.places.course == code) & (cells.places.decision == 1)
        ended = sum(ends[first].sum() for ends in cells.ends.values())
        assert of.observed[1] == 1
        assert of.observed[2] == pytest.approx(1 - ended / cells.at_risk[first].sum())
        assert len(of) == LONGEST_CURVE


def test_the_band_holds_the_simulators_own_curve(client):
    curves = continuation(client.fit.cells, client.fit.draws(200), 0.99)
    for code, course in enumerate(client.fit.cells.categories.courses):
        of = curves[curves.course == course].set_index("order")
        true = COURSES[code]
        rng = np.random.default_rng(2)
        theta = rng.beta(true.a, true.b, 200_000)
        for order in (4, 8, 16):
            free = max(order - true.commitment_orders, 0)
            reached = ((1 - theta) ** (free**true.c)).mean() * (1 - PAYMENT_FAILS) ** (order - 1)
            assert of.lower[order] <= reached <= of.upper[order], (course, order)


def test_seldom_seen_orders_have_no_observed_share():
    cells = _cells([40, 12, 9, 4], [10, 3, 2, 1], [0, 0, 0, 0])
    draws = {"voluntary": np.zeros((3, 2)), "other": np.zeros((2, 2)), "payment": np.zeros((2, 2))}
    of = continuation(cells, draws, 0.9).set_index("order")

    assert of.observed[[1, 2, 3]].tolist() == [1, 0.75, 0.5625]
    assert of.observed[4:].isna().all()
    assert of.n[[1, 2, 3, 4]].tolist() == [40, 40, 12, 9]


def test_ends_are_told_apart_by_order_and_cause():
    found = ends_by_order(_cells([100, 80, 60, 50, 40], [10, 8, 3, 2, 0], [10, 0, 0, 1, 1]), 0.9)

    assert found["first"].tolist() == [1, 2, 3, 4]
    assert found.n.tolist() == [100, 80, 60, 90]
    assert found.leaves.tolist() == pytest.approx([0.1, 0.1, 0.05, 2 / 90])
    assert found.fails.tolist() == pytest.approx([10 / 90, 0, 0, 2 / 88])
    assert (found.leaves_lower < found.leaves).all()
    assert payment_share(_cells([100], [10], [30]), 0.9).value == 0.75
