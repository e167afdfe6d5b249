import numpy as np
import pyarrow as pa
import pytest
from tests.routes.conftest import touch_rows

from joren.routes.chain import memories
from joren.routes.order_choice import choose, choose_order

TOUCHPOINTS, FOLDS = 4, 10


def grams_of_a_chain(order, seed, customers=1500):
    """Grams of order 3 by fold of customers whose chain remembers `order` touchpoints."""
    rng = np.random.default_rng(seed)
    base = TOUCHPOINTS + 1
    # a row for every memory: chances of touchpoints 1…C, of an end with and without conversion
    chances = rng.dirichlet(np.full(TOUCHPOINTS + 2, 0.7), size=base**order)
    grams, ends = {}, {}
    for customer in range(customers):
        fold = customer % FOLDS
        for _journey in range(2):
            memory, length = 0, 0
            while True:
                row = chances[memory % base**order]
                symbol = int(rng.choice(TOUCHPOINTS + 2, p=row)) + 1
                if (symbol > TOUCHPOINTS and length) or length >= 12:
                    key = (fold, memory % base**3)
                    ends.setdefault(key, [0, 0])[int(symbol != TOUCHPOINTS + 1)] += 1
                    break
                if symbol > TOUCHPOINTS:
                    continue
                gram = (memory * base + symbol) % base**4
                grams[fold, gram] = grams.get((fold, gram), 0) + 1
                memory, length = gram, length + 1
    g, e = sorted(grams), sorted(ends)
    return (
        {"fold": np.array([k[0] for k in g]), "gram": np.array([k[1] for k in g]),
         "n": np.array([grams[k] for k in g])},
        {"fold": np.array([k[0] for k in e]), "end": np.array([k[1] for k in e]),
         "converted": np.array([ends[k][0] for k in e]), "null": np.array([ends[k][1] for k in e]),
         "open": np.zeros(len(e), dtype=int)},
    )  # fmt: skip


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("seed", range(4))
def test_a_chain_is_given_its_true_order_and_never_a_higher_one(order, seed):
    found = choose(*grams_of_a_chain(order, seed), TOUCHPOINTS, 3)

    assert found.order == order
    assert (found.by_bic, found.by_journeys) == (order, order)


def test_little_data_do_not_buy_memory():
    found = choose(*grams_of_a_chain(2, 1, customers=10), TOUCHPOINTS, 3)
    assert found.order == 1


def test_journeys_of_a_customer_are_left_out_together(rows):
    given = touch_rows(*[(f"C{i}", "ab", int(i % 3 == 0), 1) for i in range(60)])
    found = choose_order(memories(rows(given, value=pa.decimal128(18, 4)), 2, 2), 2, 2)

    assert found.journeys == 60
    assert found.order == 1
    assert found.behind.min() == 0
