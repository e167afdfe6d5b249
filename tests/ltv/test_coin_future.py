import numpy as np
import pytest
from scipy.special import hyp2f1

from joren.ltv import coin_future as future
from joren.ltv.order_models import ORDER_MODELS

BG, MBG = ORDER_MODELS["bg_nbd"], ORDER_MODELS["mbg_nbd"]
PUBLISHED = (0.243, 4.414, 0.793, 2.426)


def prepared(model, parameters) -> np.ndarray:
    return future.prepare(model, np.array([parameters], float))


def given_alive(model, parameters, x, age, horizon) -> np.ndarray:
    """(stages, 3): P(N >= 1), E[N], E[N²]."""
    ages, horizons = np.array([float(age)]), np.array([float(horizon)])
    found = future.moments(
        prepared(model, parameters), float(x), ages, horizons, len(horizons), np.empty(100_000)
    )
    return found[0, :, 0, 0]


def alive(model, parameters, x, recency, age) -> np.ndarray:
    """(stages,) P(alive and that many stages passed)."""
    ready, times = prepared(model, parameters), np.array([recency, age], float)
    known = future.at_times(ready, float(x), times)
    return future.alive(ready, float(x), times, known, np.array([0]), np.array([1]))[0, :, 0]


def simulated(stages, parameters, age, horizon, n, seed=1):
    """Frequency, recency, whether alive and orders ahead of n customers; the first toss counts."""
    r, alpha, a, b = parameters
    rng = np.random.default_rng(seed)
    rate, p = rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n)
    x, recency, ahead = np.zeros(n, int), np.zeros(n), np.zeros(n, int)
    is_alive, now = rng.random(n) >= p, np.zeros(n)
    goes_on = np.flatnonzero(is_alive)
    while len(goes_on):
        now[goes_on] += rng.gamma(stages, 1 / rate[goes_on])
        goes_on = goes_on[now[goes_on] <= age + horizon]
        past = goes_on[now[goes_on] <= age]
        x[past] += 1
        recency[past] = now[past]
        ahead[goes_on] += now[goes_on] > age
        stops = rng.random(len(goes_on)) < p[goes_on]
        is_alive[goes_on[stops & (now[goes_on] <= age)]] = False
        goes_on = goes_on[~stops]
    return x, recency, is_alive, ahead


def test_expected_orders_of_bg_nbd_are_the_published_ones():
    mean = alive(BG, PUBLISHED, 2, 30.43, 38.86) @ given_alive(BG, PUBLISHED, 2, 38.86, 39)[:, 1]
    assert mean == pytest.approx(1.226, abs=5e-4)


@pytest.mark.parametrize("x", [0, 1, 7, 40])
@pytest.mark.parametrize("a", [0.3, 0.999, 1.7])
def test_expected_orders_equal_the_hypergeometric_form_away_from_a_of_one(x, a):
    r, alpha, b, T, t = 0.4, 30.0, 2.0, 300.0, 180.0
    z = t / (alpha + T + t)

    def paper(b):
        power = ((alpha + T) / (alpha + T + t)) ** (r + x)
        lost = power * hyp2f1(r + x, b + x, a + b + x - 1, z)
        return (a + b + x - 1) / (a - 1) * (1 - lost)

    # near a = 1 the paper's form is a difference of nearly equal numbers over nearly zero
    for model, b_alive in ((BG, b), (MBG, b + 1)):
        mean = given_alive(model, (r, alpha, a, b), x, T, t)[0, 1]
        assert mean == pytest.approx(paper(b_alive), rel=1e-7)


def test_a_of_exactly_one_lies_between_its_neighbours():
    below, at, above = (given_alive(BG, (0.4, 30, a, 2), 3, 300, 180)[0, 1] for a in (
        1 - 1e-6, 1.0, 1 + 1e-6,
    ))  # fmt: skip
    assert above < at < below


@pytest.mark.parametrize(("x", "recency"), [(0, 0), (1, 60), (9, 200)])
def test_p_alive_of_mbg_nbd_is_batislams(x, recency):
    r, alpha, a, b = 0.525, 43.3, 0.891, 1.614
    paper = 1 / (1 + a / (b + x) * ((alpha + 300) / (alpha + recency)) ** (r + x))
    assert alive(MBG, (r, alpha, a, b), x, recency, 300)[0] == pytest.approx(paper, rel=1e-12)


