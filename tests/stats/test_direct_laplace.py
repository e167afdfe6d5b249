import numpy as np
import pytest

from joren.stats.direct_laplace import laplace


def _bent(points: np.ndarray) -> np.ndarray:
    """x ~ Normal(0, 1), y | x ~ Normal(x²/2, 1): sd of y is the root of 1.5, its mean ½."""
    x, y = points.T
    return -0.5 * (x**2 + (y - x**2 / 2) ** 2)


def test_the_moments_of_a_bent_density_are_found():
    found = laplace(_bent, ("x", "y"), 20_000, seed=1)

    assert found.mean() == pytest.approx([0, 0.5], abs=0.04)
    assert found.sd() == pytest.approx([1, np.sqrt(1.5)], rel=0.04)
    assert not found.problems()


def test_matching_the_proposal_to_its_draws_finds_what_the_mode_hides():
    """At its mode the density is as narrow as a needle; its mass lies in the wide part around."""

    def needle(points: np.ndarray) -> np.ndarray:
        square = (points**2).sum(1)
        return np.logaddexp(-0.5 * square, np.log(20) - 50 * square)

    found = laplace(needle, ("x", "y", "z"), 8_000, seed=1)

    narrow = 20 * 0.01**1.5
    assert found.sd() == pytest.approx(np.sqrt((1 + narrow * 0.01) / (1 + narrow)), rel=0.05)
    assert not found.problems()


def test_the_same_seed_gives_the_same_draws():
    first, second = (laplace(_bent, ("x", "y"), 500, seed=4) for _turn in range(2))
    assert np.array_equal(first.draws, second.draws)


def test_a_density_without_a_mode_has_no_posterior():
    assert laplace(lambda points: points[:, 0], ("x",), 100, seed=1) is None
