import numpy as np
import pytest
from scipy import stats

from joren.errors import JorenError
from joren.stats.pooling import pool

EFFECTS = [0.28, 0.08, -0.03, 0.07, -0.01, 0.01, 0.18, 0.12]
ERRORS = [0.15, 0.10, 0.16, 0.11, 0.09, 0.11, 0.10, 0.18]


@pytest.mark.parametrize("prior", ["half_normal", "half_t"])
def test_the_grid_is_the_posterior_by_brute_force(prior):
    rng, n = np.random.default_rng(1), 400_000
    draw = stats.norm if prior == "half_normal" else stats.t(3)
    tau = np.abs(draw.rvs(size=n, random_state=rng)) * 0.2
    mu = rng.normal(0, 0.5, n)
    sd = np.sqrt(np.square(ERRORS)[:, None] + tau**2)
    logs = stats.norm.logpdf(np.array(EFFECTS)[:, None], mu, sd).sum(axis=0)
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    found = pool(EFFECTS, ERRORS, 0.9, prior)
    assert found.mean.value == pytest.approx(weights @ mu, abs=0.003)
    assert found.tau.value == pytest.approx(weights @ tau, abs=0.003)
    spread = np.sqrt(weights @ (mu - weights @ mu) ** 2)
    assert found.mean.se == pytest.approx(spread, rel=0.02)
    following = mu + tau * rng.standard_normal(n)
    order = np.argsort(following)
    at = np.searchsorted(np.cumsum(weights[order]), [0.05, 0.95])
    np.testing.assert_allclose(
        [found.next.lower, found.next.upper], following[order][at], atol=0.01
    )


def test_the_winner_is_drawn_towards_the_others_and_the_vaguest_the_most():
    found = pool(EFFECTS, ERRORS, 0.9)
    for effect, error, shrunk in zip(EFFECTS, ERRORS, found.effects, strict=True):
        assert abs(shrunk.value - found.mean.value) <= abs(effect - found.mean.value) + 0.02
        assert shrunk.se < error
    assert found.effects[0].value < 0.5 * EFFECTS[0]
    assert found.next.se > found.mean.se


def test_effects_told_apart_for_certain_keep_their_place():
    found = pool([0.1, 0.4, -0.3], [1e-4] * 3, 0.9)
    np.testing.assert_allclose([e.value for e in found.effects], [0.1, 0.4, -0.3], atol=1e-5)
    np.testing.assert_allclose(found.p_better, [1, 1, 0], atol=1e-9)


def test_without_past_campaigns_the_next_has_the_prior():
    found = pool([], [], 0.9)
    assert found.mean.value == pytest.approx(0, abs=1e-9)
    assert found.mean.se == pytest.approx(0.5, rel=1e-6)
    assert found.tau.value == pytest.approx(0.2 * np.sqrt(2 / np.pi), rel=1e-4)
    assert found.effects == ()


def test_shrunk_effects_hold_the_truth_as_often_as_they_say_also_that_of_the_winner():
    rng, held, raw = np.random.default_rng(2), 0, 0
    for _ in range(120):
        true = rng.normal(0.1, 0.1) + 0.08 * rng.standard_normal(10)
        errors = rng.uniform(0.05, 0.2, 10)
        seen = rng.normal(true, errors)
        best = int(seen.argmax())
        interval = pool(seen, errors, 0.9).effects[best]
        held += interval.lower <= true[best] <= interval.upper
        raw += abs(seen[best] - true[best]) <= 1.645 * errors[best]
    assert 0.84 <= held / 120 <= 0.97
    assert raw / 120 < 0.8


@pytest.mark.parametrize(("effects", "errors"), [([0.1], [0.0]), ([np.nan], [0.1]), ([1.0], [])])
def test_an_effect_without_its_error_is_refused(effects, errors):
    with pytest.raises(JorenError):
        pool(effects, errors, 0.9)
