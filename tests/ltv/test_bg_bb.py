from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from joren.ltv.bg_bb import BG_BB, expected_orders, probability_alive
from joren.ltv.order_model import build
from joren.ltv.statistics import PurchaseStatistics, purchase_statistics
from joren.stats.inference import sample

DATA = Path(__file__).parents[1] / "data" / "ltv"
PUBLISHED = (1.204, 0.750, 0.657, 2.783)


@pytest.fixture(scope="module")
def donors() -> PurchaseStatistics:
    d = pd.read_csv(DATA / "bgbb_donations_22rows.csv")
    return purchase_statistics(d.frequency, d.recency, d.periods, d.weights)


def test_the_likelihood_is_highest_at_the_published_estimates(donors):
    assert donors.total == 11_104
    data = BG_BB.compress([donors]).values()

    def descent(logs):
        at = np.exp(logs)[:, None]
        value, gradient = BG_BB.kernel(at, *data)
        return -value / 1e4, -(gradient * at)[:, 0] / 1e4

    best = minimize(descent, np.zeros(4), jac=True, method="BFGS", options={"gtol": 1e-9})
    assert np.exp(best.x) == pytest.approx(PUBLISHED, abs=0.0006)
    assert -best.fun * 1e4 == pytest.approx(-33225.58, abs=0.01)


def test_the_posterior_agrees_with_the_published_estimates(donors):
    posterior = sample(build(BG_BB, [donors]), BG_BB.parameters, "laplace", 500, 4, seed=1)
    assert (np.abs(posterior.mean() - PUBLISHED) < posterior.sd()).all()
    assert posterior.problems() == []


def test_all_histories_of_four_occasions_are_certain_together():
    histories = [[(h >> i) & 1 for i in range(4)] for h in range(16)]
    x = [sum(h) for h in histories]
    t = [max((i + 1 for i in range(4) if h[i]), default=0) for h in histories]
    rows = purchase_statistics(x, t, [4] * 16)
    chances = np.exp(BG_BB.pointwise(rows, np.array([PUBLISHED]))[0])
    assert chances @ rows.customers == pytest.approx(1, rel=1e-12)


def test_the_gradient_is_that_of_the_likelihood(donors):
    data = BG_BB.compress([donors, donors]).values()
    at = np.array([PUBLISHED, (0.4, 2.0, 1.0, 1.5)]).T.copy()
    gradient = BG_BB.kernel(at, *data)[1]
    for place in np.ndindex(at.shape):
        step = np.zeros_like(at)
        step[place] = 1e-5
        rise = BG_BB.kernel(at + step, *data)[0] - BG_BB.kernel(at - step, *data)[0]
        assert gradient[place] == pytest.approx(rise / 2e-5, rel=1e-5, abs=1e-3)


def test_forecasts_agree_with_simulated_donors():
    alpha, beta, gamma, delta = PUBLISHED
    rng, n = np.random.default_rng(2), 2_000_000
    p, theta = rng.beta(alpha, beta, n), rng.beta(gamma, delta, n)
    lives = rng.geometric(np.clip(theta, 1e-12, 1)) - 1
    gave = (rng.random((n, 9)) < p[:, None]) & (np.arange(9) < lives[:, None])
    mine = (gave[:, :6] == np.array([1, 0, 1, 1, 0, 0], bool)).all(1)
    one, draws = purchase_statistics([3], [4], [6]), np.array([PUBLISHED])
    assert expected_orders(one, draws, 3)[0, 0] == pytest.approx(
        gave[mine][:, 6:].sum(1).mean(), rel=0.03
    )
    assert probability_alive(one, draws)[0, 0] == pytest.approx((lives[mine] > 6).mean(), rel=0.02)
