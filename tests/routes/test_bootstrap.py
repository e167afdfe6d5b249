import numpy as np
import pyarrow as pa
import pytest
from tests.routes.conftest import touch_rows

from joren.routes.attribution import attribute
from joren.routes.bootstrap import bootstrap, customers_of
from joren.routes.chain import count, memories
from joren.routes.heuristics import credit_by_rule, rule_rows
from joren.routes.shapley import shapley_rows

LETTERS, VALUE = "abcd", pa.decimal128(18, 4)


def _population(rng, customers):
    """Customers who differ strongly: each has touchpoints of her own liking, and her own luck."""
    journeys = []
    for customer in range(customers):
        taste = rng.dirichlet(np.full(len(LETTERS), 0.4))
        luck = rng.beta(0.5, 1.5)
        for _ in range(1 + rng.poisson(4)):
            letters = "".join(rng.choice(list(LETTERS), size=1 + rng.poisson(1.5), p=taste))
            converts = rng.random() < np.clip(luck + 0.2 * ("a" in letters), 0, 1)
            journeys.append((f"C{customer:05d}", letters, int(converts), 0))
    return journeys


def _customers(rows, journeys, order=1):
    given = rows(touch_rows(*journeys), value=VALUE)
    remembered = memories(given, len(LETTERS), order)
    counts = count(remembered, len(LETTERS), order)
    ruled = rule_rows(given).union(shapley_rows(given))
    return customers_of(remembered, ruled, counts), counts, ruled


@pytest.fixture
def journeys():
    return _population(np.random.default_rng(5), 120)


def test_draws_lie_around_the_estimates(rows, journeys):
    customers, counts, ruled = _customers(rows, journeys, order=2)
    draws = bootstrap(customers, 300, seed=1)

    for order in (1, 2):
        share = attribute(counts.at_order(order)).share
        assert draws.share[f"markov_{order}"].mean(0) == pytest.approx(share, abs=0.02)
    for rule, (conversions, _value) in credit_by_rule(ruled, len(LETTERS)).items():
        share = conversions / conversions.sum()
        assert draws.share[rule].mean(0) == pytest.approx(share, abs=0.02)


def test_the_same_seed_gives_the_same_draws_whatever_the_order_of_rows(rows, journeys):
    first = bootstrap(_customers(rows, journeys)[0], 60, seed=1)
    second = bootstrap(_customers(rows, journeys[::-1])[0], 60, seed=1)

    for model in first.share:
        np.testing.assert_allclose(first.share[model], second.share[model], atol=1e-12)
    other = bootstrap(_customers(rows, journeys)[0], 60, seed=2)
    assert not np.allclose(first.share["markov_1"], other.share["markov_1"])


def test_equal_customers_leave_no_doubt(rows):
    same = [(f"C{i}", letters, c, 1) for i in range(50) for letters, c in (("ab", 1), ("b", 0))]
    draws = bootstrap(_customers(rows, same)[0], 50, seed=1)
    assert draws.share["markov_1"].std(0).max() < 1e-9


def test_intervals_hold_the_truth_where_customers_differ_strongly(rows):
    held = coverage(rows, datasets=16, draws=100)
    # nominal .90, claimed ≥ .80: the mean over dependent shares, less two standard errors
    assert held.mean() >= 0.80 - 2 * held.mean(1).std() / np.sqrt(len(held))


def coverage(rows, datasets, draws, customers=150, population=5000):
    """Whether each touchpoint's interval holds the truth, (datasets, touchpoints)."""
    rng = np.random.default_rng(11)
    _all, counts, _ruled = _customers(rows, _population(rng, population))
    truth = attribute(counts).share
    held = []
    for seed in range(datasets):
        sample = _customers(rows, _population(rng, customers))[0]
        share = bootstrap(sample, draws, seed).share["markov_1"]
        lower, upper = np.quantile(share, [0.05, 0.95], axis=0)
        held.append((lower <= truth) & (truth <= upper))
    return np.array(held)