def test_cnbd_of_one_stage_is_mbg():
    from dataclasses import replace

    parameters = (0.5, 40, 0.8, 2.5)
    one = replace(ORDER_MODELS["mbg_cnbd_2"], name="mbg_cnbd_1", stages=1)
    np.testing.assert_array_equal(
        given_alive(one, parameters, 4, 300, 90), given_alive(MBG, parameters, 4, 300, 90)
    )
    assert alive(one, parameters, 4, 200, 300) == alive(MBG, parameters, 4, 200, 300)


@pytest.mark.parametrize("stages", [2, 3])
def test_regular_buyers_forecast_is_that_of_simulated_customers(stages):
    model, parameters = ORDER_MODELS[f"mbg_cnbd_{stages}"], (0.8, 5.0, 0.8, 2.0)
    x, recency, is_alive, ahead = simulated(stages, parameters, 40, 30, 1_500_000)
    for frequency, low, high in ((0, -1, 1), (1, 18, 22), (2, 28, 32)):
        like = (x == frequency) & (recency >= low) & (recency <= high)
        n, now = like.sum(), alive(model, parameters, frequency, max((low + high) / 2, 0), 40)
        some, mean, square = now @ given_alive(model, parameters, frequency, 40, 30)
        assert now.sum() == pytest.approx(is_alive[like].mean(), abs=4 * 0.5 / n**0.5)
        assert some == pytest.approx((ahead[like] > 0).mean(), abs=4 * 0.5 / n**0.5)
        assert mean == pytest.approx(ahead[like].mean(), abs=5 * ahead[like].std() / n**0.5)
        assert square == pytest.approx((ahead[like] ** 2).mean(), rel=0.05)


def test_tails_sum_to_the_moments():
    parameters = (0.5, 40, 0.8, 2.5)
    for name in ("bg_nbd", "mbg_cnbd_3"):
        model = ORDER_MODELS[name]
        ages, scratch = np.array([200.0]), np.empty(1000)
        tails = future.tails(prepared(model, parameters), 4.0, ages, 150.0, 500, scratch)[0, :, 0]
        n = np.arange(tails.shape[1])
        some, mean, square = given_alive(model, parameters, 4, 200, 150).T
        np.testing.assert_array_equal(tails[:, 0], some)
        np.testing.assert_allclose(tails.sum(1), mean, rtol=1e-9)
        np.testing.assert_allclose(tails @ (2 * n + 1), square, rtol=1e-7)
        assert tails.shape[1] < 300


def test_five_thousand_orders_neither_overflow_nor_vanish():
    some, mean, square = given_alive(BG, (0.24, 30, 1e-9, 1), 5000, 700, 90)[0]
    assert some == pytest.approx(1, abs=1e-12)
    assert mean == pytest.approx(5000.24 * 90 / 730, rel=1e-5)
    assert square >= mean**2


def test_a_one_time_buyer_is_alive_by_assumption_in_bg_and_not_in_mbg():
    assert alive(BG, PUBLISHED, 0, 0, 5000)[0] == 1
    assert alive(MBG, PUBLISHED, 0, 0, 5000)[0] < 0.7


def test_long_silence_is_death_and_the_stages_still_have_proportions():
    assert 0 < alive(BG, PUBLISHED, 900, 10, 5000)[0] < 1e-200
    now = alive(ORDER_MODELS["mbg_cnbd_2"], PUBLISHED, 900, 10, 5000)
    assert 0 < now[0] < now[1] < 1e-200


def test_half_of_those_alive_order_within_the_median():
    for name in ("bg_nbd", "mbg_cnbd_3"):
        model, parameters = ORDER_MODELS[name], (0.5, 40, 0.8, 2.5)
        ratios = future.time_to_next(prepared(model, parameters), 4.0)[0]
        for stage, ratio in enumerate(ratios):
            within = given_alive(model, parameters, 4, 200, 240 * ratio)[stage, 0]
            assert within == pytest.approx(0.5, abs=1e-9)
