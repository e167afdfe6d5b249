import numpy as np
import pytest

from joren.routes.edges import end_code_of, transitions
from joren.routes.group_compare import compare_all


@pytest.fixture
def told(rows, steps_of):
    """Customers of two shops; those of one go on to `b` nine times in ten, of the other to `c`."""

    def make(size: int = 60):
        rng = np.random.default_rng(4)
        routes, groups = {}, []
        for i in range(2 * size):
            east = i < size
            odds = 0.9 if east else 0.1
            routes[f"c{i:03}"] = ["a", "b" if rng.random() < odds else "c"]
            groups.append(
                {"customer_id": f"c{i:03}", "group_name": f"shop:{'east' if east else 'west'}"}
            )
        steps = steps_of(**routes)
        return transitions(steps, end_code_of(steps)), rows(groups)

    return make


def test_both_sides_of_a_dimension_are_compared_with_each_other(told):
    found = compare_all(*told(), 0.9, 1)
    edge = found[(found.source == 1) & (found.target == 2)].set_index("group_name")

    assert edge.p_adjusted.max() <= 0.01 and edge.q_value.max() <= 0.05
    assert edge.difference["shop:east"] == pytest.approx(-edge.difference["shop:west"])
    assert edge.lower["shop:east"] > 0.5
    start = found[found.source == 0].set_index("group_name")
    assert start.difference.tolist() == pytest.approx([0, 0])


def test_sides_of_few_customers_are_not_compared(told):
    assert not len(compare_all(*told(20), 0.9, 1))


def test_one_period_alone_has_nothing_before_it(told):
    pairs, groups = told()
    assert set(compare_all(pairs, groups, 0.9, 1).beside) == {"others"}
