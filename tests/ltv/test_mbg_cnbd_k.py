import math

import pytest

from joren.ltv.mbg_cnbd_k import mbg_cnbd
from joren.ltv.mbg_nbd import MBG_NBD
from joren.ltv.statistics import purchase_statistics

PARAMETERS = (0.6, 20.0, 0.9, 2.1)


def test_one_stage_is_mbg_nbd():
    some = purchase_statistics([0, 3], [0, 30], [50, 40], log_gaps=[0.0, 6.9])
    assert mbg_cnbd(1).log_likelihood(some, *PARAMETERS) == pytest.approx(
        MBG_NBD.log_likelihood(some, *PARAMETERS), rel=1e-14
    )


def test_even_gaps_are_likelier_with_more_stages_and_uneven_ones_with_fewer():
    def likelihood(gaps, stages):
        x, t = len(gaps), sum(gaps)
        logs = sum(math.log(gap) for gap in gaps)
        one = purchase_statistics([x], [t], [t], log_gaps=[logs])
        r, alpha, a, b = PARAMETERS
        return mbg_cnbd(stages).log_likelihood(one, r, alpha / stages, a, b)

    even, uneven = [10.0] * 8, [1.0, 1.0, 1.0, 37.0, 1.0, 1.0, 1.0, 37.0]
    assert likelihood(even, 3) > likelihood(even, 1)
    assert likelihood(uneven, 3) < likelihood(uneven, 1)
