import pytest
from tests.churn.sbc import ranks
from tests.ltv.sbc import uniformity


@pytest.mark.parametrize("cause", ["voluntary", "payment"])
def test_the_truth_ranks_anywhere_among_the_draws(cause):
    found = ranks(cause, "laplace", rounds=24, seed=3)
    assert len(found) == 24
    assert (uniformity(found) > 1e-3).all()


@pytest.mark.parametrize("seed", [28, 30, 38])
def test_a_world_where_the_way_to_the_mode_is_steep_has_a_posterior(seed):
    assert ranks("voluntary", "laplace", rounds=1, seed=seed).shape == (1, 9)
