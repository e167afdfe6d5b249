import pytest
from tests.churn.sbc import ranks
from tests.ltv.sbc import uniformity


@pytest.mark.parametrize("cause", ["voluntary", "payment"])
def test_the_truth_ranks_anywhere_among_the_draws(cause):
    found = ranks(cause, "laplace", rounds=24, seed=3)
    assert len(found) == 24
    assert (uniformity(found) > 1e-3).all()
