import pandas as pd
import pyarrow as pa
import pytest

from joren.routes.campaign_routes import route_changes, verdicts
from joren.routes.group_compare import COLUMNS
from joren.routes.paths import customer_routes
from joren.routes.steps import codes_of
from joren.routes.value import known_ltv
from joren.routes.value_words import telling_groups
from joren.routes.worth import (
    edge_names,
    route_edges,
    route_values,
    telling_edges,
    top_overstated,
    typed,
)

COUNTS = [
    {"source_touchpoint": "a", "target_touchpoint": t, "group_name": "all", "customers": 5,
     "transitions": 6, "probability": 0.5, "median_hours": None}
    for t in ("b > c", '"d"')
]  # fmt: skip


def test_every_edge_stays_and_what_is_not_known_of_it_is_null(rows):
    key = {"source_touchpoint": "a", "target_touchpoint": "b > c", "group_name": "all"}
    values = pd.DataFrame([key | {"ltv_difference": 3.0, "lower": 1.0, "upper": 5.0}])
    nothing = pd.DataFrame(columns=[*key, "q_value"])
    found = route_edges(rows(COUNTS, median_hours=pa.float64()), values, nothing).to_pandas()

    assert len(found) == 2
    known = found.set_index("target_touchpoint")
    assert known.ltv_difference["b > c"] == 3.0 and pd.isna(known.ltv_difference['"d"'])
    assert found.q_value.isna().all()


def test_routes_first_touchpoints_and_products_have_one_row_each(rows, steps_of):
    routes = {f"c{i:02}": list("ab" if i % 2 else "ca" if i % 4 else "dab") for i in range(60)}
    routes |= {f"d{i}": ["e", "a"] for i in range(3)}
    steps = steps_of(**routes)
    ltv = rows([
        {"customer_id": name, "ltv_365d": 10.0 + 5 * (route[0] == "d") + len(name) % 3 + i % 5,
         "ltv_365d_sd": 1.0}
        for i, (name, route) in enumerate(routes.items())
    ])  # fmt: skip
    products = rows([{"customer_id": "zz", "product": "tea"}])
    found = route_values(customer_routes(steps, codes_of(steps)), products, known_ltv(ltv), 0.9)

    paths = found[found.kind == "path"].set_index("item")
    assert paths.customers.to_dict() == {"a > b": 30, "c > a": 15, "d > a > b": 15, "e > a": 3}
    assert paths.ltv_difference.idxmax() == "d > a > b"
    firsts = found[found.kind == "first_touchpoint"].set_index("item")
    assert firsts.customers.to_dict() == {"a": 30, "c": 15, "d": 15, "e": 3}


def test_ends_of_routes_have_names():
    assert edge_names({1: "a"}, 2) == {0: "(start)", 1: "a", 2: "(end)"}


def test_telling_edges_are_those_apart_from_all_and_lead_somewhere():
    values = pd.DataFrame({
        "source_touchpoint": list("abcd"), "target_touchpoint": ["x", "(end)", "y", "z"],
        "group_name": "all", "n": [50, 50, 50, 3], "raw": [9.0, 9, -4, 90],
        "ltv_difference": [5.0, 6, -3, 50], "lower": [1.0, 2, -5, 10], "upper": [9.0, 9, -1, 90],
    })  # fmt: skip
    assert telling_edges(values, 5, 10).source_touchpoint.tolist() == ["a", "c"]
    assert top_overstated(values) == pytest.approx((26.0, 14.5))


def test_tables_without_rows_keep_their_types():
    nothing = route_changes([], {})
    assert typed(nothing, "route_changes").schema.field("p_adjusted").type == pa.float64()
    assert not len(verdicts([]))
    ends = ["source_touchpoint", "target_touchpoint"]
    assert not len(telling_groups(pd.DataFrame(columns=COLUMNS + ends)))
