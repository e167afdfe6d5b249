from dataclasses import replace

import numpy as np
import pymc as pm
import pytest
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
