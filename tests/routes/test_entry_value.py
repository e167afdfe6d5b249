import numpy as np

from joren.routes.entry_value import OTHER, value_by_entry


def _tables(rows, groups: dict[str, list[float]]):
    entry, ltv = [], []
    for product, values in groups.items():
        for i, value in enumerate(values):
            entry.append({"customer_id": f"{product}{i}", "product_id": product})
            ltv.append({"customer_id": f"{product}{i}", "ltv_365d": float(value)})
    return rows(entry), rows(ltv)


def test_a_product_of_few_customers_is_drawn_to_the_others(rows):
    rng = np.random.default_rng(1)
    groups = {f"p{i}": rng.normal(100, 40, 200) for i in range(6)}
    groups["rare"] = rng.normal(100, 40, 6) + 60
    found = value_by_entry(*_tables(rows, groups), 0.9).set_index("product_id")

    assert found.raw_mean["rare"] > 140
    assert abs(found["mean"]["rare"] - 100) < abs(found.raw_mean["rare"] - 100) / 2
    assert found.lower["rare"] < 100 < found.upper["rare"]


def test_a_product_that_differs_beyond_doubt_keeps_its_value(rows):
    rng = np.random.default_rng(2)
    groups = {f"p{i}": rng.normal(100, 40, 200) for i in range(5)}
    groups["best"] = rng.normal(160, 40, 200)
    found = value_by_entry(*_tables(rows, groups), 0.9)

    assert found.product_id[0] == "best"
    assert found.lower[0] > found.centre[0]
    assert abs(found["mean"][0] - 160) < 10


def test_rare_products_are_put_together_and_one_product_tells_nothing(rows):
    groups = {"a": [1.0, 2, 3, 4, 5, 6], "b": [2.0] * 3, "c": [3.0] * 3}
    found = value_by_entry(*_tables(rows, groups), 0.9)

    assert sorted(found.product_id) == [OTHER, "a"]
    assert value_by_entry(*_tables(rows, {"a": [1.0, 2, 3, 4, 5]}), 0.9).empty
