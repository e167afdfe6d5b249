import numpy as np
import pyarrow as pa
import pytest
from tests.routes.conftest import touch_rows

from joren.routes.attribution import attribute
from joren.routes.bootstrap import bootstrap, customers_of
from joren.routes.chain import count, memories
from joren.routes.credit import beside_rules, credit_table
from joren.routes.heuristics import credit_by_rule, rule_rows
from joren.routes.shapley import shapley_rows


@pytest.fixture
def table(rows):
    rng = np.random.default_rng(1)
    journeys = [
        (f"C{i % 40}", "".join(rng.choice(list("abc"), size=1 + rng.poisson(1))),
         int(rng.random() < 0.4), 7.5)
        for i in range(200)
    ]  # fmt: skip
    given = rows(touch_rows(*journeys), value=pa.decimal128(18, 4))
    remembered = memories(given, 3, 2)
    counts = count(remembered, 3, 2)
    ruled = rule_rows(given).union(shapley_rows(given))
    draws = bootstrap(customers_of(remembered, ruled, counts), 200, seed=1)
    chains = {k: attribute(counts.at_order(k)) for k in (1, 2)}
    names = {1: "a > b", 2: "メール", 3: "c"}
    return credit_table(counts, chains, credit_by_rule(ruled, 3), draws, names, 2, 0.9)


def test_every_model_splits_all_conversions_and_all_value(table):
    sums = table.groupby("model")[["share", "conversions", "value"]].sum()

    assert sorted(sums.index) == ["first", "last", "linear", "markov_1", "markov_2", "shapley"]
    assert sums.share.tolist() == pytest.approx([1] * 6)
    assert sums.conversions.tolist() == pytest.approx([sums.conversions.iloc[0]] * 6)
    assert sums.value.tolist() == pytest.approx([7.5 * sums.conversions.iloc[0]] * 6)


def test_intervals_hold_their_estimates_and_names_survive(table):
    assert table.share.between(table.lower, table.upper).all()
    assert table.value.between(table.value_lower, table.value_upper).all()
    assert set(table.touchpoint) == {"a > b", "メール", "c"}


def test_only_the_chosen_order_is_marked_and_stands_beside_the_rules(table):
    assert set(table[table.chosen].model) == {"markov_2"}
    wide = beside_rules(table)
    assert wide.share.is_monotonic_decreasing
    assert wide[["first", "last", "linear", "shapley"]].sum().tolist() == pytest.approx([1] * 4)
