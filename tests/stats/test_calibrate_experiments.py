import numpy as np
import pytest
from tests.ltv.sbc import RANKS, uniformity
from tests.stats.calibrate_experiments import _claimed, ranks


@pytest.mark.parametrize("kind", ["rate", "size", "mean"])
def test_a_few_worlds_from_the_prior_have_their_truth_anywhere_in_the_posterior(kind):
    found = ranks(kind, 40, seed=2)
    assert found.shape == (40, 3)
    assert uniformity(found).min() > 1e-4
    assert np.abs(found.mean(axis=0) / RANKS - 0.5).max() < 0.2


def test_more_claims_than_noise_explains_fail_the_calibration():
    assert _claimed("looks", {"fixed": 0.24, "sequence": 0.07}, "sequence", 0.05, 2000)
    assert not _claimed("looks", {"fixed": 0.24, "sequence": 0.05}, "sequence", 0.05, 2000)
