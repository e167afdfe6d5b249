import numpy as np
import pytest

from joren.routes.value_model import Observed, build_model, differences, fit, spreads_of
from joren.stats.inference import sample


def _observed(seed: int, places: int = 5, noise: float = 20.0) -> Observed:
    rng = np.random.default_rng(seed)
    source, target = np.divmod(np.arange(places**2), places)
    truth = rng.normal(0, 40, places)[source] + rng.normal(0, 25, places)[target]
    sd = noise * rng.uniform(0.3, 3, places**2)
    travelled = np.linspace(-1.5, 1.5, places**2)
    means = truth + rng.normal(0, 1, places**2) * sd
    return Observed(means, sd, 12.0, travelled, {"origin": source, "destination": target}, 100.0)


def test_the_fast_path_is_the_posterior_of_the_model():
    observed = _observed(3)
    found = fit(observed, 0.9)
    drawn = sample(build_model(observed), ["theta"], "nuts", draws=1500, chains=2, seed=5)

    assert found.mean == pytest.approx(drawn.mean(), abs=0.12 * found.sd.mean())
    assert found.sd == pytest.approx(drawn.sd(), rel=0.12)


def test_an_edge_without_information_is_where_its_ends_are():
    observed = _observed(1)
    noise = observed.noise.copy()
    noise[7] = 1e6
    blind = Observed(observed.means, noise, 1.0, observed.travelled, observed.ends, 100.0)
    moved = observed.means.copy()
    moved[7] += 500
    again = Observed(moved, noise, 1.0, observed.travelled, observed.ends, 100.0)

    assert fit(again, 0.9).mean[7] == pytest.approx(fit(blind, 0.9).mean[7], abs=0.5)


def test_a_sure_edge_stays_where_it_was_read():
    observed = _observed(2)
    noise = np.full_like(observed.noise, 0.5)
    sure = Observed(observed.means, noise, 0.01, observed.travelled, observed.ends, 100.0)

    assert fit(sure, 0.9).mean == pytest.approx(observed.means, abs=2)


def test_currency_does_not_matter():
    observed = _observed(4)
    yen = Observed(observed.means * 150, observed.noise * 150, observed.common * 150,
                   observed.travelled, observed.ends, observed.scale * 150)  # fmt: skip

    assert fit(yen, 0.9).mean == pytest.approx(150 * fit(observed, 0.9).mean)


def test_noise_in_common_widens_all_and_moves_no_edge_beside_another():
    observed = _observed(6)
    shared = Observed(
        observed.means, observed.noise, 60.0, observed.travelled, observed.ends, 100.0
    )
    spreads = spreads_of(observed)
    narrow, wide = (differences(one, spreads, 0.9) for one in (observed, shared))

    assert (wide.sd > narrow.sd).all()
    apart = narrow.mean - narrow.mean.mean()
    assert wide.mean - wide.mean.mean() == pytest.approx(apart, abs=6)
