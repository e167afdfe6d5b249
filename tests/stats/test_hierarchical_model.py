from dataclasses import replace

import numpy as np
import pymc as pm
import pytest
from scipy.stats import gamma as gamma_law
from tests.stats.hillstrom import table

from joren.stats.hierarchical_model import (
    DATA,
    build_model,
    log_likelihood,
    mean_part,
    rate_part,
    size_part,
)
from joren.stats.moments import Moments

PARTS = {"rate": rate_part, "size": size_part, "mean": mean_part}


@pytest.mark.parametrize("kind", PARTS)
def test_the_numbers_are_the_likelihood_of_the_pymc_model(kind):
    part = PARTS[kind](table("spend"))
    model = build_model(part)
    wanted = [model["cells"], model["eta"], *([model["log_shape"]] if kind == "size" else [])]
    cells, eta, *shape = pm.draw(wanted, draws=5, random_seed=1, mode="FAST_COMPILE")
    found = log_likelihood(part, eta, np.exp(shape[0]) if shape else None)[0]
    np.testing.assert_allclose(found, cells, rtol=1e-9)


@pytest.mark.parametrize("kind", PARTS)
def test_slope_and_curvature_are_those_of_the_likelihood(kind):
    part = PARTS[kind](table("spend"))
    eta, shape = np.full((1, 8, 3), 0.3), np.array([1.7])
    _, slope, bend = log_likelihood(part, eta, shape)
    step = np.zeros_like(eta)
    step[0, 2, 1] = 1e-4
    up, middle, down = (log_likelihood(part, eta + s, shape)[0][0] for s in (step, 0, -step))
    assert slope[0, 2, 1] == pytest.approx((up - down) / 2e-4, rel=1e-5)
    assert bend[0, 2, 1] == pytest.approx(-(up - 2 * middle + down) / 1e-8, rel=1e-3)


@pytest.mark.parametrize("kind", ["size", "mean"])
def test_yen_and_dollars_are_one_part(kind):
    dollars, yen = (PARTS[kind](table("spend", rate)) for rate in (1, 150))
    assert yen.unit == pytest.approx(150 * dollars.unit)
    for name in DATA[kind]:
        np.testing.assert_allclose(getattr(yen, name), getattr(dollars, name), rtol=1e-9)


def test_a_mean_of_any_sign_has_a_unit_and_a_variance():
    cells = [[Moments(50, -100, 9000), Moments(40, 120, 7000)], [Moments(1, 3, 9), Moments(0)]]
    part = mean_part(cells)
    assert part.unit > 0
    assert (part.extra[:, 0] > 0).all()
    assert part.extra[1, 1] == 0
    np.testing.assert_allclose(part.value(part.total)[0], [-2, 3])


def test_amounts_that_never_vary_are_nearly_certain_and_stay_finite():
    part = mean_part([[Moments(5, 10, 20), Moments(5, 10, 20)]])
    assert np.isfinite(part.extra).all()
    assert replace(part, unit=1.0).extra.min() > 1e6


def test_buyers_whose_spend_varies_more_than_a_gammas_count_for_fewer():
    rng = np.random.default_rng(5)
    gamma, wide = rng.gamma(1.5, 1, (2, 4000)), np.exp(rng.normal(0, 1.4, (2, 4000)))
    counts, sure = [], []
    for spend in (gamma, wide):
        cells = [[
            Moments(5000, x.sum(), (x**2).sum(), 4000, x.sum(), np.log(x).sum()) for x in spend
        ]]  # fmt: skip
        counts.append(size_part(cells).n[0, 0] / 4000)
        shape = gamma_law.fit(spend.ravel(), floc=0)[0]
        sure.append(1 / (shape * spend.var() / spend.mean() ** 2))
    assert counts[0] > 0.97
    assert counts[1] < 0.6
    # the mean is as sure as its own standard error says
    assert counts[1] == pytest.approx(sure[1], rel=0.03)


def test_one_buyer_a_cell_counts_whole():
    part = size_part([[Moments(9, 2, 4, 1, 2, 0.69), Moments(9, 5, 25, 1, 5, 1.6)]])
    np.testing.assert_array_equal(part.n, 1.0)
