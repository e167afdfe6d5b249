import pytest
from hypothesis import given
from hypothesis import strategies as st

from joren.routes.paths import customer_routes, join, quoted, route_paths, split
from joren.routes.steps import codes_of


@given(st.lists(st.text(), min_size=1, max_size=6))
def test_a_written_route_is_read_back_whatever_its_names(names):
    assert split(join(names)) == names


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("a", "a"),
        ("問い合わせ", "問い合わせ"),
        ("a > b", '"a \\u003e b"'),
        ('"', '"\\""'),
        ("", '""'),
    ],
)
def test_only_names_that_would_mislead_are_quoted(name, written):
    assert quoted(name) == written


def test_a_route_names_each_touchpoint_where_it_was_first_met(steps_of):
    steps = steps_of(A=["b", "a > x", "b", "b"], B=["b"])
    found = customer_routes(steps, codes_of(steps)).order_by("customer_id").to_pandas()

    assert [split(path) for path in found.path] == [["b", "a > x"], ["b"]]


@pytest.fixture
def paths(steps_of, rows):
    """Six customers on one route, one on another, with what became of them."""
    people = {f"C{i}": ["a", "b"] for i in range(6)} | {"D": ["b"]}
    steps = steps_of(**people)
    fate = rows([
        {"customer_id": c, "converted": c in ("C0", "C1"), "churned": c == "D"} for c in people
    ])  # fmt: skip
    ltv = rows([{"customer_id": f"C{i}", "ltv_365d": float(i)} for i in range(6)])
    groups = rows([{"customer_id": c, "group_name": "rank:high"} for c in ("C0", "D")])
    made = route_paths(customer_routes(steps, codes_of(steps)), fate, groups, ltv, 0.9)
    return made.to_pandas().set_index(["group_name", "path"])


def test_every_customer_has_one_route_and_shares_add_up(paths):
    assert paths.loc["all"].customers.sum() == 7
    assert paths.groupby("group_name").share.sum().tolist() == [1, 1]
    row = paths.loc[("all", "a > b")]
    assert (row.customers, row.converted, row.churned) == (6, 2, 0)
    assert paths.loc[("all", "b"), "churned"] == 1


def test_the_mean_ltv_bears_students_interval_from_five_customers_on(paths):
    row = paths.loc[("all", "a > b")]
    # scipy: t.ppf(.95, 5) · sd(0…5) / √6 = 2.015048 · 1.870829 / 2.449490
    assert row.mean_ltv == 2.5
    assert row.upper - row.mean_ltv == pytest.approx(1.539019, abs=1e-6)
    assert paths.loc[("rank:high", "a > b"), ["lower", "upper"]].isna().all()
    assert paths.loc[("all", "b"), ["mean_ltv", "lower"]].isna().all()
