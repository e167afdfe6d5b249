import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.special import hyp2f1

from joren.ltv import pareto_future as future
from joren.params import project_root

PUBLISHED = (0.553, 10.578, 0.606, 11.669)
CDNOW = project_root() / "tests" / "data" / "ltv" / "cdnow_customers_summary.csv"
CUSTOMERS = [
    (0, 0, 104),
    (1, 0.5, 104),
    (5, 30, 31),
    (60, 100, 101),
    (900, 103, 104),
    (30, 30, 730),
]


def given_alive(parameters, x, age, horizon) -> np.ndarray:
    """P(N >= 1), E[N], E[N²]."""
    ages, horizons = np.array([float(age)]), np.array([float(horizon)])
    return future.moments(
        np.array([parameters]), float(x), ages, horizons, len(horizons), np.empty(1)
    )[0, 0, 0, 0]


def alive(parameters, x, recency, age) -> np.ndarray:
    both = np.stack([np.atleast_1d(np.asarray(v, float)) for v in (recency, age)])
    times, at = np.unique(both, return_inverse=True)
    ready = np.array([parameters], float)
    known = future.at_times(ready, float(x), times)
    return future.alive(ready, float(x), times, known, *at)[:, 0, 0]


@pytest.mark.parametrize("parameters", [PUBLISHED, (2.0, 5.0, 0.3, 80.0), (1.0, 300.0, 1.0, 2.0)])
@pytest.mark.parametrize(("x", "recency", "age"), CUSTOMERS)
def test_p_alive_is_the_integral_over_the_time_of_stopping(parameters, x, recency, age):
    r, alpha, s, beta = parameters

    def stopped(u):
        return ((alpha + age) / (alpha + u)) ** (r + x) * (
            (beta + age) / (beta + u)
        ) ** s / (beta + u)  # fmt: skip

    odds = s * quad(stopped, recency, age, epsabs=0, epsrel=1e-11, limit=500)[0]
    assert alive(parameters, x, recency, age)[0] == pytest.approx(1 / (1 + odds), rel=1e-8)


def test_p_alive_is_the_papers_hypergeometric_form():
    r, alpha, s, beta = PUBLISHED  # alpha < beta: the second of the paper's two cases
    x, recency, age = 2, 30.43, 38.86

    def term(u):
        f = hyp2f1(r + s + x, r + x, r + s + x + 1, (beta - alpha) / (beta + u))
        return f / (beta + u) ** (r + s + x)

    a0 = term(recency) - term(age)
    odds = s / (r + s + x) * (alpha + age) ** (r + x) * (beta + age) ** s * a0
    assert alive(PUBLISHED, x, recency, age)[0] == pytest.approx(1 / (1 + odds), rel=1e-9)


def test_customers_together_are_what_each_is_alone():
    recency, age = np.array([0.0, 10, 90, 90]), np.array([100.0, 80, 90, 400])
    together = alive(PUBLISHED, 3, recency, age)
    alone = [alive(PUBLISHED, 3, t, T)[0] for t, T in zip(recency, age, strict=True)]
    np.testing.assert_allclose(together, alone, rtol=1e-9)
    assert together[2] == 1


def test_long_silence_is_death_without_overflow():
    assert 0 < alive(PUBLISHED, 900, 10, 5000)[0] < 1e-200


@pytest.mark.parametrize("s", [0.3, 1.0, 1 + 1e-9, 2.0, 5.0])
@pytest.mark.parametrize("x", [0, 5, 300])
def test_moments_are_integrals_over_the_lifetime_ahead(s, x):
    r, alpha, beta, T, h = 0.6, 10.0, 40.0, 104.0, 39.0
    R, A, B = r + x, alpha + T, beta + T
    some, mean, square = given_alive((r, alpha, s, beta), x, T, h)

    def integral(weight):
        return quad(lambda u: weight(u) * (1 + u / B) ** -s, 0, h, epsrel=1e-11, points=(0.1, 1))[0]

    assert some == pytest.approx(integral(lambda u: R / A * (1 + u / A) ** -(R + 1)), rel=1e-8)
    assert mean == pytest.approx(R / A * integral(lambda u: 1), rel=1e-8)
    pairs = R * (R + 1) / A**2 * integral(lambda u: 2 * u)
    assert square == pytest.approx(mean + pairs, rel=1e-8)


def test_the_expectation_is_the_published_closed_form():
    r, alpha, s, beta = PUBLISHED
    x, T, t = 2, 38.86, 39
    paper = (r + x) * (beta + T) / ((alpha + T) * (s - 1))
    paper *= 1 - ((beta + T) / (beta + T + t)) ** (s - 1)
    assert given_alive(PUBLISHED, x, T, t)[1] == pytest.approx(paper, rel=1e-12)


@pytest.mark.parametrize("x", [0, 2, 60])
def test_tails_sum_to_the_moments(x):
    ages, scratch = np.array([104.0]), np.empty(2000)
    tails = future.tails(np.array([PUBLISHED]), float(x), ages, 39.0, 2000, scratch)[0, 0, 0]
    some, mean, square = given_alive(PUBLISHED, x, 104, 39)
    assert tails[0] == pytest.approx(some, rel=1e-8)
    assert tails.sum() == pytest.approx(mean, rel=1e-9)
    assert tails @ (2 * np.arange(len(tails)) + 1) == pytest.approx(square, rel=1e-8)


def test_the_tail_is_the_distribution_of_simulated_futures():
    r, alpha, s, beta = 0.6, 40.0, 0.7, 60.0
    x, T, h, n = 4, 200.0, 150.0, 400_000
    rng = np.random.default_rng(1)
    lifetime = rng.exponential(1 / rng.gamma(s, 1 / (beta + T), n))
    orders = rng.poisson(rng.gamma(r + x, 1 / (alpha + T), n) * np.minimum(lifetime, h))
    parameters = np.array([[r, alpha, s, beta]])
    tails = future.tails(parameters, float(x), np.array([T]), h, 500, np.empty(500))[0, 0, 0]
    for k in (1, 2, 3, 6, 10):
        assert tails[k - 1] == pytest.approx((orders >= k).mean(), abs=0.003)


def test_cdnows_holdout_total_is_the_published_one():
    total = 0.0
    for x, customers in pd.read_csv(CDNOW).groupby("frequency"):
        age = customers["T"].to_numpy()
        means = [given_alive(PUBLISHED, x, T, 39)[1] for T in np.unique(age)]
        of_row = np.unique(age, return_inverse=True)[1]
        total += alive(PUBLISHED, x, customers.recency, age) @ np.array(means)[of_row]
    assert total == pytest.approx(1666, abs=1)
