import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import gamma
from scipy.stats import beta as beta_of
from scipy.stats import gamma as gamma_of

from joren.errors import JorenError
from joren.ltv.coin import coin_model, compress
from joren.ltv.statistics import purchase_statistics

R, ALPHA, A, B = PARAMETERS = (0.6, 20.0, 0.9, 2.1)


def by_integration(gaps: list[float], age: float, first_toss: int, stages: int) -> float:
    """Likelihood of one customer from the assumptions alone, by integrating over λ and p."""
    x, t, k = len(gaps), sum(gaps), stages
    tosses = x + first_toss

    def average_rate(silent: bool) -> float:
        def integrand(rate):
            left = rate * (age - t)
            quiet = sum(left**j / gamma(j + 1) for j in range(k)) * np.exp(-left)
            weight = quiet if silent else 1.0
            return (
                rate ** (k * x) * np.exp(-rate * t) * weight * gamma_of.pdf(rate, R, 0, 1 / ALPHA)
            )

        return sum(quad(integrand, low, high)[0] for low, high in ((0, 0.05), (0.05, 5)))

    def average_coin(f):
        return quad(lambda p: f(p) * beta_of.pdf(p, A, B), 0, 1)[0]

    alive = average_coin(lambda p: (1 - p) ** tosses) * average_rate(silent=True)
    stopped = average_coin(lambda p: p * (1 - p) ** (tosses - 1)) if tosses else 0.0
    spacing = np.prod([gap ** (k - 1) / gamma(k) for gap in gaps])
    return float(spacing * (alive + stopped * average_rate(silent=False)))


@pytest.mark.parametrize(("first_toss", "stages"), [(0, 1), (1, 1), (1, 3)])
@pytest.mark.parametrize(("gaps", "age"), [([], 30.0), ([4.0, 9.0], 50.0), ([8.0], 8.0)])
def test_the_likelihood_is_what_the_assumptions_say(gaps, age, first_toss, stages):
    model = coin_model("any", "any", first_toss, stages)
    one = purchase_statistics(
        [len(gaps)], [sum(gaps)], [age], log_gaps=[float(np.sum(np.log(gaps)))]
    )
    expected = np.log(by_integration(gaps, age, first_toss, stages))
    assert model.log_likelihood(one, *PARAMETERS) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(("first_toss", "stages"), [(0, 1), (1, 1), (1, 4)])
def test_the_gradient_is_that_of_the_likelihood_in_every_group(first_toss, stages):
    model = coin_model("any", "any", first_toss, stages)
    groups = [
        purchase_statistics([0, 2, 7], [0, 20, 60], [50, 40, 60], log_gaps=[0.0, 5.0, 14.0]),
        purchase_statistics([0, 1], [0, 9], [30, 90], [2, 5], log_gaps=[0.0, 11.0]),
    ]
    data = model.compress(groups).values()
    at = np.array([[0.6, 0.3], [20.0, 35.0], [0.9, 1.4], [2.1, 0.7]])
    gradient = model.kernel(at, *data)[1]
    for place in np.ndindex(at.shape):
        step = np.zeros_like(at)
        step[place] = 1e-5 * at[place]
        difference = model.kernel(at + step, *data)[0] - model.kernel(at - step, *data)[0]
        assert gradient[place] == pytest.approx(difference / (2 * step[place]), rel=1e-6, abs=1e-7)


def test_rows_add_up_to_the_whole_but_for_their_constants():
    model = coin_model("any", "any", first_toss=1, stages=2)
    some = purchase_statistics(
        [0, 3, 3], [0, 30, 31], [50, 40, 60], [4, 1, 2], log_gaps=[0.0, 6.9, 13.0]
    )
    rows = model.pointwise(some, np.array([PARAMETERS]))[0]
    total = rows @ some.customers + model.constants(some).sum()
    assert total == pytest.approx(model.log_likelihood(some, *PARAMETERS), rel=1e-12)


def test_each_logarithm_is_taken_once():
    sums = compress([purchase_statistics([0, 0, 1, 1, 2], [0, 0, 3, 4, 4], [9, 9, 9, 9, 9])], 0, 1)
    assert sums["frequencies"].tolist() == [[0, 0, 0], [0, 1, 2], [2, 2, 1]]
    assert sums["times"][1].tolist() == [0, 3, 4, 9]
    assert sums["rows"].shape == (4, 4)


def test_regular_orders_need_the_times_between_them():
    model = coin_model("any", "any", first_toss=1, stages=2)
    with pytest.raises(JorenError, match="times between orders are not known"):
        model.log_likelihood(purchase_statistics([1], [5], [9]), *PARAMETERS)


@pytest.mark.parametrize("parameters", [(0.2, 30, 1.0, 2.0), (0.2, 30, 0.1, 0.2)])
@pytest.mark.parametrize(
    "customers", [([0], [0], [0]), ([1500], [700], [700]), ([0, 0], [0, 0], [5, 9])]
)
@pytest.mark.parametrize("first_toss", [0, 1])
def test_the_likelihood_is_finite_at_the_edges(customers, parameters, first_toss):
    model = coin_model("any", "any", first_toss)
    value, gradient = model.kernel(
        np.array(parameters)[:, None], *model.compress([purchase_statistics(*customers)]).values()
    )
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()
