from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.special import gammaln

from joren.ltv.pareto_nbd import PARETO_NBD, log_integral
from joren.ltv.statistics import purchase_statistics

DATA = Path(__file__).parents[1] / "data" / "ltv"
PUBLISHED = (0.553, 10.578, 0.606, 11.669)


def test_the_likelihood_is_the_published_one():
    c = pd.read_csv(DATA / "cdnow_customers_summary.csv")
    weeks = purchase_statistics(c.frequency, c.recency, c["T"])
    assert PARETO_NBD.log_likelihood(weeks, *PUBLISHED) == pytest.approx(-9594.97, abs=0.01)
    rows = PARETO_NBD.pointwise(weeks, np.array([PUBLISHED]))[0]
    assert rows @ weeks.customers == pytest.approx(-9594.974, abs=0.001)


@pytest.mark.parametrize("parameters", [PUBLISHED, (2.0, 5.0, 0.3, 80.0), (1.0, 40.0, 5.0, 3.0)])
@pytest.mark.parametrize(
    ("x", "t", "age"), [(0, 0.0, 104.0), (1, 0.5, 104.0), (5, 30.0, 31.0), (60, 100.0, 101.0)]
)
def test_the_likelihood_is_what_the_assumptions_say(x, t, age, parameters):
    r, alpha, s, beta = parameters

    def end_of_life(u):
        return s * (alpha + u) ** -(r + x) * (beta + u) ** -(s + 1) * (alpha + t) ** (r + x)

    survived = (beta + age) ** -s * ((alpha + t) / (alpha + age)) ** (r + x)
    bracket = survived + quad(end_of_life, t, age, epsabs=0, epsrel=1e-12)[0]
    expected = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    expected += np.log(bracket) - (r + x) * np.log(alpha + t)
    one = purchase_statistics([x], [t], [age])
    assert PARETO_NBD.log_likelihood(one, *parameters) == pytest.approx(expected, abs=1e-7)


def test_the_integral_is_exact_over_a_long_time_and_for_a_thousand_orders():
    slopes = np.empty(4)
    k, s, alpha, start, end = 1000.6, -0.3, 20.0, 3.0, 900.0
    # with β = α the integral has a closed form; what is beyond `end` is nought
    closed = -(k + s) * np.log(alpha + start) - np.log(k + s)
    found = log_integral(k, alpha, s, alpha, start, end, slopes)
    assert found == pytest.approx(closed, rel=1e-9)


def test_the_gradient_is_that_of_the_likelihood_in_every_group():
    groups = [
        purchase_statistics([0, 2, 2, 7], [0, 20, 25, 60], [50, 40, 90, 60]),
        purchase_statistics([0, 1], [0, 9], [30, 90], [2, 5]),
    ]
    data = PARETO_NBD.compress(groups).values()
    at = np.array([[0.6, 0.3], [20.0, 35.0], [0.9, 1.4], [25.0, 10.0]])
    gradient = PARETO_NBD.kernel(at, *data)[1]
    for place in np.ndindex(at.shape):
        step = np.zeros_like(at)
        step[place] = 1e-5 * at[place]
        rise = PARETO_NBD.kernel(at + step, *data)[0] - PARETO_NBD.kernel(at - step, *data)[0]
        assert gradient[place] == pytest.approx(rise / (2 * step[place]), rel=1e-5, abs=1e-7)


@pytest.mark.parametrize(
    "customers", [([0], [0], [0]), ([1500], [700], [700]), ([0, 0], [0, 0], [5, 9])]
)
def test_the_likelihood_is_finite_at_the_edges(customers):
    value, gradient = PARETO_NBD.kernel(
        np.array(PUBLISHED)[:, None],
        *PARETO_NBD.compress([purchase_statistics(*customers)]).values(),
    )
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()
