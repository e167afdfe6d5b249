import numpy as np
import pytest
from tests.points.triangles import simulated, triangle_of

from joren.points.breakage import build_model, cells_of, design_of, log_odds, log_posterior


@pytest.fixture(scope="module")
def cells():
    full = simulated(np.random.default_rng(7), months=10, ahead=0)
    short = triangle_of([[3, 1]] * 10, [40] * 10, "<=31d")
    return cells_of({"<=31d": short, "<=12m": full})


def test_cells_hold_what_was_at_risk_and_used_in_every_month(cells):
    found = cells_of({"<=12m": triangle_of([[10, 30], [5]], [100, 50])})

    assert found.at_risk.tolist() == [100, 90, 50]
    assert found.used.tolist() == [10, 30, 5]
    assert found.month.tolist() == [0, 1, 1]


def test_a_month_that_gives_points_back_counts_as_no_use():
    found = cells_of({"<=12m": triangle_of([[10, -5], [5]], [100, 50])})
    assert found.used.tolist() == [10, 0, 5]


def test_a_grant_month_out_of_the_ordinary_teaches_nothing():
    found = cells_of({"<=12m": triangle_of([[1, 1, 1], [500, 400], [1]], [20, 9_000, 20])})
    assert found.at_risk.max() == 20


def test_points_used_by_the_lot_scatter_as_wide_as_a_lot():
    """Lots of 50 points, each used whole or not at all: a variance of 50 times independent ones."""
    rng = np.random.default_rng(3)
    used = [[50 * int(n) for n in rng.binomial(60, 0.1, 24 - row)] for row in range(24)]
    single = cells_of({"<=12m": triangle_of(used, [3_000] * 24)})

    assert single.dispersion[0] == pytest.approx(50, rel=0.25)


def test_independent_points_count_for_themselves():
    rng = np.random.default_rng(4)
    used = [list(rng.binomial(300, 0.05, 24 - row)) for row in range(24)]
    assert cells_of({"<=12m": triangle_of(used, [9_000] * 24)}).dispersion[0] < 1.4


def test_a_class_beyond_the_ages_it_came_to_keeps_its_distance(cells):
    design = design_of(cells)
    theta = np.random.default_rng(1).standard_normal(len(design.coordinates))
    last = design.own[0] - 1
    bins = np.arange(last, design.bins)
    short, long = (
        log_odds(design.rows(np.full(len(bins), code), bins), design, theta) for code in (0, 1)
    )
    both = design.own[1] - 1
    assert (short - long)[-1] == pytest.approx((short - long)[both - last])


def test_the_density_is_that_of_the_pymc_model(cells):
    model = build_model(cells)
    draws = 0.3 * np.random.default_rng(2).standard_normal((len(design_of(cells).coordinates), 3))
    logp = model.compile_fn(model.logp(), mode="FAST_COMPILE")

    theirs = np.array([float(logp({"theta": draw})) for draw in draws.T])
    ours = log_posterior(cells, draws)
    assert np.diff(ours) == pytest.approx(np.diff(theirs), rel=1e-8)
