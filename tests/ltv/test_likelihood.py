import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest

from joren.ltv import coin
from joren.ltv.likelihood import LogLikelihood
from joren.ltv.statistics import purchase_statistics

DATA = list(coin.compress([purchase_statistics([0, 2], [0, 20], [50, 40], [3, 2])], 1, 1).values())


def test_interpreted_and_compiled_values_agree_and_shapes_are_known():
    parameters = pt.matrix("parameters")
    value, gradient = LogLikelihood(coin.kernel)(parameters, *DATA)
    at = np.array([[0.6], [20.0], [0.9], [2.1]])
    plain = pytensor.function([parameters], [value, gradient], mode="FAST_COMPILE")(at)
    fast = pytensor.function([parameters], [value, gradient, gradient.shape[0]], mode="NUMBA")(at)
    assert float(plain[0]) == pytest.approx(float(fast[0]), rel=1e-14)
    np.testing.assert_allclose(plain[1], fast[1], rtol=1e-12)
    assert int(fast[2]) == 4


def test_a_changed_formula_is_another_node():
    op = LogLikelihood(coin.kernel)
    assert op == LogLikelihood(coin.kernel)
    op.source = "another"
    assert op != LogLikelihood(coin.kernel)
