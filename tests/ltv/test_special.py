import numpy as np
from scipy import special as scipy_special

from joren.ltv.special import digamma, lgamma

X = np.r_[np.logspace(-3, 6, 60), 1.4616321449683622]


def test_digamma_is_scipys():
    found = np.array([digamma(x) for x in X])
    np.testing.assert_allclose(found, scipy_special.digamma(X), rtol=1e-12, atol=1e-13)


def test_lgamma_is_scipys():
    found = np.array([lgamma(x) for x in X])
    np.testing.assert_allclose(found, scipy_special.gammaln(X), rtol=1e-12, atol=1e-13)
