import numpy as np
import pytest
from tests.ltv.sbc import RANKS, ranks, uniformity


@pytest.mark.parametrize("name", ["mbg_nbd", "pareto_nbd"])
def test_the_truth_ranks_anywhere_among_the_draws(name):
    found = ranks(name, "laplace", rounds=24, seed=5)
    assert found.shape == (24, 4)
    assert (uniformity(found) > 1e-3).all()


def test_uneven_ranks_are_found_out():
    rng = np.random.default_rng(1)
    fair = rng.integers(0, RANKS + 1, (200, 1))
    overconfident = np.clip(rng.normal(RANKS / 2, RANKS, (200, 1)), 0, RANKS).astype(int)
    assert uniformity(fair)[0] > 0.01 > 1e-6 > uniformity(overconfident)[0]
