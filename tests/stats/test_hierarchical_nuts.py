import numpy as np
import pytest
from tests.stats.hillstrom import table

from joren.stats.hierarchical_model import rate_part, size_part
from joren.stats.hierarchical_nuts import _compiled, sample_part
from joren.stats.nested_laplace import nested_laplace


@pytest.mark.parametrize("kind", [rate_part, size_part])
def test_nuts_and_nested_laplace_are_one_posterior_in_every_cell_of_hillstrom(kind):
    part = kind(table("spend"))
    sampled = sample_part(part, 2000, 4, 1)
    assert sampled.problems() == []
    eta = sampled.draws[:, :-1].reshape(-1, 8, 3)
    fast = nested_laplace(part, 8000, 1)
    theirs, ours = (x[..., 1:] - x[..., :1] for x in (eta, fast.eta))
    mean = np.einsum("d,dsk->sk", fast.weights, ours)
    sd = np.sqrt(np.einsum("d,dsk->sk", fast.weights, (ours - mean) ** 2))
    assert np.abs((mean - theirs.mean(0)) / theirs.std(0)).max() < 0.1
    assert (sd / theirs.std(0)).min() > 0.93
    assert (sd / theirs.std(0)).max() < 1.07
    assert sampled.mean()[-1] == pytest.approx(fast.weights @ fast.tau, rel=0.1)


def test_other_data_are_fitted_without_compiling_again():
    once = _compiled.cache_info().misses
    for outcome in ("conversion", "visit"):
        part = rate_part(table(outcome))
        sampled = sample_part(part, 300, 2, 1)
        rates = part.value(sampled.mean()[:-1].reshape(8, 3))
        assert (part.n * rates).sum() == pytest.approx(part.total.sum(), rel=0.03)
    assert _compiled.cache_info().misses <= once + 1
