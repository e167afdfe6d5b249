import numpy as np
import pytest
from scipy.special import hyp2f1

from joren.ltv.bg_nbd_future import fill_tail, moments, probability_alive, scratch

PUBLISHED = (0.243, 4.414, 0.793, 2.426)


def test_expected_orders_are_the_published_ones():
    none, mean, _ = moments(*PUBLISHED, 2, 38.86, 39.0, scratch())
    alive = probability_alive(*PUBLISHED, 2, 30.43, 38.86)
    assert alive * mean == pytest.approx(1.226, abs=5e-4)
    assert 0 < none < 1


@pytest.mark.parametrize("x", [0, 1, 7, 40])
@pytest.mark.parametrize("a", [0.3, 0.999, 1.7])
def test_expected_orders_equal_the_hypergeometric_form_away_from_a_of_one(x, a):
    r, alpha, b, T, t = 0.4, 30.0, 2.0, 300.0, 180.0
    z = t / (alpha + T + t)
    paper = (
        (a + b + x - 1)
        / (a - 1)
        * (1 - ((alpha + T) / (alpha + T + t)) ** (r + x) * hyp2f1(r + x, b + x, a + b + x - 1, z))
    )
    # near a = 1 the paper's form is a difference of nearly equal numbers over nearly zero
    assert moments(r, alpha, a, b, x, T, t, scratch())[1] == pytest.approx(paper, rel=1e-7)


def test_a_of_exactly_one_lies_between_its_neighbours():
    def mean(a: float) -> float:
        return moments(0.4, 30.0, a, 2.0, 3, 300.0, 180.0, scratch())[1]

    assert mean(1 + 1e-6) < mean(1.0) < mean(1 - 1e-6)


def test_the_tail_is_the_distribution_of_simulated_futures():
    r, alpha, a, b = 0.5, 40.0, 0.8, 2.5
    x, T, horizon, n = 4, 200.0, 150.0, 400_000
    rng = np.random.default_rng(1)
    orders = rng.poisson(rng.gamma(r + x, 1 / (alpha + T), n) * horizon)
    last = rng.geometric(np.clip(rng.beta(a, b + x, n), 1e-12, 1))
    futures = np.minimum(orders, last)
    tail = scratch()
    filled = fill_tail(r, alpha, a, b, x, T, horizon, tail)
    for k in (1, 2, 3, 6, 10):
        assert tail[k - 1] == pytest.approx((futures >= k).mean(), abs=0.003)
    assert filled < 200
    none, mean, square = moments(r, alpha, a, b, x, T, horizon, tail)
    assert none == pytest.approx((futures == 0).mean(), abs=0.003)
    assert mean == pytest.approx(futures.mean(), rel=0.005)
    assert square == pytest.approx((futures**2).mean(), rel=0.015)


def test_five_thousand_orders_neither_overflow_nor_vanish():
    none, mean, square = moments(0.24, 30.0, 1e-9, 1.0, 5000, 700.0, 90.0, scratch())
    assert none == pytest.approx(0, abs=1e-12)
    assert mean == pytest.approx(5000.24 * 90 / 730, rel=1e-5)
    assert square >= mean**2


def test_a_one_time_buyer_is_alive_by_assumption_and_long_silence_is_death():
    assert probability_alive(*PUBLISHED, 0, 0.0, 5000.0) == 1
    assert probability_alive(*PUBLISHED, 900, 10.0, 5000.0) == 0
