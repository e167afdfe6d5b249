import numpy as np
import pytest

from joren.ltv.mbg_nbd import MBG_NBD
from joren.ltv.pooling import Sampling, posteriors
from joren.ltv.statistics import PurchaseStatistics, purchase_statistics


def customers(alpha: float, n: int, seed: int) -> PurchaseStatistics:
    rng = np.random.default_rng(seed)
    age = rng.integers(30, 700, n).astype(float)
    gaps = rng.exponential(1 / rng.gamma(0.8, 1 / alpha, n)[:, None], (n, 300)).cumsum(1)
    lives = rng.geometric(np.clip(rng.beta(0.9, 2.5, n), 1e-9, 1)) - 1
    made = np.minimum((gaps <= age[:, None]).sum(1), lives)
    last = np.where(made > 0, gaps[np.arange(n), np.maximum(made - 1, 0)], 0.0)
    return purchase_statistics(made, last, age)


def log_sd(posterior) -> np.ndarray:
    logs = np.log(posterior.draws)
    return np.sqrt(posterior.weights @ (logs - posterior.weights @ logs) ** 2)


CELLS = [customers(30, 700, 1), customers(120, 700, 2), customers(60, 40, 3)]


@pytest.fixture(scope="module")
def separate():
    return posteriors(MBG_NBD, CELLS, Sampling("laplace", 500, 2, 1, "separate"))


@pytest.fixture(scope="module")
def hierarchical():
    return posteriors(MBG_NBD, CELLS, Sampling("auto", 500, 4, 1, "hierarchical"))


def test_one_group_is_pooled_whatever_is_asked_for(separate):
    alone = posteriors(MBG_NBD, CELLS[:1], Sampling("laplace", 500, 2, 1, "hierarchical"))
    np.testing.assert_array_equal(alone[0].draws, separate[0].draws)


def test_separate_cells_know_nothing_of_each_other(separate):
    quick, slow, _ = (p.mean()[1] for p in separate)
    assert 20 < quick < 60 < slow < 200


def test_cells_too_many_for_laplace_are_sampled_with_nuts_and_say_so(hierarchical):
    for posterior in hierarchical:
        assert posterior.method == "nuts"
        assert not posterior.rejected_k_hat <= 0.7
        assert posterior.parameters == MBG_NBD.parameters
        assert posterior.r_hat.max() < 1.02


def test_a_small_cell_borrows_from_the_others_and_large_ones_stay_themselves(
    separate, hierarchical
):
    for alone, together in zip(separate[:2], hierarchical[:2], strict=True):
        assert (np.abs(together.mean() - alone.mean()) < 1.5 * alone.sd()).all()
    assert (log_sd(hierarchical[2]) < log_sd(separate[2])).all()
